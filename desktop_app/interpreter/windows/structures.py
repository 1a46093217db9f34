"""The structures of the Windows API that starting a confined process takes; their sizes are those of 64 bits.

Sources: processthreadsapi.h, winnt.h, jobapi2.h of the Windows SDK. Fixed sizes rather than ctypes.wintypes, whose
sizes differ on other systems, where these are tested.
"""

import ctypes

DWORD = ctypes.c_uint32
HANDLE = ctypes.c_void_p
SIZE = ctypes.c_uint64


class SecurityCapabilities(ctypes.Structure):
    """SECURITY_CAPABILITIES: which container, with which capabilities (none)."""

    _fields_ = (
        ("container", ctypes.c_void_p),
        ("capabilities", ctypes.c_void_p),
        ("count", DWORD),
        ("reserved", DWORD),
    )


class StartupInfo(ctypes.Structure):
    """STARTUPINFOEXW."""

    _fields_ = (
        ("size", DWORD),
        ("reserved", ctypes.c_wchar_p),
        ("desktop", ctypes.c_wchar_p),
        ("title", ctypes.c_wchar_p),
        *((name, DWORD) for name in ("x", "y", "width", "height", "columns", "rows", "fill", "flags")),
        ("show", ctypes.c_uint16),
        ("reserved_size", ctypes.c_uint16),
        ("reserved_bytes", ctypes.c_void_p),
        ("stdin", HANDLE),
        ("stdout", HANDLE),
        ("stderr", HANDLE),
        ("attributes", ctypes.c_void_p),
    )


class ProcessInformation(ctypes.Structure):
    """PROCESS_INFORMATION."""

    _fields_ = (("process", HANDLE), ("thread", HANDLE), ("process_id", DWORD), ("thread_id", DWORD))


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", DWORD),
        ("smallest_set", SIZE),
        ("largest_set", SIZE),
        ("processes", DWORD),
        ("affinity", SIZE),
        ("priority", DWORD),
        ("scheduling", DWORD),
    )


class JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", BasicLimits),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", SIZE),
        ("job_memory", SIZE),
        ("peak_process_memory", SIZE),
        ("peak_job_memory", SIZE),
    )


PROCESS_AND_MEMORY = 0x8 | 0x200 | 0x2000 | 0x400
"""JOB_OBJECT_LIMIT_ACTIVE_PROCESS, JOB_MEMORY, KILL_ON_JOB_CLOSE, DIE_ON_UNHANDLED_EXCEPTION."""
USER_INTERFACE = 0xFF
"""JOB_OBJECT_UILIMIT_*: no clipboard, no other windows, no desktops, no global atoms, no shutting down."""
BELOW_NORMAL_PRIORITY = 0x4000


def job_limits(memory_bytes: int) -> JobLimits:
    """One process, so much memory, and the end of all when the host's handle closes."""
    limits = JobLimits()
    limits.basic.flags = PROCESS_AND_MEMORY
    limits.basic.processes = 1
    limits.job_memory = memory_bytes
    return limits
