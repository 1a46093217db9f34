"""Sentences that both sides know."""

NOT_FOUND = "I could not find this in your documents."
"""The whole answer when the documents do not say it; the reader writes it, and models are asked to."""
