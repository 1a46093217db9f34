"""Where things are, what can be set, and the keys in the operating system's keyring. Imports nothing of ours."""
