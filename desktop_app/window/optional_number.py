"""A number that is chosen by itself unless a person sets it."""

from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QWidget

from desktop_app.window.check_box import CheckBox


class OptionalNumber(QWidget):
    """`number()` is None while "Automatic" is ticked. `start` stands in the field before a person has set one."""

    def __init__(
        self,
        name: str,
        value: float | None,
        limits: tuple[float, float],
        start: float,
        *,
        step: float = 1,
        decimals: int = 0,
        automatic: str = "Automatic",
    ) -> None:
        super().__init__()
        self.automatic = CheckBox(automatic)
        self.automatic.setAccessibleName(f"{name}: {automatic.lower()}")
        self.field = QDoubleSpinBox()
        self.field.setAccessibleName(name)
        self.field.setDecimals(decimals)
        self.field.setRange(*limits)
        self.field.setSingleStep(step)
        self.field.setGroupSeparatorShown(decimals == 0)
        self.field.setValue(start if value is None else value)
        self.field.setMinimumWidth(110)
        self.field.lineEdit().setTextMargins(8, 0, 8, 0)
        self.automatic.toggled.connect(lambda ticked: self.field.setDisabled(ticked))
        self.automatic.setChecked(value is None)
        self.setFocusProxy(self.automatic)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.automatic)
        row.addWidget(self.field)
        row.addStretch(1)

    def number(self) -> float | None:
        return None if self.automatic.isChecked() else self.field.value()
