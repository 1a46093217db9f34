"""The page of the code interpreter: how well code is confined here, and a test that attacks it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QPushButton, QVBoxLayout

from desktop_app.window.icons import pixmap
from desktop_app.window.session import Session
from desktop_app.window.settings.page import Page, heading, hint
from desktop_app.window.tasks import Tasks
from desktop_app.window.theme import Theme

if TYPE_CHECKING:
    from desktop_app.wire.code import SandboxState, SelfTest

LEVELS = {
    "full": ("check", "success", "Fully confined"),
    "standard": ("check", "success", "Confined"),
    "reduced": ("warning", "warning", "Confined in part"),
    "none": ("warning", "danger", "Code can't be run"),
}
"""Icon, colour of the theme, and words of each level."""

TESTING = "Attacking the sandbox…"


class CodePage(Page):
    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__(session, tasks)
        self._sandbox: SandboxState | None = None
        self._sign = QLabel()
        self.level = heading("")
        self.message = hint()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.test_button = QPushButton("Attack the sandbox")
        self.test_button.clicked.connect(self.test)
        self.outcome = hint()
        self.outcome.setAccessibleName("Outcome of the attacks")
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.through = QListWidget()
        self.through.setAccessibleName("Attacks that got through")
        self.through.setProperty("class", "pane")
        self.through.hide()
        Theme.current().changed.connect(self._tint)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.level)
        words.addWidget(self.message)
        frame = QFrame()
        frame.setProperty("class", "pane")
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 12, 14, 12)
        row.setSpacing(14)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        tried = QHBoxLayout()
        tried.setSpacing(12)
        tried.addWidget(self.test_button)
        tried.addWidget(self.outcome, 1)
        self.column.addWidget(heading("Python code that models write"))
        self.column.addWidget(hint("It runs in a sandbox on this computer: without network, and without your files."))
        self.column.addWidget(frame)
        self.column.addLayout(tried)
        self.column.addWidget(self.through, 1)
        self.column.addStretch(1)

    async def load(self) -> None:
        self._show((await self.service.extensions.status()).sandbox)

    def test(self) -> None:
        """Run every known attack against the sandbox as it is here."""
        self.outcome.setText(TESTING)
        self.test_button.setEnabled(False)
        if not self.do("test", self._test()):
            self.test_button.setEnabled(True)

    async def _test(self) -> None:
        try:
            told: SelfTest = await self.service.code.self_test()
        finally:
            self.outcome.setText("")
            self.test_button.setEnabled(True)
        self._show(told.sandbox)
        through = [attack for attack in told.data if attack.through]
        count = len(told.data)
        self.outcome.setText(
            f"{len(through)} of {count} attacks got through."
            if through
            else f"{count} attacks, and none got through."
            if count
            else "Nothing could be tried."
        )
        self.through.clear()
        self.through.addItems([f"{attack.area}: {attack.name} ({attack.seen})" for attack in through])
        self.through.setVisible(bool(through))

    def _show(self, sandbox: "SandboxState") -> None:
        self._sandbox = sandbox
        self.level.setText(LEVELS[sandbox.level][2])
        self.message.setText(sandbox.message)
        self._tint()

    def _tint(self) -> None:
        if self._sandbox is not None:
            name, colour, _ = LEVELS[self._sandbox.level]
            tint = getattr(Theme.current().colours, colour)
            self._sign.setPixmap(pixmap(name, tint, 22, self.devicePixelRatioF()))
