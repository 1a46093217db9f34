"""An OpenAI client pointed at a Deskside service, typed calls for our extensions, and starting a local service."""
