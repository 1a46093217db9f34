"""The Source pane: the original document with the cited passage marked."""
