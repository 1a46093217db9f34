"""The Documents pane: the files of a vector store, how far each has been read, and adding more."""
