"""How fast long threads open, and whether the window stays awake while an answer is streamed into one.

`python -m tests.benchmarks.conversation`. Goals: first paint of 1,000 / 10,000 messages < 200 / 400 ms and <= 30 MB
extra; streaming 1,000 deltas/s into 10,000 messages: stall p99 < 16 ms, max < 50 ms, <= 35 % of a core. A stall is
how late a precise 5 ms timer fires. Each row is measured in a fresh process.
"""

import json
import os
import random
import subprocess
import sys
import time

OPEN_GOALS = {1_000: "< 200 ms, <= 30 MB", 10_000: "< 400 ms, <= 30 MB"}
DELTAS = 4_000
DELTAS_PER_S = 1_000
TICK_MS = 5

TEXT = (
    "the policy says invoices are kept for ten years counted from the end of the calendar year in which they were "
    "issued contracts for six drafts for ninety days and every copy is registered in the archive"
)


def answer(chance: random.Random) -> str:
    """Realistic Markdown of about 600 characters: headings, lists, tables, code."""

    def words(count: int) -> str:
        return " ".join(chance.choices(TEXT.split(), k=count))

    pieces = [words(40) + "."]
    kind = chance.randrange(4)
    if kind == 0:
        pieces.append(f"## {words(4)}\n\n" + "\n".join(f"- **{words(2)}** {words(8)}" for _ in range(4)))
    elif kind == 1:
        rows = "\n".join(f"| {words(2)} | {chance.randrange(99)} | `{words(1)}` |" for _ in range(5))
        pieces.append("| Record | Years | Place |\n|---|--:|---|\n" + rows)
    elif kind == 2:
        pieces.append("```python\n" + "\n".join(f"due = date({n}, 1, 1)  # {words(3)}" for n in range(5)) + "\n```")
    else:
        pieces.append(words(40) + " [link](https://a.example/x).")
    pieces.append(words(20) + ".")
    return "\n\n".join(pieces)


def measure(what: str, count: int) -> dict[str, float]:
    """`what` ("open" or "stream") with a thread of `count` messages, in this process."""
    import psutil
    from PySide6.QtCore import QEventLoop, Qt, QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication

    from desktop_app.window.conversation import ConversationView, MessageItem
    from desktop_app.window.theme import Theme

    painted: list[float] = []

    class View(ConversationView):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's virtual method
            super().paintEvent(event)
            painted.append(time.perf_counter())

    chance = random.Random(1)
    items = [
        MessageItem(str(n), "assistant" if n % 2 else "user", answer(chance) if n % 2 else TEXT[:60])
        for n in range(count)
    ]
    app = QApplication([])
    Theme.current().apply()
    view = View()
    view.resize(720, 900)
    view.show()
    app.processEvents()
    process = psutil.Process()
    before = process.memory_info().rss
    opened_at = time.perf_counter()
    while time.perf_counter() - opened_at < 1:  # threads are opened in a window that has been there for a second
        app.processEvents()
    start = time.perf_counter()
    view.set_messages(items)
    painted.clear()
    while not painted:
        app.processEvents()
    opened = {"ms": (painted[0] - start) * 1000, "mb": (process.memory_info().rss - before) / 2**20}
    if what == "open":
        return opened

    text = "\n\n".join(answer(chance) for _ in range(100))
    deltas = [text[start : start + 4] for start in range(0, 4 * DELTAS, 4)]
    view.append(MessageItem("answer", "assistant", status="in_progress"))
    late: list[float] = []
    sent = 0
    begin = due = time.perf_counter()
    used = time.process_time()
    loop = QEventLoop()

    def tick() -> None:
        nonlocal sent, due
        now = time.perf_counter()
        late.append(max(now - due, 0.0) * 1000)
        due = now + TICK_MS / 1000
        until = min(int((now - begin) * DELTAS_PER_S), DELTAS)
        for delta in deltas[sent:until]:
            view.add_text("answer", delta)
        sent = until
        if sent == DELTAS:
            view.replace(MessageItem("answer", "assistant", "".join(deltas)))
            loop.quit()

    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=TICK_MS)
    timer.timeout.connect(tick)
    timer.start()
    loop.exec()
    took = time.perf_counter() - begin
    late.sort()
    return {
        "p99": late[int(len(late) * 0.99)],
        "max": late[-1],
        "cpu": (time.process_time() - used) / took * 100,
    }


def in_fresh_process(what: str, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.conversation", what, str(count)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(result.stdout)
    return found


def run() -> list[tuple[str, str, str]]:
    """Rows of (what, measured, goal)."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    rows = []
    for count, goal in OPEN_GOALS.items():
        found = in_fresh_process("open", count)
        rows.append((f"open a thread of {count:,} messages", f"{found['ms']:.0f} ms, {found['mb']:.0f} MB", goal))
    found = in_fresh_process("stream", 10_000)
    rows.append(
        (
            f"stream {DELTAS_PER_S:,} deltas/s into 10,000 messages",
            f"p99 {found['p99']:.1f} ms, max {found['max']:.0f} ms, {found['cpu']:.0f} % CPU",
            "p99 < 16 ms, max < 50 ms, <= 35 %",
        )
    )
    return rows


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    else:
        for row in run():
            print(" | ".join(row))
