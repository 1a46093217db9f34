"""The Source pane: which citation is shown, fetching what it needs, and the buttons around it."""

from collections.abc import Sequence
from pathlib import PurePath

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from desktop_app.client.errors import ClientError, RefusedError
from desktop_app.window.icons import icon
from desktop_app.window.pane import Pane
from desktop_app.window.source.originals import Files, Originals
from desktop_app.window.source.page_view import Mark, PageView
from desktop_app.window.source.pdf import UnreadablePdfError
from desktop_app.window.source.text_view import TextView
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import Theme, interface_font
from desktop_app.wire.extensions import Citation, PageText

EMPTY = "Click a citation to see where it stands in the document."
NOT_FOUND = 404


class SourcePane(Pane):
    """Shows one citation, or one document without a mark; `closed` when the person wants the pane away."""

    closed = Signal()

    def __init__(self, files: Files, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__("Source", parent)
        self.setAccessibleName("Source")
        self._tasks = tasks
        self._originals = Originals(files)
        self._citation: Citation | None = None
        self._page: PageText | None = None
        self._citations: Sequence[Citation] = ()
        self._index = 0
        self._marked = ""

        self._pages = PageView(tasks)
        self._pages.page_changed.connect(self._tell_place)
        self._text = TextView()
        self._message = QLabel(EMPTY)
        self._message.setWordWrap(True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setProperty("class", "heading")
        self._message.setContentsMargins(18, 18, 18, 18)

        self._previous = self.add_tool("chevron-left", "Previous citation", lambda: self._step(-1))
        self._next = self.add_tool("chevron-right", "Next citation", lambda: self._step(1))
        self._zoom_tools = [
            self.add_tool("zoom-out", "Zoom out", self._pages.zoom_out),
            self.add_tool("fit-width", "Fit width", self._pages.fit_width),
            self.add_tool("zoom-in", "Zoom in", self._pages.zoom_in),
        ]
        self._open = self.add_tool("external", "Open original", self._open_original)
        self._close = self.add_tool("close", "Close", self.closed.emit)
        self.set_content(self._frame())
        self._show_view(self._message)
        self._tell_citations()

    def _frame(self) -> QFrame:
        frame = QFrame()
        frame.setProperty("class", "pane")
        self._place = _Place()
        self._place.previous.clicked.connect(lambda: self._turn(-1))
        self._place.next.clicked.connect(lambda: self._turn(1))
        content = QWidget()
        self._views = QStackedLayout(content)
        for view in (self._message, self._text, self._pages):
            self._views.addWidget(view)
        column = QVBoxLayout(frame)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._place)
        column.addWidget(content, 1)
        return frame

    # What is shown

    def set_citations(self, citations: Sequence[Citation], index: int = 0) -> None:
        """The citations of one answer, for the previous and next buttons; `index` is the one that is shown."""
        self._citations = citations
        self._index = index
        self._tell_citations()

    async def show_citation(self, citation: Citation) -> None:
        """Show the cited page with the passage marked; whatever goes wrong is said in the pane.

        The newest call wins: an older one that is still waiting for the service ends without showing anything.
        """
        if citation in self._citations:
            self._index = self._citations.index(citation)
            self._tell_citations()
        self._citation = citation
        self._page = None
        self._marked = ""
        self._place.tell(citation.file_name, citation.page_label)
        self._open.setEnabled(True)
        try:
            if PurePath(citation.file_name).suffix.lower() == ".pdf":
                await self._show_pdf(citation)
            else:
                await self._show_text(citation, citation.page or 1)
        except (ClientError, UnreadablePdfError) as error:
            if self._citation is citation:
                self._say(_sentence(error, citation))

    async def show_document(self, file_id: str, file_name: str) -> None:
        """Show a document from its beginning, with nothing marked."""
        self.set_citations(())
        await self.show_citation(Citation(file_id=file_id, file_name=file_name, quote=""))

    def forget(self, file_id: str) -> None:
        """The file was removed: keep nothing of it."""
        if self._citation is not None and self._citation.file_id == file_id:
            name = self._citation.file_name
            self._citation = self._page = None
            self._pages.show_pdf(None)
            self._text.clear()
            self._say(f"“{name}” was removed.")
        self._originals.forget(file_id)

    def close_files(self) -> None:
        """At the end of the program: free the documents, delete the copies made for other programs."""
        self._pages.show_pdf(None)
        self._originals.close()

    def marked_text(self) -> str:
        """The characters under the mark, as the pane shows them; "" while nothing is marked."""
        view = self._views.currentWidget()
        return self._text.marked_text() if view is self._text else self._marked if view is self._pages else ""

    def current_page(self) -> int | None:
        """The page that is shown, from 1; None while there is none."""
        if self._views.currentWidget() is self._pages:
            return self._pages.current_page() + 1
        return self._page.number if self._page is not None else None

    # One kind of document each

    async def _show_pdf(self, citation: Citation) -> None:
        pdf = await self._originals.pdf(citation.file_id)
        page = (citation.page or 1) - 1
        if not 0 <= page < len(pdf.sizes):
            raise UnreadablePdfError(f"There is no page {page + 1}: this document has {len(pdf.sizes)} pages.")
        boxes = [box for box in citation.boxes if box.page == page + 1]
        marked = await pdf.text_in(page, boxes) if boxes else ""
        column = await pdf.column(page)
        if self._citation is not citation:
            return
        self._marked = marked
        mark = Mark(page, boxes, citation.exact, marked) if citation.quote else None
        self._show_view(self._pages)
        self._pages.show_pdf(pdf, citation.file_name, mark, page, column)

    async def _show_text(self, citation: Citation, number: int) -> None:
        page = await self._originals.page(citation.file_id, number)
        if self._citation is not citation:
            return
        self._page = page
        self._place.tell(page.file_name, page.label, number > 1, number < page.page_count)
        if not page.text:
            self._say("There is no text on this page." if page.label else "This document holds no text.")
            return
        self._show_view(self._text)
        place = f"{page.file_name}, {page.label}" if page.label else page.file_name
        here = number == (citation.page or 1)
        marked = f", marked: {citation.quote}" if here and citation.quote else ""
        self._text.setAccessibleDescription(place + marked)
        start, end = (citation.start, citation.end) if here else (0, 0)
        await self._text.show_text(page.file_name, page.text, start, end, citation.exact)

    # What the buttons do

    def _step(self, by: int) -> None:
        if 0 <= self._index + by < len(self._citations):
            self._index += by
            self._tell_citations()
            self._tasks.restart("source.show", self.show_citation(self._citations[self._index]))

    def _turn(self, by: int) -> None:
        if self._citation is not None and self._page is not None:
            self._tasks.restart("source.show", self._show_other_page(self._citation, self._page.number + by))

    async def _show_other_page(self, citation: Citation, number: int) -> None:
        try:
            await self._show_text(citation, number)
        except ClientError as error:
            self._say(_sentence(error, citation))

    def _open_original(self) -> None:
        if self._citation is not None:
            self._tasks.start("source.open", self._open_with_other_program(self._citation))

    async def _open_with_other_program(self, citation: Citation) -> None:
        try:
            path = await self._originals.save(citation.file_id, citation.file_name)
        except (ClientError, OSError) as error:
            self._say(f"“{citation.file_name}” can't be opened. {error}")
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._say(f"No program on this computer opens “{citation.file_name}”.")

    # What the pane says

    def _say(self, sentence: str) -> None:
        self._message.setText(sentence)
        self._message.setAccessibleName(sentence)
        self._show_view(self._message)

    def _show_view(self, view: QWidget) -> None:
        self._views.setCurrentWidget(view)
        self.setFocusProxy(self._close if view is self._message else view)
        for button in self._zoom_tools:
            button.setVisible(view is self._pages)
        self._open.setEnabled(self._citation is not None)

    def _tell_place(self, page: int) -> None:
        if self._citation is not None:
            self._place.tell(self._citation.file_name, f"page {page + 1} of {self._pages.row_count()}")

    def _tell_citations(self) -> None:
        count = len(self._citations)
        self._previous.setVisible(count > 1)
        self._next.setVisible(count > 1)
        self._previous.setEnabled(self._index > 0)
        self._next.setEnabled(self._index < count - 1)
        self.set_title(f"Source · {self._index + 1} of {count}" if count > 1 else "Source")


class _Place(QWidget):
    """The line over the document: its name, the page, and buttons to turn pages where the view shows only one."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._label = ""
        self._line = QLabel()
        self._line.setFont(interface_font(9.5))
        self._line.setTextFormat(Qt.TextFormat.PlainText)
        self._line.setProperty("class", "heading")
        self._line.setMinimumWidth(40)
        self.setFixedHeight(34)
        self.previous = self._button("Previous page")
        self.next = self._button("Next page")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 6, 0)
        row.setSpacing(0)
        row.addWidget(self._line, 1)
        row.addWidget(self.previous)
        row.addWidget(self.next)
        self.tell("", "")
        self._tint()
        Theme.current().changed.connect(self._tint)

    def tell(self, name: str, label: str, has_previous: bool = False, has_next: bool = False) -> None:
        self._name, self._label = name, label
        for button, possible in ((self.previous, has_previous), (self.next, has_next)):
            button.setVisible(has_previous or has_next)
            button.setEnabled(possible)
        self.setVisible(bool(name))
        self._line.setToolTip(name)
        self._line.setAccessibleName(f"{name}, {label}" if label else name)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        """A long name loses its middle, never the page."""
        label = f" · {self._label}" if self._label else ""
        metrics = self._line.fontMetrics()
        room = self._line.width() - metrics.horizontalAdvance(label) - 2
        self._line.setText(metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, max(room, 30)) + label)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _tint(self) -> None:
        colours = Theme.current().colours
        self.previous.setIcon(icon("chevron-left", colours.muted, colours.border, 14))
        self.next.setIcon(icon("chevron-right", colours.muted, colours.border, 14))


def _sentence(error: Exception, citation: Citation) -> str:
    if isinstance(error, RefusedError) and error.status == NOT_FOUND:
        return f"“{citation.file_name}” is not there any more, or not this part of it. {error}"
    return str(error)
