"""The Threads pane: every conversation that was held here, by any program."""
