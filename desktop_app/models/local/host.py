"""The one model that is in memory: loaded when a question comes, gone again when none has come for a while."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from desktop_app.models.base import ModelError
from desktop_app.models.local.library import Installed
from desktop_app.models.local.options import Chosen, choose
from desktop_app.models.local.process import LoadError, ModelProcess, ProcessEndedError
from desktop_app.wire.models import LocalOptions

State = Literal["stopped", "loading", "running", "failed"]


class ModelHost:
    """Belongs to the event loop. `changed(model id)` is called when a model's state has become another.

    One question at a time: a second one would halve the speed of the first, and need as much memory again.
    """

    def __init__(self, idle_s: float, changed: Callable[[str], None]) -> None:
        self._idle_s = idle_s
        self._changed = changed
        self._turn = asyncio.Lock()
        self._process: ModelProcess | None = None
        self._model: Installed | None = None
        self._loading: str | None = None
        self._failures: dict[str, str] = {}
        self._idle: asyncio.TimerHandle | None = None
        self._unloading: asyncio.Task[None] | None = None
        self._chosen: Chosen | None = None

    def state(self, model_id: str) -> tuple[State, str]:
        """With the sentence that says why it failed."""
        if model_id == self._loading:
            return "loading", ""
        if self._model is not None and self._model.id == model_id and self._process is not None and self._process.runs:
            return "running", ""
        failure = self._failures.get(model_id, "")
        return ("failed" if failure else "stopped"), failure

    def chosen_for(self, model_id: str) -> LocalOptions | None:
        """How a model that is in memory runs."""
        if self.state(model_id)[0] != "running" or self._chosen is None or self._process is None:
            return None
        layers = self._process.gpu_layers
        return LocalOptions(
            context_tokens=self._chosen.context_tokens, threads=self._chosen.threads, gpu_layers=layers
        )

    @asynccontextmanager
    async def loaded(self, model: Installed) -> AsyncIterator[ModelProcess]:
        """A process with this model in it, for one question. Raises ModelError."""
        async with self._turn:
            if self._idle is not None:
                self._idle.cancel()
            if self._model != model or self._process is None or not self._process.runs:
                await self._unload()
                await self._load(model)
            assert self._process is not None
            try:
                yield self._process
            except ProcessEndedError as error:
                raise ModelError(
                    f"{model.name} stopped in the middle of its answer: the process that runs it {error}. Ask again; "
                    "if it happens again, choose a smaller model or set a shorter context.",
                    "server_error",
                ) from error
            finally:
                if self._process.runs:
                    self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._unload_soon)
                else:
                    self._changed(model.id)

    async def unload(self, model_id: str) -> None:
        """Take a model out of memory."""
        async with self._turn:
            if self._model is not None and self._model.id == model_id:
                await self._unload()
        self.forget_failure(model_id)

    def answers(self, model_id: str) -> bool:
        """Whether a question is with this model now."""
        return self._turn.locked() and self.state(model_id)[0] in ("loading", "running")

    def forget_failure(self, model_id: str) -> None:
        """After a change that may have mended it."""
        self._failures.pop(model_id, None)

    async def close(self) -> None:
        """End the process at once."""
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None:
            await self._process.close()
        if self._unloading is not None:
            await self._unloading

    async def _load(self, model: Installed) -> None:
        self._failures.pop(model.id, None)
        self._loading = model.id
        self._changed(model.id)
        self._process = await ModelProcess.start()
        try:
            self._chosen = choose(model.header, model.bytes, model.options)
            await self._process.load(
                model.path, self._chosen.context_tokens, self._chosen.threads, self._chosen.gpu_layers
            )
            self._model = model
        except (LoadError, ProcessEndedError) as error:
            self._failures[model.id] = _why(model, error)
            raise ModelError(self._failures[model.id], "server_error") from error
        finally:
            self._loading = None
            if self._model is None:
                await self._process.close()
                self._process = None
            self._changed(model.id)

    async def _unload(self) -> None:
        process, model = self._process, self._model
        self._process = self._model = None
        if process is not None:
            await process.close()
        if model is not None:
            self._changed(model.id)

    def _unload_soon(self) -> None:
        self._unloading = asyncio.create_task(self._unload_idle(), name="unload idle model")

    async def _unload_idle(self) -> None:
        async with self._turn:
            await self._unload()


def _why(model: Installed, error: Exception) -> str:
    if isinstance(error, ProcessEndedError):
        what = f"the process that loaded it {error}"
        remedy = "Set a shorter context, choose a smaller model, or download the file again."
    elif "unknown model architecture" in str(error):
        what = f"models of the kind '{model.header.architecture}' are not known here"
        remedy = "Update Deskside, or choose another model."
    elif "shared object" in str(error):
        what = f"a library of this system is missing ({error})"
        remedy = "Install it (libgomp is in the package libgomp1 of Debian and Ubuntu), and ask again."
    else:
        what = str(error).rstrip(".")
        remedy = "Set a shorter context, or download the file again."
    return f"{model.name} could not be loaded: {what}. {remedy}"
