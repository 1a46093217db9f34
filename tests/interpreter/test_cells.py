"""What becomes of a cell: its value, its output, its errors, its pictures and its files."""

import pytest

from desktop_app.interpreter.manager import CodeSessionManager


async def test_the_value_of_the_last_line_is_printed_and_names_are_kept(sessions: CodeSessionManager) -> None:
    first = await sessions.run("thread", "import math\nx = 41\nx + 1")
    assert (first.logs, first.outcome, first.new_session) == ("42\n", "ok", True)
    second = await sessions.run("thread", "print(x)\nmath.pi > 3")
    assert (second.logs, second.outcome, second.new_session) == ("41\nTrue\n", "ok", False)


async def test_code_that_raises_tells_the_line_and_nothing_of_our_own(sessions: CodeSessionManager) -> None:
    result = await sessions.run("thread", "def half(n):\n    return n / 0\n\nhalf(3)")
    assert result.outcome == "error"
    assert "return n / 0" in result.logs
    assert "ZeroDivisionError: division by zero" in result.logs
    assert "desktop_app" not in result.logs


async def test_a_plot_becomes_a_picture_and_a_written_file_comes_out(sessions: CodeSessionManager) -> None:
    result = await sessions.run(
        "thread",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n"
        "with open('/mnt/data/note.txt', 'w') as note:\n    print('hello', file=note)",
    )
    assert (result.outcome, result.logs) == ("ok", "")
    assert [picture.png[:4] for picture in result.pictures] == [b"\x89PNG"]
    assert [(file.name, file.path.read_bytes()) for file in result.files] == [("note.txt", b"hello\n")]


@pytest.mark.parametrize(
    "code",
    [
        "import sys\nsys.stdout = sys.stderr = None\n1 / 0",
        "import sys\nsys.stdout.close()\n1 / 0",
        "import sys\nsys.modules.clear()\n1 / 0",
        "import os\nos.environ.clear()\n1 / 0",
        "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
        "class Odd:\n    def __repr__(self): raise ValueError\nOdd()",
    ],
)
async def test_code_that_takes_away_what_its_report_needs_fails_alone(sessions: CodeSessionManager, code: str) -> None:
    assert (await sessions.run("thread", code)).outcome == "error"
    result = await sessions.run("thread", "x = 41\nx + 1")
    assert (result.logs, result.outcome) == ("42\n", "ok")


async def test_a_scratch_folder_that_code_removed_is_there_again(sessions: CodeSessionManager) -> None:
    await sessions.run("thread", "import shutil\nshutil.rmtree('/mnt/data/.tmp')")
    result = await sessions.run("thread", "import tempfile\ntempfile.gettempdir()")
    assert result.logs == "'/mnt/data/.tmp'\n"
