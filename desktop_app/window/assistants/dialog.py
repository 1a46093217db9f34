"""The dialog for an assistant, new or known: a name, what it is told, who answers, and how."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop_app.window.assistants.fields import AssistantFields
from desktop_app.window.check_box import CheckBox
from desktop_app.window.combo_box import ComboBox
from desktop_app.window.disclosure import Disclosure
from desktop_app.window.model_box import ModelBox
from desktop_app.window.optional_number import OptionalNumber
from desktop_app.wire.limits import ASSISTANT_NAME_CHARS, INSTRUCTIONS_CHARS, RUN_MIN_TOKEN_LIMIT

EFFORTS = {"": "The model's own", "minimal": "Minimal", "low": "Low", "medium": "Medium", "high": "High"}


class AssistantDialog(QDialog):
    """Open it with `open()`; `wanted(AssistantFields)` when a person has filled it in. `is_new`: it is to be made."""

    wanted = Signal(object)

    def __init__(
        self, models: Sequence[str], fields: AssistantFields, *, is_new: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New assistant" if is_new else "Edit assistant")
        self._make_fields(models, fields)
        hint = QLabel("It gets an empty set of documents of its own. Drop files on the window to fill it.")
        hint.setProperty("class", "heading")
        hint.setWordWrap(True)
        hint.setVisible(is_new)
        buttons = QDialogButtonBox()
        self.create_button = buttons.addButton("Create" if is_new else "Save", QDialogButtonBox.ButtonRole.AcceptRole)
        self.create_button.setProperty("class", "primary")
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._form = QFormLayout()
        self._form.setVerticalSpacing(12)
        for label, field in (
            ("&Name", self.name),
            ("&Instructions", self.instructions),
            ("&Model", self.model),
            ("", self.runs_code),
            ("", self.advanced),
            ("&Temperature", self.temperature),
            ("Top &p", self.top_p),
            ("&Reasoning effort", self.effort),
            ("&Longest answer in tokens", self.max_tokens),
        ):
            self._form.addRow(label, field)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(14)
        column.addLayout(self._form)
        column.addWidget(hint)
        column.addWidget(buttons)
        self.setMinimumWidth(540)
        self.advanced.toggled.connect(self._show_advanced)
        for changed in (self.name.textChanged, self.model.currentTextChanged, self.instructions.textChanged):
            changed.connect(self._check)
        self.accepted.connect(lambda: self.wanted.emit(self.fields))
        self.advanced.setChecked(
            fields.temperature is not None or fields.top_p is not None or self._is_limited(fields)
        )
        self._show_advanced(self.advanced.isChecked())
        self._check()

    def _make_fields(self, models: Sequence[str], fields: AssistantFields) -> None:
        self.name = QLineEdit(fields.name)
        self.name.setMaxLength(ASSISTANT_NAME_CHARS)
        self.name.setPlaceholderText("Contracts")
        self.name.setAccessibleName("Name")
        self.instructions = QPlainTextEdit(fields.instructions)
        self.instructions.setTabChangesFocus(True)
        self.instructions.setAccessibleName("Instructions")
        self.instructions.setMinimumHeight(110)
        self.model = ModelBox("Model")
        self.model.show_models(models, fields.model)
        self.runs_code = CheckBox("Runs &code on its documents: Python, confined on this computer")
        self.runs_code.setToolTip(
            "For calculations, charts and files. It needs a language model; the built-in reader runs none."
        )
        self.runs_code.setChecked(fields.runs_code)
        self.advanced = Disclosure("How it answers")
        own = "The model's own"
        self.temperature = OptionalNumber(
            "Temperature", fields.temperature, (0, 2), 0.7, step=0.1, decimals=2, automatic=own
        )
        self.top_p = OptionalNumber("Top p", fields.top_p, (0, 1), 0.9, step=0.05, decimals=2, automatic=own)
        self.effort = ComboBox()
        self.effort.setAccessibleName("Reasoning effort")
        for effort, words in EFFORTS.items():
            self.effort.addItem(words, effort)
        self.effort.setCurrentIndex(max(self.effort.findData(fields.reasoning_effort or ""), 0))
        limits = (RUN_MIN_TOKEN_LIMIT, 1_000_000)
        self.max_tokens = OptionalNumber(
            "Longest answer in tokens", fields.max_tokens, limits, 2_048, step=256, automatic="No limit"
        )

    @property
    def fields(self) -> AssistantFields:
        """What is filled in now."""
        limit = self.max_tokens.number()
        return AssistantFields(
            self.name.text().strip(),
            self.instructions.toPlainText().strip(),
            self.model.chosen,
            self.temperature.number(),
            self.top_p.number(),
            self.effort.currentData() or None,
            None if limit is None else int(limit),
            self.runs_code.isChecked(),
        )

    @staticmethod
    def _is_limited(fields: AssistantFields) -> bool:
        return fields.reasoning_effort is not None or fields.max_tokens is not None

    def _show_advanced(self, shown: bool) -> None:
        for field in (self.temperature, self.top_p, self.effort, self.max_tokens):
            self._form.setRowVisible(field, shown)

    def _check(self) -> None:
        complete = bool(self.name.text().strip() and self.model.chosen)
        self.create_button.setEnabled(complete and len(self.instructions.toPlainText()) <= INSTRUCTIONS_CHARS)
