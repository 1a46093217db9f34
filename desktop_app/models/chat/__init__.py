"""The Chat Completions wire: any OpenAI-compatible provider as a source of answers."""
