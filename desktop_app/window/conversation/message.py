"""A message and its rows: which parts its text has, and which of them a change leaves as they are."""

from collections.abc import Sequence
from operator import is_

from desktop_app.window.conversation.blocks import WANTED, Part, definitions, split
from desktop_app.window.conversation.chips import Chips
from desktop_app.window.conversation.code import CodeTextRow, code_in_words
from desktop_app.window.conversation.fold import FoldRow
from desktop_app.window.conversation.items import MessageItem, ProducedFile
from desktop_app.window.conversation.notes import NoteRow, TimeRow
from desktop_app.window.conversation.produced import FilesRow, PictureRow
from desktop_app.window.conversation.rows import BubbleRow, Row, TextRow
from desktop_app.window.conversation.scene import Scene
from desktop_app.window.conversation.thoughts import ThoughtTextRow, thoughts_in_words

SPEAKERS = {"user": "You", "assistant": "Deskside", "thoughts": "Deskside", "code": "Deskside"}
_ROWS = {"user": BubbleRow, "assistant": TextRow, "thoughts": ThoughtTextRow, "code": CodeTextRow}
_FOLDS = {"thoughts": (thoughts_in_words, "thought"), "code": (code_in_words, "file-code")}
"""What is folded: what its line says, and its picture."""
_IN_WORDS = {"thoughts": "what the model thought", "code": "the code"}


class Message:
    """`rows` from `first_row` of the conversation on; `with_time`: the time stands above it."""

    def __init__(self, item: MessageItem, with_time: bool = False) -> None:
        self.item = item
        self._last = False
        self.chips = Chips(item.citations)
        self.first_row = 0
        self._time: list[Row] = [TimeRow(item.created_at)] if with_time else []
        self._parts: list[Part] = []
        self._texts: list[TextRow] = []
        self._note: NoteRow | None = None
        self._pictures: list[PictureRow] = []
        self._files: list[FilesRow] = []
        self._shown_pictures: Sequence[str] = ()
        self._shown_files: Sequence[ProducedFile] = ()
        self._fold: FoldRow | None = None
        self.is_open = False
        """Of what is folded: whether its text is shown."""
        self.rows: list[Row] = []
        self.update(item)

    @property
    def can_retry(self) -> bool:
        return self._note is not None and self._note.can_retry

    @property
    def buttons(self) -> list[str]:
        """What can be pressed in the message, in words."""
        if self._fold is not None:
            return [f"{'Hide' if self.is_open else 'Show'} {_IN_WORDS[self.item.role]}"]
        notes = self._note.button_names if self._note is not None else []
        return [*(file.action for file in self.item.files), *notes]

    def set_last(self, last: bool) -> bool:
        """Only the last message of a conversation can be tried again. True: its last row is another one now."""
        changed = self._note is not None and self._last != last
        self._last = last
        if self._note is not None:
            self._note.can_retry = last and self.item.status == "failed"
        return changed

    def update(self, item: MessageItem) -> int:
        """Show `item` from now on. Answers how many rows, from the first, are as they were before.

        While a message grows, its finished blocks keep their parts and only the last one is cut and parsed again;
        a message that is complete is cut anew as a whole. Of what is folded nothing is cut.
        """
        if item.role in _FOLDS:
            self._show_fold(item)
        folded = self._fold is not None and not self.is_open
        growing = item.status == "in_progress"
        text = item.text
        finished = 0
        if growing and self._parts and not folded and text.startswith(self.item.text):
            tail = self._parts.pop()
            finished = len(self._parts)
            self._parts += split(text, tail.start, tail.before, wanted=1)
        else:
            self._parts = split(text, wanted=1 if growing else WANTED) if text.strip() and not folded else []
        if item.citations is not self.item.citations:
            self.chips, finished = Chips(item.citations), 0
        self.item = item
        kind = _ROWS[item.role]
        found = "" if growing or item.role != "assistant" else definitions(text)
        texts = [kind(item.id, text, part, self.chips, growing, found) for part in self._parts[finished:]]
        kept = finished + _same(self._texts[finished:], texts)
        self._texts = [*self._texts[:kept], *texts[kept - finished :]]
        for index, row in enumerate(self._texts):
            row.first, row.last = index == 0 and not item.pictures, index == len(self._texts) - 1
        if item.pictures != self._shown_pictures:
            self._shown_pictures = item.pictures
            self._pictures = [
                PictureRow(item.id, each, at == 0 and self._fold is None) for at, each in enumerate(item.pictures)
            ]
        if item.files != self._shown_files:
            self._shown_files = item.files
            self._files = [FilesRow(item.id, item.files)] if item.files else []
        self._note = self._note_row(alone=not self._texts and not self._pictures)
        before = self.rows
        head = [self._fold] if self._fold else []
        below = [*self._files, *([self._note] if self._note else [])]
        self.rows = [*self._time, *head, *self._pictures, *self._texts, *below]
        return sum(map(is_, before, self.rows))

    def plain_text(self, scene: Scene, most: int) -> str:
        """The text as it is read, with its note; about `most` characters of it."""
        pieces = [self._fold.words] if self._fold is not None else []
        for row in (*self._pictures, *self._texts, *self._files, *([self._note] if self._note else [])):
            pieces.append(row.plain_text(scene))
            most -= len(pieces[-1])
            if most < 0:
                break
        return "\n\n".join(pieces)

    def _show_fold(self, item: MessageItem) -> None:
        in_words, icon = _FOLDS[item.role]
        row = FoldRow(item.id, in_words(item), icon, self.is_open)
        if self._fold is None or not self._fold.shows_the_same_as(row):
            self._fold = row

    def _note_row(self, alone: bool) -> NoteRow | None:
        failed = self.item.status == "failed"
        words = self.item.note or ("The answer failed." if failed else "")
        if not words:
            return None
        return NoteRow(self.item.id, words, failed, alone, self._last, self.item.in_settings)


def _same(old: list[TextRow], new: list[TextRow]) -> int:
    """How many rows from the first on need not be replaced."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if not one.shows_the_same_as(other):
            break
        count += 1
    return count
