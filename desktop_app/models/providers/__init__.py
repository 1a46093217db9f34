"""The providers a person set up: what they are, their keys, their models, and whether they answer."""
