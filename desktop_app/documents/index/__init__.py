"""The search index: a cache of the database behind a small interface (base.py); here kept in local files."""
