"""Where everything is kept: the database with its tables and migrations, and the files' bytes."""
