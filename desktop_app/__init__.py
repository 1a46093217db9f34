"""Deskside: ask your documents; and a local service that speaks the OpenAI Assistants API v2."""

__version__ = "0.1.0"
