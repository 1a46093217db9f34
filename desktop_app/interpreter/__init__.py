"""Sandboxed Python sessions."""
