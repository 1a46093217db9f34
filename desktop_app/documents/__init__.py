"""Documents: files become pages, pages chunks and windows, windows vectors; and all of it is searched."""
