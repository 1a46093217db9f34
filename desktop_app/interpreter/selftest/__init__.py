"""Attacks on the sandbox, which the tests and any user's machine run alike: each must be refused."""
