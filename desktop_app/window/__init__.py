"""The window: a client like any other, and the only place that imports Qt. A folder per pane."""
