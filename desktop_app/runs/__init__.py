"""Running an assistant on a thread: the loop, its steps, its events, prompts and citations."""
