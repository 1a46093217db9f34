"""The Settings dialog: one file per page, imported when it is first opened."""
