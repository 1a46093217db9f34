"""A GGUF model behind the interface that all sources of answers have."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from desktop_app.models.base import ModelError, ModelPart, ModelRequest, Preparing
from desktop_app.models.chat.body import chat_body
from desktop_app.models.chat.reading import ChatReading
from desktop_app.models.local.host import ModelHost
from desktop_app.models.local.library import Installed
from desktop_app.models.local.process import RefusedError
from desktop_app.models.prompted import prompted_stream
from desktop_app.models.prompting import without_older_images
from desktop_app.models.remote.faults import AnswerError, ReportedError, TooLongAnswerError, is_too_long
from desktop_app.wire.answers import LOCAL_PREFIX


class GgufModel:
    """A model of the library; loads when it is asked."""

    def __init__(self, host: ModelHost, model: Installed) -> None:
        self._host = host
        self._model = model

    @property
    def name(self) -> str:
        return LOCAL_PREFIX + self._model.id

    @property
    def calls_tools(self) -> bool:
        return self._model.header.calls_tools

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart]:
        """The parts of one turn, as `Model.stream` promises."""
        if request.tools and not self.calls_tools:
            return prompted_stream(self._stream, request)
        return self._stream(request)

    async def _stream(self, request: ModelRequest) -> AsyncGenerator[ModelPart]:
        request = self._readable(replace(request, model=self._model.id))
        reading = ChatReading(request)
        body = json.dumps(chat_body(request, frozenset())).encode()
        if self._host.state(self._model.id)[0] != "running":
            yield Preparing(f"Loading {self._model.name}...")
        async with self._host.loaded(self._model) as process:
            yield Preparing(f"{self._model.name} reads the question...")
            try:
                async with aclosing(process.answer(body)) as chunks:
                    async for chunk in chunks:
                        for part in reading.read(json.loads(chunk)):
                            yield part
                for part in reading.finish():
                    yield part
            except (RefusedError, AnswerError) as error:
                raise self._explained(error) from error

    def _readable(self, request: ModelRequest) -> ModelRequest:
        """The request without images, which these models can't see; raises ModelError where the question has some."""
        if not any(turn.images for turn in request.turns):
            return request
        if (less := without_older_images(request)) is None:
            raise ModelError(
                f"{self._model.name} can't see images. Choose a model that can, or send the message without them.",
                "invalid_prompt",
            )
        return less

    def _explained(self, error: Exception) -> ModelError:
        said = error.said if isinstance(error, ReportedError) else str(error)
        if is_too_long(said):
            return ModelError(
                f"This conversation is longer than {self._model.name} can read with its present context. Start a new "
                "thread, or set a longer context for this model.",
                "invalid_prompt",
                too_long=True,
            )
        if isinstance(error, TooLongAnswerError):
            return ModelError(f"{self._model.name} did not stop writing. Ask in other words.", "server_error")
        return ModelError(
            f"{self._model.name} could not answer: {said.rstrip('.') or 'it said nothing'}.", "server_error"
        )
