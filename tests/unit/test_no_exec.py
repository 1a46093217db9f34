"""`QDialog.exec()` inside a coroutine freezes every other task of the window for ever; dialogs are opened instead."""

import ast
from pathlib import Path

import desktop_app.window

WINDOW = Path(desktop_app.window.__file__).parent


def exec_calls(source: str) -> list[int]:
    """The lines that call something's `exec` or `exec_`, or one of Qt's static functions that do."""
    blocking = {"exec", "exec_", "getOpenFileName", "getOpenFileNames", "getExistingDirectory", "getSaveFileName"}
    static = {"question", "warning", "information", "critical", "about"}
    lines = []
    tree = ast.parse(source)
    coroutines = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]
    in_coroutines = {id(inner) for coroutine in coroutines for inner in ast.walk(coroutine)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            boxed = isinstance(owner, ast.Name) and owner.id == "QMessageBox" and node.func.attr in static
            # a drag ends with its drop and has no other way; outside of coroutines that stops no task
            drag = isinstance(owner, ast.Name) and owner.id == "drag" and id(node) not in in_coroutines
            if (node.func.attr in blocking and not drag) or boxed:
                lines.append(node.lineno)
    return lines


def test_no_dialog_blocks_the_event_loop() -> None:
    found = {
        f"{path.relative_to(WINDOW)}:{line}" for path in WINDOW.rglob("*.py") for line in exec_calls(path.read_text())
    }
    assert found == set()


def test_the_search_finds_what_it_looks_for() -> None:
    assert exec_calls("def drop():\n    drag.exec()\nasync def wrong():\n    drag.exec()\n") == [4]
    assert exec_calls("dialog.exec()\nQMessageBox.question(window, 'a', 'b')\nbox.open()\n") == [1, 2]
