"""Words that both sides know."""

READER_MODEL = "deskside-reader"
"""The built-in reader's name among the models; by it the reader answers even where a provider is set."""

READER_PROVIDER = "deskside"
"""`provider_id` of the built-in reader in `wire.models.ModelExtension`, by whatever name it was asked."""

LOCAL_PREFIX = "local/"
"""What stands before the id of a local model where models are named."""

NOT_FOUND = "I could not find this in your documents."
"""The whole answer when the documents do not say it; the reader writes it, and models are asked to."""
