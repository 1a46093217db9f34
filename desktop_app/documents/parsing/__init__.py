"""Files become pages of text. All of it that touches a file's bytes runs in a worker process (`worker.py`)."""
