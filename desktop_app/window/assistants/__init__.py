"""The Assistants pane: the list, adding and deleting."""
