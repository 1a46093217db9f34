"""A .gguf file that was dropped on the window: offered as a local model, and then to answer."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop_app.window.notices import Notice, Notices
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks
from desktop_app.wire.answers import LOCAL_PREFIX


def is_model(file: Path) -> bool:
    """By its name; what is in it the service finds out."""
    return file.suffix.lower() == ".gguf"


def offer(file: Path, window: QWidget, session: Session, tasks: Tasks, notices: Notices) -> None:
    """Ask whether `file` shall be a local model; what becomes of it is told in `notices`."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Local model", f"Use “{file.name}” as a local model?", parent=window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setInformativeText("It answers on this computer, without a network. The file stays where it is.")
    box.addButton(QMessageBox.StandardButton.Cancel)
    use = box.addButton("Use it", QMessageBox.ButtonRole.AcceptRole)
    use.clicked.connect(lambda: tasks.start(f"model.add.{file}", _add(file, session, notices)))
    box.open()


async def _add(file: Path, session: Session, notices: Notices) -> None:
    added = await session.service.models.add_local(str(file))
    name = f"{LOCAL_PREFIX}{added.id}"
    notices.report(
        Notice(
            f"{added.name} can answer now.",
            topic="model.add",
            action="Answer with it",
            on_action=lambda: session.choice.choose(name),
        )
    )
