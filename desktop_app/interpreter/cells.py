"""Running a cell in the worker: the code with its paths put right, the value of its last line, its traceback."""

import ast
import linecache
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from types import CodeType, ModuleType
from typing import Any, Literal

from desktop_app.interpreter import figures, refusals, tables
from desktop_app.interpreter.orders import DATA
from desktop_app.wire.limits import CODE_TABLES

Outcome = Literal["ok", "error", "interrupted"]


class Cells:
    """The namespace of a session, in which one cell runs after the other.

    `data`: the folder that code calls /mnt/data; `show(kind, content)` takes each picture, a PNG, and each table.
    """

    def __init__(self, data: str, memory_bytes: int, show: Callable[[str, bytes], None]) -> None:
        self._data = data
        self._memory_bytes = memory_bytes
        self._figures = figures.Figures(partial(show, "picture"))
        self._show = show
        self._tables = 0
        self._count = 0
        main = sys.modules["__main__"] = ModuleType("__main__")  # where pickle looks for classes
        self._names: dict[str, Any] = main.__dict__
        self._names["display"] = self._display  # which code written for notebooks uses

    def run(self, code: str) -> Outcome:
        """Run one cell; what it prints goes to sys.stdout, and its traceback to sys.stderr. Raises KeyboardInterrupt
        only when it is interrupted outside the code."""
        self._count += 1
        self._figures.begin()
        self._tables = 0
        name = f"<cell {self._count}>"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        try:
            body, last = self._compile(code, name)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return self._explain(error, code)
        try:
            exec(body, self._names)
            if last is not None and (value := eval(last, self._names)) is not None:
                self._display(value)
            self._figures.show_open()
        except SystemExit as error:
            return "ok" if error.code in (None, 0) else self._explain(error, code)
        except KeyboardInterrupt as error:
            self._explain(error, code)
            return "interrupted"
        except BaseException as error:
            return self._explain(error, code)
        return "ok"

    def _display(self, *values: Any) -> None:
        """Show each as the value of a last line is shown: a picture, or its text, and of a table its cells too."""
        for value in values:
            if self._figures.take(value):
                continue
            text = f"{value!r}\n"
            sys.stdout.write(text)
            if self._tables < CODE_TABLES and (table := tables.beginning(value, text, self._data)) is not None:
                self._tables += 1
                self._show("table", table)

    def _compile(self, code: str, name: str) -> tuple[CodeType, CodeType | None]:
        """The cell, and its last expression, whose value is shown."""
        tree = ast.parse(code, name)
        if self._data != DATA:
            _RealPaths(self._data).visit(tree)
        last: CodeType | None = None
        if tree.body and isinstance(end := tree.body[-1], ast.Expr):
            del tree.body[-1]
            last = compile(ast.Expression(end.value), name, "eval")
        return compile(tree, name, "exec"), last

    def _explain(self, error: BaseException, code: str) -> Outcome:
        trace = error.__traceback__
        while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<cell "):
            trace = trace.tb_next
        error.__traceback__ = trace
        sentence = refusals.sentence(error, self._data, self._memory_bytes)
        if isinstance(error, SyntaxError) and any(line.lstrip().startswith(("!", "%")) for line in code.splitlines()):
            sentence = refusals.SHELL
        try:
            text = "".join(traceback.format_exception(error))
        except Exception:  # an error whose own text fails
            text = f"{type(error).__name__}\n"
        sys.stderr.write(text)
        if sentence:
            sys.stderr.write(sentence + "\n")
        return "error"


class _RealPaths(ast.NodeTransformer):
    """Turns text that begins with /mnt/data into the folder's real path, where it can't be mounted under that name."""

    def __init__(self, data: str) -> None:
        self._data = data

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        value = node.value
        if isinstance(value, str) and (value == DATA or value.startswith(DATA + "/")):
            return ast.copy_location(ast.Constant(self._data + value[len(DATA) :]), node)
        if isinstance(value, bytes) and (value == DATA.encode() or value.startswith(DATA.encode() + b"/")):
            return ast.copy_location(ast.Constant(os.fsencode(self._data) + value[len(DATA) :]), node)
        return node
