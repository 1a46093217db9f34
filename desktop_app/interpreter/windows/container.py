"""Starting a process in an AppContainer and a job object, held like a Popen of the standard library."""

import ctypes
import msvcrt
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from desktop_app.interpreter.windows import structures
from desktop_app.interpreter.windows.structures import DWORD, HANDLE

_NAME = "Deskside.CodeInterpreter"
_ALREADY_THERE = -2147024713  # HRESULT of ERROR_ALREADY_EXISTS
_HANDLE_LIST, _SECURITY_CAPABILITIES, _CHILD_PROCESS_POLICY = 0x00020002, 0x00020009, 0x0002000E
_NO_CHILDREN = 1
_SUSPENDED, _UNICODE_ENVIRONMENT, _NO_WINDOW, _EXTENDED = 0x4, 0x400, 0x08000000, 0x00080000
_USE_HANDLES = 0x100
_JOB_LIMITS, _JOB_USER_INTERFACE = 9, 4
_INHERIT = 1
_STILL_ACTIVE = 259
_WAIT_TIMEOUT = 258

_dll: Any = ctypes.WinDLL  # type: ignore[attr-defined]  # only on Windows
_kernel, _userenv, _advapi = (_dll(name, use_last_error=True) for name in ("kernel32", "userenv", "advapi32"))
_ntdll = _dll("ntdll")
for _function in ("CreateJobObjectW", "GetCurrentProcess"):
    getattr(_kernel, _function).restype = HANDLE


