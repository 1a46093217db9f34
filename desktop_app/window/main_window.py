"""The main window: three columns, the menus, and who listens to whom."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMainWindow, QMessageBox, QSplitter, QWidget

from desktop_app import __version__
from desktop_app.client.connection import Connection
from desktop_app.client.errors import ClientError
from desktop_app.window import operations
from desktop_app.window.asking import Asking
from desktop_app.window.assistants.editing import AssistantEditing
from desktop_app.window.assistants.pane import AssistantsPane
from desktop_app.window.confirm import confirm
from desktop_app.window.conversation_pane import ConversationPane
from desktop_app.window.drop_overlay import DropOverlay
from desktop_app.window.frame import COLUMNS
from desktop_app.window.link import ServiceLink
from desktop_app.window.memory import Memory
from desktop_app.window.menus import Command, Menus
from desktop_app.window.model_offer import is_model, offer
from desktop_app.window.notices import Level, Notice
from desktop_app.window.right_column import RightColumn
from desktop_app.window.session import Session
from desktop_app.window.theme import SPACING
from desktop_app.window.threads.pane import ThreadsPane

if TYPE_CHECKING:
    from desktop_app.window.settings.dialog import SettingsDialog
    from desktop_app.wire.extensions import Citation

Operation = Callable[[Connection], Coroutine[Any, Any, None]]


class MainWindow(QMainWindow):
    """What fills the frame. `closed()` when everything it started has ended."""

    closed = Signal()

    def __init__(self, data_dir: Path, link: ServiceLink, files: Sequence[Path] = ()) -> None:
        """`files` are added to the documents once there is a service, as if they were dropped on the window."""
        super().__init__()
        self._files = list(files)
        self._closing = False
        self._settings: SettingsDialog | None = None
        self.ended = False
        self.link = link
        self.tasks = link.tasks
        self.tasks.setParent(self)
        self.memory = Memory(data_dir)
        self.session = Session(self.tasks, self.memory)
        self.asking = Asking(self.session, self.tasks)
        self.editing = AssistantEditing(self, self.session, self.tasks)
        self.assistants = AssistantsPane(self.session)
        self.threads = ThreadsPane(self.session)
        self.conversation = ConversationPane(self.session, self.asking, self.memory, self.tasks)
        self.right = RightColumn(self.session, self.tasks)
        self.overlay = DropOverlay(self)
        self._left = QSplitter(Qt.Orientation.Vertical)
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self.menus = Menus(self, self._menus())
        self._connect()
        self._restore_layout()
        self.conversation.composer.setFocus()

    # Life

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide at once, end everything in order, then say so."""
        event.ignore()
        if self._closing:
            return
        self._closing = True
        self._remember()
        self.hide()
        self._closing_task = asyncio.get_running_loop().create_task(self._close(), name="window.close")

    async def _close(self) -> None:
        await self.tasks.close()
        self.right.close_files()
        self.conversation.produced.close()
        await self.link.close()
        self.ended = True
        self.closed.emit()

    # Layout

    def _lay_out(self) -> None:
        for pane in (self.assistants, self.threads):
            self._left.addWidget(pane)
        self._left.setSizes([300, 420])
        for column in (self._left, self.conversation, self.right):
            self._columns.addWidget(column)
        self._columns.setStretchFactor(1, 1)
        self._columns.setSizes(list(COLUMNS))
        for splitter in (self._left, self._columns):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(SPACING + 4)
        self._left.setMinimumWidth(170)
        self.conversation.setMinimumWidth(340)
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(SPACING + 4, 2, SPACING + 4, SPACING + 4)
        row.addWidget(self._columns)
        self.setCentralWidget(centre)

    def _restore_layout(self) -> None:
        for name, splitter in (("columns", self._columns), ("left", self._left)):
            if (state := self.memory.layout(name)) is not None:
                splitter.restoreState(state)

    def _remember(self) -> None:
        self.right.close_source()
        self.memory.set_layout("window", self.window().saveGeometry())
        self.memory.set_layout("columns", self._columns.saveState())
        self.memory.set_layout("left", self._left.saveState())
        self.conversation.save_draft()
        self.session.remember()
        self.memory.save()

    def _menus(self) -> list[tuple[str, list[Command | None]]]:
        composer, asking, session = self.conversation.composer, self.asking, self.session

        def connected() -> bool:
            return session.connection is not None

        return [
            (
                "&File",
                [
                    Command("&New thread", "Ctrl+N", self.new_thread),
                    Command("New &assistant…", "Ctrl+Shift+N", self.editing.new, connected),
                    Command("Add &files…", "Ctrl+O", self.pick_files, connected),
                    None,
                    Command("&Settings…", "Ctrl+,", self.open_settings),
                    None,
                    Command("&Quit", "Ctrl+Q", lambda: self.window().close()),
                ],
            ),
            (
                "&Conversation",
                [
                    Command("&Send", "Ctrl+Return", composer.send.click, composer.can_send),
                    Command("S&top", "Esc", asking.stop, lambda: asking.busy),
                    Command("Choose a &model…", "Ctrl+M", self.conversation.choose_model, connected),
                    None,
                    Command(
                        "&Delete thread…",
                        "Ctrl+Shift+Backspace",
                        lambda: self.delete_thread(session.thread_id or ""),
                        lambda: connected() and session.thread_id is not None,
                    ),
                    Command(
                        "&Edit assistant…",
                        "F2",
                        lambda: self.editing.edit(session.assistant_id or ""),
                        lambda: connected() and session.assistant is not None,
                    ),
                    Command(
                        "Delete &assistant…",
                        "",
                        lambda: self.delete_assistant(session.assistant_id or ""),
                        lambda: connected() and session.assistant is not None,
                    ),
                ],
            ),
            (
                "&View",
                [
                    Command("&Assistants", "Alt+1", self.assistants.list.setFocus),
                    Command("&Threads", "Alt+2", self.threads.list.setFocus),
                    Command("&Message", "Alt+3", composer.edit.setFocus),
                    Command("&Documents", "Alt+4", self.right.focus_documents),
                    Command("Close &source", "Ctrl+W", self.right.close_source, lambda: self.right.source_open),
                    None,
                    Command("&Next pane", "F6", lambda: self.focus_pane(1)),
                    Command("&Previous pane", "Shift+F6", lambda: self.focus_pane(-1)),
                ],
            ),
            ("&Help", [Command("&About Deskside", "", self.about)]),
        ]

    # Who listens to whom

    def _connect(self) -> None:
        self.link.connected.connect(self._connected)
        self.link.lost.connect(self._lost)
        self.link.changed.connect(self.session.notice)
        self.link.refreshed.connect(self._refresh)
        self.tasks.failed.connect(self._failed)
        self.session.status_changed.connect(self._show_status)
        self.threads.new_asked.connect(self.new_thread)
        self.threads.delete_asked.connect(self.delete_thread)
        self.assistants.add_asked.connect(self.editing.new)
        self.assistants.edit_asked.connect(self.editing.edit)
        self.assistants.delete_asked.connect(self.delete_assistant)
        self.conversation.citation_clicked.connect(self.show_citation)
        self.conversation.link_clicked.connect(lambda url: QDesktopServices.openUrl(QUrl(url)))
        self.conversation.attach_asked.connect(self.pick_files)
        self.conversation.files_given.connect(self.add_files)
        self.conversation.settings_asked.connect(self.open_settings)
        self.right.add_asked.connect(self.pick_files)
        self.right.source_shown.connect(self._make_room)
        self.right.source_closing.connect(self._give_room_back)
        self.overlay.dropped.connect(self.add_files)

    def _connected(self, connection: Connection) -> None:
        self.conversation.notices.clear("service")
        self.session.connect_to(connection)
        if self._files:
            files, self._files = self._files, []
            self.add_files(files)

    def _refresh(self) -> None:
        """The feed was interrupted: read again what is shown."""
        self.conversation.notices.clear("service")
        self.session.reload()
        self.asking.show_current()
        self.right.documents.reload()

    def _lost(self, reason: str) -> None:
        self.session.disconnect_from_service()
        self.conversation.status_line.show_text("The service isn't running.")
        self.conversation.notices.report(
            Notice(reason, Level.ERROR, topic="service", action="Start again", on_action=self._start_again)
        )

    def _start_again(self) -> None:
        self.conversation.status_line.show_destination(None)
        self.link.start()

    def _failed(self, name: str, error: Exception) -> None:
        if self.session.connection is None and isinstance(error, ClientError):
            return  # the loss of the service is told already
        text = str(error) if isinstance(error, ClientError) else f"Something went wrong ({name}): {error!r}"
        self.conversation.notices.report(Notice(text, Level.ERROR, topic=name))

    def _show_status(self) -> None:
        status = self.session.status
        self.conversation.status_line.show_status(status)
        if status is not None and status.model_files.state == "failed":
            self.conversation.notices.report(Notice(status.model_files.error, Level.ERROR, topic="model_files"))
        else:
            self.conversation.notices.clear("model_files")

    # Actions

    def new_thread(self) -> None:
        self.session.select_thread(None)
        self.conversation.composer.edit.setFocus()

    def delete_thread(self, thread_id: str) -> None:
        entry = next((each for each in self.session.threads if each.id == thread_id), None)
        if entry is not None:
            self._confirm(
                f"Delete the thread “{entry.deskside.title or 'New thread'}”?",
                "Its questions and answers are removed for good.",
                lambda connection: operations.delete_thread(connection, thread_id),
            )

    def delete_assistant(self, assistant_id: str) -> None:
        assistant = self.session.assistant_of(assistant_id)
        if assistant is not None:
            self._confirm(
                f"Delete the assistant “{assistant.name or 'Unnamed assistant'}”?",
                "Its documents are removed from Deskside too; the files on your disk and its threads stay.",
                lambda connection: operations.delete_assistant(connection, assistant_id),
            )

    def open_settings(self, page: str = "Models") -> "SettingsDialog":
        """Open the Settings dialog at a page, or bring the open one to the front."""
        if self._settings is None:
            from desktop_app.window.settings.dialog import SettingsDialog

            self._settings = SettingsDialog(self.session, self.tasks, self)
        self._settings.show_page(page)
        self._settings.open()
        return self._settings

    def pick_files(self) -> None:
        dialog = QFileDialog(self, "Add files to the documents")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.add_files([Path(name) for name in names]))
        dialog.open()

    def add_files(self, files: Sequence[Path]) -> None:
        """Add files and folders to the documents of the current assistant; models are offered as models."""
        documents = [file for file in files if not is_model(file)]
        if documents:
            self.tasks.start(f"documents.add.{id(files)}", self._add_files(documents))
        for file in filter(is_model, files):
            offer(file, self, self.session, self.tasks, self.conversation.notices)

    def show_citation(self, citation: "Citation") -> None:
        """Open the cited page with the passage marked."""
        self.right.show_citation(citation, self.asking.citations_beside(citation))

    def focus_pane(self, step: int) -> None:
        """Move the focus to the next or previous pane."""
        panes = [
            self.assistants.list,
            self.threads.list,
            self.conversation.view,
            self.conversation.composer.edit,
            *self.right.focus_widgets(),
        ]
        panes = [pane for pane in panes if pane.isVisible()]
        focused = self.focusWidget()
        here = next((i for i, pane in enumerate(panes) if pane is focused or pane.isAncestorOf(focused)), -step)
        panes[(here + step) % len(panes)].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def about(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About Deskside")
        box.setText(f"Deskside {__version__}")
        box.setInformativeText("Ask your documents. Apache License 2.0.")
        box.open()

    def _confirm(self, question: str, consequence: str, operation: Operation) -> None:
        def delete() -> None:
            self.tasks.start("delete", self._changing(operation(self.session.service)))

        confirm(self, "Delete", question, consequence, delete)

    async def _changing(self, operation: Coroutine[Any, Any, None]) -> None:
        await operation
        self.session.reload()

    async def _add_files(self, files: list[Path]) -> None:
        if self.session.assistant is None:
            await self.session.loaded.wait()
        if self.session.assistant is None:
            raise ClientError("Make an assistant first: files are added to an assistant's documents.")
        store_id = await operations.store_for(self.session.service, self.session.assistant)
        if store_id != self.session.store_id:
            await self.session.load_assistants()
        await self.right.add_files(store_id, files)

    def _make_room(self) -> None:
        """A page needs more width than a list: as much as it had last time, else some of the middle's."""
        self.memory.set_layout("columns", self._columns.saveState())
        if (state := self.memory.layout("columns-source")) is not None:
            self._columns.restoreState(state)
            return
        left, middle, right = self._columns.sizes()
        wanted = max(right, round((left + middle + right) * 0.36))
        taken = min(wanted - right, max(0, middle - 480))
        self._columns.setSizes([left, middle - taken, right + taken])

    def _give_room_back(self) -> None:
        self.memory.set_layout("columns-source", self._columns.saveState())
        if (state := self.memory.layout("columns")) is not None:
            self._columns.restoreState(state)
