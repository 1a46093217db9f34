"""How the built-in reader understands a question and finds the sentences that answer it."""
