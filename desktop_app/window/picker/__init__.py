"""Choosing which model answers: the button in the composer and the list that opens from it."""
