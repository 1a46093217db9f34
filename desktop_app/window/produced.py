"""Pictures and files that runs made: fetched from the service, shown at their size, opened, dragged out, and saved."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QMimeData, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QDrag, QGuiApplication, QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop_app.client.errors import ClientError
from desktop_app.window.conversation.items import ProducedFile
from desktop_app.window.conversation.view import ConversationView
from desktop_app.window.copies import Copies
from desktop_app.window.notices import Level, Notice, Notices
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks

MOST_MB = 160
"""Memory for one picture; a larger one is not shown."""
SHOWN_WIDTH = 1600
"""Pixels: a wider picture is kept smaller in the conversation."""
_ZOOM_STEP = 1.25


class Produced:
    """Fetches what `view` wants to show, and does what is pressed in it; `close()` deletes what other programs got."""

    def __init__(self, session: Session, tasks: Tasks, view: ConversationView, notices: Notices) -> None:
        self._session, self._tasks, self._view, self._notices = session, tasks, view, notices
        view.picture_wanted.connect(lambda file_id: tasks.start(f"picture.{file_id}", self._fetch(file_id)))
        view.picture_clicked.connect(lambda file_id: tasks.start(f"picture.open.{file_id}", self._open(file_id)))
        self._copies = Copies()
        view.file_clicked.connect(self.open_file)
        view.file_save_clicked.connect(lambda file: self.save_as(file.file_id, file.name))
        view.file_dragged.connect(lambda file: tasks.start("file.drag", self._drag(file)))
        view.script_clicked.connect(lambda code: tasks.start("file.script", self._open_script(code)))
        view.script_save_clicked.connect(self.save_script)

    def close(self) -> None:
        self._copies.close()

    def open_file(self, file: ProducedFile) -> None:
        """Open a copy with the person's own program; ask where to save a file that could run."""
        if file.can_open:
            self._tasks.start(f"file.open.{file.file_id}", self._open_copy(file))
        else:
            self.save_as(file.file_id, file.name)

    def save_as(self, file_id: str, name: str) -> None:
        """Ask where to, and save the file there."""
        self._ask_where(name, lambda: self._session.service.extensions.file_bytes(file_id))

    def save_script(self, code: str) -> None:
        """Likewise the code of a cell."""

        async def content() -> bytes:
            return code.encode()

        self._ask_where("script.py", content)

    def _ask_where(self, name: str, content: Callable[[], Coroutine[None, None, bytes]]) -> None:
        dialog = QFileDialog(self._view, "Save as")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(
            lambda path: self._tasks.start(f"file.save.{path}", self._save(Path(path), content))
        )
        dialog.open()

    async def _save(self, path: Path, content: Callable[[], Coroutine[None, None, bytes]]) -> None:
        try:
            await asyncio.to_thread(path.write_bytes, await content())
        except (ClientError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            self._warn(f"{path.name} could not be saved: {reason}", "save")

    async def _copy(self, name: str, content: Coroutine[None, None, bytes]) -> Path | None:
        """A copy for another program; None, and a word about it, when there can't be one."""
        try:
            return await self._copies.put(name, await content)
        except (ClientError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            self._warn(f"{name} can't be opened: {reason}", "open")
            return None

    async def _open_copy(self, file: ProducedFile) -> None:
        path = await self._copy(file.name, self._session.service.extensions.file_bytes(file.file_id))
        self._open_with_other_program(path)

    async def _open_script(self, code: str) -> None:
        """As text, which no system runs."""

        async def content() -> bytes:
            return code.encode()

        self._open_with_other_program(await self._copy("script.py.txt", content()))

    def _open_with_other_program(self, path: Path | None) -> None:
        if path is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._warn(f"No program on this computer opens {path.name}.", "open")

    async def _drag(self, file: ProducedFile) -> None:
        """Hand a copy to the mouse, if its button is still down when the copy is there."""
        path = await self._copy(file.name, self._session.service.extensions.file_bytes(file.file_id))
        if path is not None and QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            # not from a task: it lasts until the drop
            QTimer.singleShot(0, lambda: drag_out(path, self._view.viewport()))

    def _warn(self, sentence: str, topic: str) -> None:
        self._notices.report(Notice(sentence, Level.WARNING, topic=topic))

    async def _fetch(self, file_id: str) -> None:
        image = QImage()
        try:
            content = await self._session.service.extensions.file_bytes(file_id)
            image = await asyncio.to_thread(read_picture, content, SHOWN_WIDTH)
        except ClientError:
            pass  # such as one that was deleted: a note stands in its place
        self._view.set_picture(file_id, image)

    async def _open(self, file_id: str) -> None:
        try:
            content = await self._session.service.extensions.file_bytes(file_id)
        except ClientError as error:
            self._warn(str(error), "picture")
            return
        image = await asyncio.to_thread(read_picture, content)
        dialog = PictureDialog(image, self._view)
        dialog.save.clicked.connect(lambda: self.save_as(file_id, "picture.png"))
        dialog.open()


def drag_out(path: Path, source: QWidget) -> None:
    """Let the mouse carry a file to another program; returns with the drop."""
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(str(path))])
    drag = QDrag(source)
    drag.setMimeData(carried)
    drag.exec(Qt.DropAction.CopyAction)


class PictureDialog(QDialog):
    """A picture at its size, larger and smaller with + and -."""

    def __init__(self, image: QImage, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Picture")
        self._image, self._zoom = image, 1.0
        self._label = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._label.setAccessibleName("Picture")
        area = QScrollArea(widgetResizable=True)
        area.setWidget(self._label)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.larger = buttons.addButton("Larger", role)
        self.smaller = buttons.addButton("Smaller", role)
        self.copy = buttons.addButton("Copy", role)
        self.save = buttons.addButton("Save as…", role)
        self.larger.setShortcut("+")
        self.smaller.setShortcut("-")
        self.larger.clicked.connect(lambda: self.zoom(_ZOOM_STEP))
        self.smaller.clicked.connect(lambda: self.zoom(1 / _ZOOM_STEP))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setImage(self._image))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(area, 1)
        column.addWidget(buttons)
        self.zoom(1.0)
        self.resize(min(image.width() + 60, 1200), min(image.height() + 120, 900))

    @property
    def shown_size(self) -> QSize:
        return self._label.pixmap().size()

    def zoom(self, by: float) -> None:
        if self._image.isNull():
            self._label.setText("This picture can't be shown.")
            return
        self._zoom = min(max(self._zoom * by, 0.1), 8.0)
        wanted = self._image.size() * self._zoom
        mode = Qt.TransformationMode.SmoothTransformation
        self._label.setPixmap(QPixmap.fromImage(self._image.scaled(wanted, Qt.AspectRatioMode.KeepAspectRatio, mode)))


def read_picture(content: bytes, width: int = 0) -> QImage:
    """The picture, no wider than `width` pixels (0: as it is); a null image when it can't be read. For any thread."""
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    reader = QImageReader(buffer)
    QImageReader.setAllocationLimit(MOST_MB)
    size = reader.size()
    if width and size.width() > width:
        reader.setScaledSize(size.scaled(width, size.height(), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
