"""Selected text, within a message and across messages."""

from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """Before the character `position` of the document in `row`."""

    row: int
    position: int


END = 1 << 30
"""A position after the last character of any row."""


@dataclass(frozen=True, slots=True)
class Selection:
    """From where the mouse was pressed to where it is; nothing is selected while both are the same."""

    anchor: Place
    head: Place

    @property
    def start(self) -> Place:
        return min(self.anchor, self.head)

    @property
    def end(self) -> Place:
        return max(self.anchor, self.head)

    def __bool__(self) -> bool:
        return self.anchor != self.head

    def within(self, row: int) -> tuple[int, int] | None:
        """The selected positions of `row`; None when it has none."""
        start, end = self.start, self.end
        if not self or not start.row <= row <= end.row:
            return None
        return start.position if row == start.row else 0, end.position if row == end.row else END
