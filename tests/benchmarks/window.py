"""How soon the window is visible and usable, against a bare PySide6 window, side by side in fresh processes.

`python -m tests.benchmarks.window [ROUNDS]`. Goals: visible <= 1.2 x the bare window, usable <= 1.0 s after it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BARE = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print("visible", flush=True)
        QTimer.singleShot(0, app.quit)

app = QApplication([])
app.setStyle("Fusion")
window = Window()
window.resize(1280, 800)
window.setCentralWidget(QLabel("Hello"))
window.show()
app.exec()
"""

DESKSIDE = """
import sys
from desktop_app import cli
from desktop_app.window import frame

class Frame(frame.Frame):
    told = set()

    def tell(self, word):
        if word not in self.told:
            self.told.add(word)
            print(word, flush=True)

    def paintEvent(self, event):
        super().paintEvent(event)
        self.tell("visible")

    def furnish(self, content):
        super().furnish(content)
        self.content = content
        content.session.assistants_changed.connect(self.look)
        content.conversation.composer.installEventFilter(self)

    def eventFilter(self, watched, event):
        if event.type() == event.Type.Paint:
            self.tell("furnished")
        return False

    def look(self):
        session = self.content.session
        if session.assistant is not None and session.connection is not None and "usable" not in self.told:
            self.tell("usable")
            self.close()

frame.Frame = Frame
sys.exit(cli.main(sys.argv[1:]))
"""


def measure(program: str, *arguments: str) -> dict[str, float]:
    """Seconds from starting the process until it prints each of its words."""
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        times = {line.strip(): time.perf_counter() - start for line in process.stdout}
    if process.returncode:
        raise RuntimeError(f"the measured program ended with exit code {process.returncode}")
    return times


def run(rounds: int = 7) -> list[tuple[str, str, str]]:
    """Rows of (what, measured, goal), as medians of `rounds`."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    bare, visible, furnished, usable = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DESKSIDE_API_KEY"] = "the-key-of-this-benchmark"
        data_dir = str(Path(folder) / "data")
        measure(DESKSIDE, "--data-dir", data_dir)  # makes the data folder and warms the disk's cache
        for _ in range(rounds):
            bare.append(measure(BARE)["visible"])
            times = measure(DESKSIDE, "--data-dir", data_dir)
            visible.append(times["visible"])
            furnished.append(times["furnished"])
            usable.append(times["usable"])
    base, seen, filled, ready = map(statistics.median, (bare, visible, furnished, usable))
    return [
        ("bare PySide6 window visible", f"{base:.2f} s", ""),
        ("Deskside's window visible", f"{seen:.2f} s ({seen / base:.2f} x)", "<= 1.2 x"),
        ("its panes filled in", f"{filled:.2f} s (+ {filled - base:.2f} s)", ""),
        ("Deskside's window usable", f"{ready:.2f} s (+ {ready - base:.2f} s)", "<= + 1.0 s"),
    ]


if __name__ == "__main__":
    for row in run(*map(int, sys.argv[1:])):
        print(" | ".join(row))
