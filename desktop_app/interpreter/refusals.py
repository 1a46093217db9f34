"""What the model and the person read when code meets a limit: one sentence, after the traceback."""

import errno
from pathlib import PurePath
from types import TracebackType

NETWORK = "Network access is off in the code interpreter."
PROGRAMS = "Starting other programs is not allowed (no pip, no shell, no multiprocessing; threads work)."
PATHS = "Only files in /mnt/data can be used."
DISK = "Disk limit reached."
SHELL = "Shell commands are not available."
MODULES = "This package is not part of the code interpreter, and none can be installed."

_NETWORK_MODULES = {"socket.py", "ssl.py", "socketserver.py", "selectors.py"}
_PROGRAM_MODULES = {"subprocess.py", "popen_fork.py", "synchronize.py", "pty.py"}
_REFUSED = {errno.EPERM, errno.EACCES, errno.ENOENT, errno.EXDEV, errno.EROFS, errno.ENOSYS}
_FULL = {errno.EFBIG, errno.ENOSPC, errno.EDQUOT}


def memory(limit_bytes: int) -> str:
    return f"Memory limit of {limit_bytes / 2**30:g} GB reached."


def sentence(error: BaseException, data: str, memory_bytes: int) -> str | None:
    """The sentence that explains `error`, or any error that led to it; None when no limit is to blame."""
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        if (found := _own_sentence(error, data, memory_bytes)) is not None:
            return found
        reason = getattr(error, "reason", None)  # urllib keeps the cause there
        cause = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__
        if cause is None:
            break
        error = cause
    return None


def _own_sentence(error: BaseException, data: str, memory_bytes: int) -> str | None:
    if isinstance(error, MemoryError):
        return memory(memory_bytes)
    if isinstance(error, ModuleNotFoundError):
        return MODULES
    if not isinstance(error, OSError):
        return None
    if error.errno in _FULL:
        return DISK
    modules = _modules(error.__traceback__)
    if type(error).__name__ in ("gaierror", "herror") or modules & _NETWORK_MODULES:
        return NETWORK
    if error.errno not in _REFUSED:
        return None
    if modules & _PROGRAM_MODULES:
        return PROGRAMS
    if isinstance(error.filename, str | bytes):
        return PATHS if _outside(error.filename, data) else None
    return PROGRAMS if error.errno in (errno.EPERM, errno.ENOSYS) else None


def _outside(path: str | bytes, data: str) -> bool:
    named = PurePath(path if isinstance(path, str) else path.decode(errors="replace"))
    return ".." in named.parts or (named.is_absolute() and not named.is_relative_to(data))


def _modules(trace: TracebackType | None) -> set[str]:
    """The names of the files that the error passed through."""
    names = set()
    while trace is not None:
        names.add(PurePath(trace.tb_frame.f_code.co_filename).name)
        trace = trace.tb_next
    return names
