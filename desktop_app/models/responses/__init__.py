"""The Responses wire: OpenAI's own API for answers, without keeping anything at the provider."""
