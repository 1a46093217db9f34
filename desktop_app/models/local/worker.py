"""The child process that runs a language model (`python -m desktop_app model-worker`): questions in, chunks out.

The first request loads a model: {"kind": "load", path, context_tokens, threads, gpu_layers}, answered by "loaded" with
the `gpu_layers` that it got, or by "failed" with a message. Each later one is {"kind": "ask"} with the JSON of a Chat
Completions request attached; its chunks come as {"kind": "chunk"} with the JSON of one attached, then {"kind": "end"}.
{"kind": "cancel"} ends an answer early.
"""

import os
import queue
import secrets
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from desktop_app.settings.confinement import confine
from desktop_app.settings.frames import read_frame, stdout_for_frames, write_frame

ALL_LAYERS = -1
"""llama.cpp's: as many as the graphics processor has room for."""
_ERRORS_ONLY = 1
_SAID = "error loading model: "
_QUOTED_CHARS = 500

_Requests = queue.SimpleQueue[tuple[dict[str, Any], bytes]]


def run() -> int:
    """Serve requests until the owner closes the pipe."""
    confine(local_sockets=True)
    answers = stdout_for_frames()
    requests: _Requests = queue.SimpleQueue()
    cancelled = threading.Event()
    threading.Thread(target=_receive, args=(sys.stdin.buffer, requests, cancelled), daemon=True).start()
    try:
        model = _load(requests.get()[0], answers)
        while model is not None:
            _answer(model, requests.get()[1], answers, cancelled)
    except BrokenPipeError:
        os._exit(0)  # the owner is gone
    return 1


def _load(order: dict[str, Any], answers: IO[bytes]) -> Any | None:
    try:
        import xllamacpp  # not above: a library of the system that it misses is to be told
    except ImportError as error:
        write_frame(answers, {"kind": "failed", "message": str(error)[:_QUOTED_CHARS]})
        return None
    gpu_layers = order["gpu_layers"]
    if gpu_layers is None:
        gpu_layers = ALL_LAYERS if _has_gpu() else 0
    params = xllamacpp.CommonParams()
    params.model.path = order["path"]
    params.n_ctx = order["context_tokens"]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = order["threads"]
    params.n_gpu_layers = gpu_layers
    params.fit_params = gpu_layers == ALL_LAYERS
    params.n_parallel = 1
    params.cache_ram_mib = 0  # by default it keeps up to 8 GB of earlier conversations
    params.warmup = False  # the first question does the same
    params.verbosity = _ERRORS_ONLY
    params.offline = True
    params.ui = params.endpoint_slots = False
    with tempfile.TemporaryFile() as said:
        try:
            with _unreachable_server(params), _stderr_into(said):
                model = xllamacpp.Server(params)
        except Exception as error:
            said.seek(0)
            reasons = [line.partition(_SAID)[2] for line in said.read().decode(errors="replace").splitlines()]
            message = next(filter(None, reasons), str(error))
            write_frame(answers, {"kind": "failed", "message": message[:_QUOTED_CHARS]})
            return None
    write_frame(answers, {"kind": "loaded", "gpu_layers": gpu_layers})
    return model


def _answer(model: Any, body: bytes, answers: IO[bytes], cancelled: threading.Event) -> None:
    def pass_on(chunk: bytes) -> bool:
        write_frame(answers, {"kind": "chunk"}, chunk)
        return cancelled.is_set()

    end: dict[str, Any] = {"kind": "end"}
    try:
        model.handle_chat_completions(body, pass_on)
    except (RuntimeError, ValueError) as error:  # llama.cpp refuses the request
        end["refused"] = str(error)[:_QUOTED_CHARS]
    write_frame(answers, end)


def _receive(stream: IO[bytes], requests: _Requests, cancelled: threading.Event) -> None:
    """Pass requests on; when the owner is gone, end at once, also in the middle of an answer."""
    while (frame := read_frame(stream)) is not None:
        if frame[0]["kind"] == "cancel":
            cancelled.set()
        else:
            cancelled.clear()
            requests.put(frame)
    os._exit(0)


def _has_gpu() -> bool:
    import xllamacpp

    return any("GPU" in device["type"].name for device in xllamacpp.get_device_info())


@contextmanager
def _unreachable_server(params: Any) -> Iterator[None]:
    """llama.cpp's own HTTP server can't be left out: here nobody reaches it.

    It listens on a socket of the file system that is removed once it does, or on Windows behind a key that nobody has.
    """
    params.api_keys = [secrets.token_urlsafe(32)]
    if sys.platform == "win32":
        yield
        return
    with tempfile.TemporaryDirectory(prefix="deskside-") as folder:
        params.hostnames = [str(Path(folder) / "model.sock")]
        yield


@contextmanager
def _stderr_into(file: IO[bytes]) -> Iterator[None]:
    """What is written to stderr goes into `file`, from C++ too: only there llama.cpp says why it fails."""
    stderr = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
