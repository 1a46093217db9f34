"""The Assistants pane: who can be asked, and from how many documents each answers."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_app.window.pane import Pane
from desktop_app.window.rows import Row, RowList
from desktop_app.window.session import Session, store_of
from desktop_app.wire.answers import LOCAL_PREFIX, READER_MODEL

if TYPE_CHECKING:
    from openai.types.beta import Assistant


class AssistantsPane(Pane):
    """Shows the session's assistants; what a person wants: `add_asked()`, `edit_asked(id)`, `delete_asked(id)`."""

    add_asked = Signal()
    edit_asked = Signal(str)
    delete_asked = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Assistants", parent)
        self._session = session
        self.list = RowList("Assistants", "No assistants yet")
        self.list.chosen.connect(session.select_assistant)
        self.list.delete_asked.connect(self.delete_asked)
        self.list.doubleClicked.connect(lambda _: self._edit())
        self.edit_button = self.add_tool("edit", "Edit assistant", self._edit)
        self.delete_button = self.add_tool("trash", "Delete assistant", self._delete)
        self.add_button = self.add_tool("add", "New assistant", self.add_asked.emit)
        self.set_content(self.list)
        for signal in (session.assistants_changed, session.assistant_selected, session.status_changed):
            signal.connect(self._show)
        self._show()

    def _show(self) -> None:
        self.list.set_rows([self._row(each) for each in self._session.assistants], self._session.assistant_id)
        connected = self._session.connection is not None
        self.add_button.setEnabled(connected)
        for button in (self.edit_button, self.delete_button):
            button.setEnabled(connected and self._session.assistant is not None)

    def _row(self, assistant: "Assistant") -> Row:
        store = self._session.stores.get(store_of(assistant) or "")
        count = store.file_counts.total if store is not None else 0
        documents = "1 document" if count == 1 else f"{count} documents" if count else "no documents"
        status, model = self._session.status, assistant.model
        by_reader = model == READER_MODEL or (
            (status is None or status.reader_answers) and not model.startswith(LOCAL_PREFIX)
        )
        who = "built-in reader" if by_reader else model
        return Row(assistant.id, assistant.name or "Unnamed assistant", f"{who} · {documents}", "assistant")

    def _edit(self) -> None:
        if self._session.assistant_id is not None:
            self.edit_asked.emit(self._session.assistant_id)

    def _delete(self) -> None:
        if self._session.assistant_id is not None:
            self.delete_asked.emit(self._session.assistant_id)
