"""How a model is run where nobody said: context, threads, and what it needs of the memory."""

import os
from dataclasses import dataclass

import psutil

from desktop_app.models.local.gguf import GgufHeader
from desktop_app.wire.models import LocalOptions

USUAL_CONTEXT = 16_384
"""Room for passages and a conversation; a model that could read more would need memory for it, used or not."""
LEAST_CONTEXT = 2048
_STEP = 256
_SPARE_BYTES = 1 << 30
"""Left to everything else: buffers of the model's program, the system, the window."""


@dataclass(frozen=True)
class Chosen:
    """`gpu_layers` None: as many as the graphics processor has room for, which only the model's process can say."""

    context_tokens: int
    threads: int
    gpu_layers: int | None


def choose(header: GgufHeader, file_bytes: int, options: LocalOptions) -> Chosen:
    """What a person did not set, from the model and from the memory that is free now."""
    return Chosen(
        options.context_tokens or _context(header, psutil.virtual_memory().available - file_bytes),
        options.threads or physical_cores(),
        options.gpu_layers,
    )


def physical_cores() -> int:
    """More threads than that only get into each other's way; no more than this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


def _context(header: GgufHeader, free_bytes: int) -> int:
    most = min(USUAL_CONTEXT, header.context_tokens or LEAST_CONTEXT)
    room = (free_bytes - _SPARE_BYTES) // max(1, header.kv_bytes_per_token)
    return max(min(LEAST_CONTEXT, most), min(most, room // _STEP * _STEP))
