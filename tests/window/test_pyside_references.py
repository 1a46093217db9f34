"""Guards the pinned version of PySide6: 6.12.0 takes a reference off None in each call that returns nothing, and
Python 3.10 and 3.11 abort after some thousand of them."""

import sys

from PySide6.QtCore import QObject


def test_calls_that_return_nothing_keep_the_references_of_none(qapp: object) -> None:
    target = QObject()
    before = sys.getrefcount(None)
    for _ in range(100):
        target.setObjectName("name")
    # other threads may use None meanwhile, but nobody gives back 50 references that nobody took
    assert sys.getrefcount(None) > before - 50
