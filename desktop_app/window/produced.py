"""Pictures and files that runs made: fetched from the service, shown at their size, and saved."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageReader, QPixmap
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop_app.client.errors import ClientError
from desktop_app.window.conversation.view import ConversationView
from desktop_app.window.notices import Level, Notice, Notices
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks

MOST_MB = 160
"""Memory for one picture; a larger one is not shown."""
SHOWN_WIDTH = 1600
"""Pixels: a wider picture is kept smaller in the conversation."""
_ZOOM_STEP = 1.25


class Produced:
    """Fetches what `view` wants to show, and does what is pressed in it."""

    def __init__(self, session: Session, tasks: Tasks, view: ConversationView, notices: Notices) -> None:
        self._session, self._tasks, self._view, self._notices = session, tasks, view, notices
        view.picture_wanted.connect(lambda file_id: tasks.start(f"picture.{file_id}", self._fetch(file_id)))
        view.picture_clicked.connect(lambda file_id: tasks.start(f"picture.open.{file_id}", self._open(file_id)))
        view.file_clicked.connect(self.save_as)
        view.script_clicked.connect(self.save_script)

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
            text = f"{path.name} could not be saved: {reason}"
            self._notices.report(Notice(text, Level.WARNING, topic="save"))

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
            self._notices.report(Notice(str(error), Level.WARNING, topic="picture"))
            return
        image = await asyncio.to_thread(read_picture, content)
        dialog = PictureDialog(image, self._view)
        dialog.save.clicked.connect(lambda: self.save_as(file_id, "picture.png"))
        dialog.open()


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
