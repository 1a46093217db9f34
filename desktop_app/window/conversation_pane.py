"""The middle of the window: the title, the conversation or its welcome, notices, the composer, and the status line."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop_app.window.asking import Asking
from desktop_app.window.composer import Composer
from desktop_app.window.conversation.items import MessageItem
from desktop_app.window.conversation.view import ConversationView
from desktop_app.window.elided_label import ElidedLabel
from desktop_app.window.memory import Memory
from desktop_app.window.notices import Level, Notice, Notices
from desktop_app.window.picker.entries import short_name
from desktop_app.window.produced import Produced
from desktop_app.window.rerun import Rerun
from desktop_app.window.session import Session
from desktop_app.window.status_line import StatusLine
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import SPACING, interface_font
from desktop_app.window.welcome import Welcome

if TYPE_CHECKING:
    from desktop_app.window.picker.popup import ModelPopup

WELCOMED = "welcomed"
"""What is remembered when a person has chosen how to begin."""

FINDING_OUT = "Finding out who answers…"

COMPOSER_WIDTH = 800
"""The title and the composer are as wide as the column of text between them, also on wide screens."""


class ConversationPane(QWidget):
    """`citation_clicked(Citation)` and `link_clicked(url)` of the conversation; `attach_asked()`, and
    `files_given(paths)` when files were pasted; `settings_asked(page)`."""

    citation_clicked = Signal(object)
    link_clicked = Signal(str)
    attach_asked = Signal()
    files_given = Signal(list)
    settings_asked = Signal(str)

    def __init__(
        self, session: Session, asking: Asking, memory: Memory, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._asking, self._memory = session, asking, memory
        self._choice = session.choice
        self._drafting: str | None = session.thread_id
        self.picker: ModelPopup | None = None
        self.title = ElidedLabel()
        self.title.setFont(interface_font(14, QFont.Weight.DemiBold))
        self.subtitle = ElidedLabel()
        self.subtitle.setFont(interface_font(9.5))
        self.subtitle.setProperty("class", "heading")
        self.notices = Notices()
        self.view = ConversationView()
        self.view.setAccessibleName("Conversation")
        self.produced = Produced(session, tasks, self.view, self.notices)
        self.rerun = Rerun(session, tasks, self.view, self.notices)
        self.welcome = Welcome()
        self.composer = Composer()
        self.composer.setMaximumWidth(COMPOSER_WIDTH)
        self.status_line = StatusLine()
        self.status_line.setMaximumWidth(COMPOSER_WIDTH)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.view)
        self._lay_out()
        self._connect()
        self.composer.set_text(memory.draft(self._drafting))
        self._show_state()

    def choose_model(self) -> None:
        """Open the list of models above the composer."""
        if self.picker is None:
            from desktop_app.window.picker.popup import ModelPopup

            self.picker = ModelPopup(self._choice, self)
            self.picker.connect_asked.connect(lambda: self.settings_asked.emit("Models"))
        self.picker.open_above(self.composer.model)

    def save_draft(self) -> None:
        """Remember what is written and not yet sent."""
        self._memory.set_draft(self._drafting, self.composer.text)

    def _lay_out(self) -> None:
        self._head = QWidget()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(SPACING, 4, SPACING, 4)
        head.setSpacing(3)
        head.addWidget(self.title)
        head.addWidget(self.subtitle)
        self._foot = QWidget()
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(SPACING)
        for widget in (self.composer, self.status_line):
            foot.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING, 0, SPACING, SPACING)
        column.setSpacing(SPACING)
        column.addWidget(self._head)
        column.addWidget(self.notices)
        column.addWidget(self._stack, 1)
        column.addWidget(self._foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        spare = max(0, self.width() - 2 * SPACING - COMPOSER_WIDTH)
        for part in (self._head, self._foot):
            part.setContentsMargins(spare // 2, 0, spare - spare // 2, 0)

    def _connect(self) -> None:
        session, asking = self._session, self._asking
        asking.shown.connect(self._show_items)
        asking.appended.connect(self.view.append)
        asking.appended.connect(self._show_view)
        asking.text_added.connect(self.view.add_text)
        asking.replaced.connect(self.view.replace)
        asking.state_changed.connect(self._show_state)
        asking.accepted.connect(self._clear_draft)
        asking.refused.connect(lambda text: self.notices.report(Notice(text, Level.WARNING, topic="ask")))
        self.view.citation_clicked.connect(self.citation_clicked)
        self.view.link_clicked.connect(self.link_clicked)
        self.view.retry_clicked.connect(lambda _: asking.retry())
        self.view.settings_clicked.connect(lambda: self.settings_asked.emit("Models"))
        self.welcome.asked.connect(asking.ask)
        self.welcome.chosen.connect(self._begin)
        self.composer.sent.connect(self._send)
        self.composer.stopped.connect(asking.stop)
        self.composer.attach_asked.connect(self.attach_asked)
        self.composer.files_pasted.connect(self.files_given)
        self.composer.model_asked.connect(self.choose_model)
        session.thread_selected.connect(self._switch_draft)
        for signal in (session.assistants_changed, session.assistant_selected, session.threads_changed):
            signal.connect(self._show_state)
        self._choice.changed.connect(self._show_destination)

    def _begin(self, way: str) -> None:
        self._memory.set_text(WELCOMED, way)
        self._show_state()
        if way == "reader":
            self.composer.edit.setFocus()
        else:
            self.settings_asked.emit("Models" if way == "connect" else "Local models")

    def _send(self, text: str) -> None:
        self.notices.clear("ask")
        self._asking.ask(text)

    def _switch_draft(self) -> None:
        if self._session.thread_id == self._drafting:
            return
        self.save_draft()
        self._drafting = self._session.thread_id
        self.composer.set_text(self._memory.draft(self._drafting))

    def _clear_draft(self) -> None:
        """The question is in its thread; what was the draft of a new one is none any more."""
        self._memory.set_draft(self._drafting, "")
        self._drafting = self._session.thread_id
        self.composer.set_text("")

    def _show_items(self, items: list[MessageItem]) -> None:
        self.view.set_messages(items)
        self._stack.setCurrentWidget(self.view if items or self._session.thread_id else self.welcome)

    def _show_view(self) -> None:
        self._stack.setCurrentWidget(self.view)

    def _show_state(self) -> None:
        session, asking = self._session, self._asking
        assistant, entry = session.assistant, session.entry
        name = (assistant.name or "Unnamed assistant") if assistant is not None else ""
        self.title.setText((entry.deskside.title or "New thread") if entry is not None else "New thread")
        self.subtitle.setText(name)
        # Nothing is sent before it is said where it goes.
        ready = session.connection is not None and assistant is not None and self._choice.answering is not None
        self.composer.set_ready(ready)
        self.composer.set_busy(asking.busy, asking.status_text)
        self.view.set_activity(asking.status_text if asking.busy else None)
        first = session.loaded.is_set() and not session.threads and not self._memory.text(WELCOMED)
        self.welcome.show_ways(first)
        self.welcome.show_for(
            "Welcome to Deskside" if first else f"Ask {name}" if name else "Ask your documents",
            "Who shall answer? You can choose anew at any time."
            if first
            else "Drop files anywhere on this window, then ask. Every answer shows where it stands.",
            session.questions,
            ready and not asking.busy,
        )

    def _show_destination(self) -> None:
        if self._session.connection is not None:
            if self._choice.answering is not None:
                self.status_line.show_destination(self._choice.answering)
            elif problem := self._choice.problem:
                self.status_line.show_text(problem, "warning")
            else:
                self.status_line.show_text(FINDING_OUT)
            self.composer.edit.setAccessibleDescription(self.status_line.text.text())
        self.composer.set_model(short_name(self._choice.model, self._choice.answering))
        self._show_state()