class ContainedProcess:
    """What `subprocess.Popen` is for the host: three pipes, `poll`, `wait` and `kill`."""

    def __init__(self, process: int, job: int, pid: int, pipes: tuple[IO[bytes], IO[bytes], IO[bytes]]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = pipes
        self._process = process
        self._job = job

    def poll(self) -> int | None:
        code = DWORD()
        _kernel.GetExitCodeProcess(HANDLE(self._process), ctypes.byref(code))
        if code.value != _STILL_ACTIVE:
            self.returncode = code.value
        return self.returncode

    def wait(self, timeout: float) -> int:
        if _kernel.WaitForSingleObject(HANDLE(self._process), DWORD(int(timeout * 1000))) == _WAIT_TIMEOUT:
            raise subprocess.TimeoutExpired(_NAME, timeout)
        return self.poll() or 0

    def kill(self) -> None:
        _kernel.TerminateJobObject(HANDLE(self._job), 1)

    def freeze(self) -> None:
        _ntdll.NtSuspendProcess(HANDLE(self._process))

    def thaw(self) -> None:
        _ntdll.NtResumeProcess(HANDLE(self._process))


def start(
    command: Sequence[str], environment: Mapping[str, str], data: str, readable: Sequence[str], memory_bytes: int
) -> ContainedProcess:
    """Start `command` in the container; of the files it reaches `readable`, and may write `data`. Raises OSError."""
    container = _container()
    name = _name(container)
    for path in readable:
        _grant(path, name, "(OI)(CI)(RX)")
    _grant(data, name, "(OI)(CI)(M)")
    ours, theirs = zip(*(_pipe(to_them=number == 0) for number in range(3)), strict=True)
    capabilities = structures.SecurityCapabilities(container, None, 0, 0)
    handles = (HANDLE * 3)(*theirs)
    policy = DWORD(_NO_CHILDREN)
    information = structures.ProcessInformation()
    try:
        with _attributes(
            (_SECURITY_CAPABILITIES, capabilities), (_HANDLE_LIST, handles), (_CHILD_PROCESS_POLICY, policy)
        ) as attributes:
            startup = structures.StartupInfo(size=ctypes.sizeof(structures.StartupInfo), flags=_USE_HANDLES)
            startup.stdin, startup.stdout, startup.stderr = theirs
            startup.attributes = ctypes.addressof(attributes)
            block = ctypes.create_unicode_buffer(
                "".join(f"{key}={text}\0" for key, text in environment.items()) + "\0"
            )
            _check(
                _kernel.CreateProcessW(
                    None,
                    ctypes.create_unicode_buffer(subprocess.list2cmdline(command)),
                    None,
                    None,
                    True,
                    _SUSPENDED | _UNICODE_ENVIRONMENT | _NO_WINDOW | _EXTENDED | structures.BELOW_NORMAL_PRIORITY,
                    block,
                    data,
                    ctypes.byref(startup),
                    ctypes.byref(information),
                )
            )
    finally:
        for handle in theirs:
            _kernel.CloseHandle(HANDLE(handle))
    job = _job(memory_bytes)
    if not _kernel.AssignProcessToJobObject(HANDLE(job), HANDLE(information.process)):
        _kernel.TerminateProcess(HANDLE(information.process), 1)
        raise ctypes.WinError(ctypes.get_last_error())  # type: ignore[attr-defined]  # only on Windows
    _kernel.ResumeThread(HANDLE(information.thread))
    _kernel.CloseHandle(HANDLE(information.thread))
    flags = (os.O_WRONLY, os.O_RDONLY, os.O_RDONLY)
    descriptors = [msvcrt.open_osfhandle(handle, flag) for handle, flag in zip(ours, flags, strict=True)]  # type: ignore[attr-defined]  # only on Windows
    pipes = (os.fdopen(descriptors[0], "wb"), os.fdopen(descriptors[1], "rb"), os.fdopen(descriptors[2], "rb"))
    return ContainedProcess(information.process, job, information.process_id, pipes)


def _container() -> int:
    """The SID of our container, made for this user the first time."""
    sid = ctypes.c_void_p()
    result = _userenv.CreateAppContainerProfile(_NAME, "Deskside code", "Runs code", None, 0, ctypes.byref(sid))
    if result == _ALREADY_THERE:
        result = _userenv.DeriveAppContainerSidFromAppContainerName(_NAME, ctypes.byref(sid))
    if result != 0 or sid.value is None:
        raise OSError(f"no AppContainer could be made (0x{result & 0xFFFFFFFF:08x})")
    return sid.value


def _name(sid: int) -> str:
    """A SID in writing."""
    text = ctypes.c_wchar_p()
    _check(_advapi.ConvertSidToStringSidW(ctypes.c_void_p(sid), ctypes.byref(text)))
    return text.value or ""


def _grant(path: str, sid: str, rights: str) -> None:
    """Let the container at a folder that is ours to give; the system's own folders are open to it already."""
    subprocess.run(
        ["icacls", path, "/grant", f"*{sid}:{rights}", "/q"],
        capture_output=True,
        check=False,
        creationflags=_NO_WINDOW,
    )


def _pipe(to_them: bool) -> tuple[int, int]:
    """Our end and theirs, of which only theirs is inherited."""
    read, write = HANDLE(), HANDLE()
    _check(_kernel.CreatePipe(ctypes.byref(read), ctypes.byref(write), None, 0))
    ours, theirs = (write, read) if to_them else (read, write)
    _check(_kernel.SetHandleInformation(theirs, _INHERIT, _INHERIT))
    return ours.value or 0, theirs.value or 0


@contextmanager
def _attributes(*pairs: tuple[int, Any]) -> Iterator[Any]:
    """A list of attributes for CreateProcess."""
    size = ctypes.c_size_t()
    _kernel.InitializeProcThreadAttributeList(None, len(pairs), 0, ctypes.byref(size))
    memory = ctypes.create_string_buffer(size.value)
    _check(_kernel.InitializeProcThreadAttributeList(memory, len(pairs), 0, ctypes.byref(size)))
    try:
        for attribute, value in pairs:
            _check(
                _kernel.UpdateProcThreadAttribute(
                    memory,
                    0,
                    ctypes.c_size_t(attribute),
                    ctypes.byref(value),
                    ctypes.c_size_t(ctypes.sizeof(value)),
                    None,
                    None,
                )
            )
        yield memory
    finally:
        _kernel.DeleteProcThreadAttributeList(memory)


def _job(memory_bytes: int) -> int:
    job = _kernel.CreateJobObjectW(None, None)
    limits, interface = structures.job_limits(memory_bytes), DWORD(structures.USER_INTERFACE)
    for kind, value in ((_JOB_LIMITS, limits), (_JOB_USER_INTERFACE, interface)):
        _check(_kernel.SetInformationJobObject(HANDLE(job), kind, ctypes.byref(value), ctypes.sizeof(value)))
    return int(job)


def _check(succeeded: int) -> None:
    if not succeeded:
        raise ctypes.WinError(ctypes.get_last_error())  # type: ignore[attr-defined]  # only on Windows
