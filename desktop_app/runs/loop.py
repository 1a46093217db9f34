"""A run while it is executed: the model is asked, its searches are done, it is asked again."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from desktop_app.models.base import (
    CallArguments,
    CallStarted,
    Finished,
    Model,
    ModelError,
    ModelPart,
    ModelRequest,
    Preparing,
    ReasoningDelta,
    TextDelta,
    ToolCall,
    Turn,
    Waiting,
)
from desktop_app.models.prompting import NOTHING_FOUND
from desktop_app.runs import cells, ending, prompt
from desktop_app.runs.calls import Call, Calls, EngineTool, FunctionCall
from desktop_app.runs.checking import CallCheck
from desktop_app.runs.citations import CitingWriter
from desktop_app.runs.code import CodeCall, CodeInterpreter
from desktop_app.runs.ending import Ending
from desktop_app.runs.fitting import Fitting
from desktop_app.runs.progress import Progress
from desktop_app.runs.recorder import RunRecorder
from desktop_app.runs.searching import TOOL, FileSearch, SearchCall
from desktop_app.wire.ids import CALL, new_id

MAX_TURNS = 12
"""A model that still calls tools after so many turns will not stop by itself."""

_WRITING = "Writing the answer..."
_DOING: dict[type[ModelPart], str] = {Waiting: "Waiting for the provider...", ReasoningDelta: "Thinking..."}

OpenWriter = Callable[[], Awaitable[CitingWriter]]
Say = Callable[[str], None]


class RunLoop:
    """Executes a run from `progress` on, until it ends or waits for its client.

    `history` are the thread's turns before the run; `file_search` is None where there is nothing to search, `code`
    where the run has no code interpreter.
    """

    def __init__(
        self,
        run: dict[str, Any],
        model: Model,
        history: Sequence[Turn],
        progress: Progress,
        file_search: FileSearch | None,
        code: CodeInterpreter | None,
        *,
        always_first: bool,
        recorder: RunRecorder,
        open_writer: OpenWriter,
        say: Say,
    ) -> None:
        self._run = run
        self._model = model
        self._progress = progress
        self._file_search = file_search
        self._always_first = always_first
        self._recorder = recorder
        self._open_writer = open_writer
        self._say = say
        self._tools: dict[str, EngineTool] = {}
        self._kinds: dict[str, type[Call]] = {TOOL: SearchCall}
        if file_search is not None:
            self._tools[TOOL] = file_search
        if code is not None:
            self._tools[cells.TOOL], self._kinds[cells.TOOL] = code, CodeCall
        self._kinds |= {tool["function"]["name"]: FunctionCall for tool in run["tools"] if tool["type"] == "function"}
        self._check = CallCheck(run["tools"], self._kinds)
        self._fitting = Fitting(run, history)
        self._text: list[str] = []  # of this turn, as the model wrote it
        self.writer: CitingWriter | None = None
        """The message that is being written; whoever ends the run ends it too."""

    async def run(self) -> Ending | None:
        """How the run ended, None when it waits for the outputs of functions; raises ModelError."""
        for turn in self._progress.turns:
            past = (self._check.complaint(call.name, call.arguments, all_schemas=False) for call in turn.calls)
            self._check.count(list(filter(None, past)), self._model.name)
        for _ in range(MAX_TURNS):
            called_tools = self._model.calls_tools
            if self._file_search is not None and self._progress.passages is None and self._searches_first:
                await self._search_first(self._file_search)
            request, reason = self._request()
            if request is None:
                return ending.incomplete(reason)
            self._say(_WRITING)
            calls = Calls(self._recorder, self._kinds, parallel=request.parallel_tool_calls)
            try:
                finished = await self._turn(request, calls)
            except ModelError as error:
                if called_tools and not self._model.calls_tools:
                    continue  # it turned out not to know tools: search first, ask again
                if error.too_long and self._fitting.can_shorten():
                    continue
                raise
            if finished.reason == "length":
                return ending.incomplete("max_completion_tokens")
            if finished.reason == "content_filter":
                raise ModelError(
                    "The provider's content filter stopped the answer. Ask in other words.", "server_error"
                )
            if not calls:
                await self._show_images()
                if not self._progress.answered:
                    raise ModelError("The model gave no answer. Ask again, or choose another model.", "server_error")
                return ending.completed()
            await self._close_answer()
            self._recorder.keep_thoughts(finished.thoughts)
            await self._do(calls, finished.thoughts)
            if any(isinstance(call, FunctionCall) and call.output is None for call in calls):
                await self._recorder.require_action()
                return None
            await self._recorder.close_calls()
        raise ModelError(f"The model called tools {MAX_TURNS} times and gave no answer.", "server_error")

    @property
    def _searches_first(self) -> bool:
        return self._run["tool_choice"] != "none" and (self._always_first or not self._model.calls_tools)

    async def _search_first(self, file_search: FileSearch) -> None:
        """Search with the user's message and record it as the step that a calling model would have left."""
        self._say(file_search.status_text)
        calls = Calls(self._recorder, {TOOL: SearchCall})
        await calls.start(0, new_id(CALL), TOOL)
        (call,) = calls
        assert isinstance(call, SearchCall)
        passages = await file_search.search_first(call)
        await self._recorder.close_calls()
        self._progress.passages = passages

    def _request(self) -> tuple[ModelRequest | None, str]:
        """The next turn's request; without one, the limit that was reached."""
        run, used, passages = self._run, self._recorder.usage, self._progress.passages
        in_use = [] if run["tool_choice"] == "none" else list(self._tools.values())
        system = prompt.system_turns(run["instructions"], [tool.guidance for tool in in_use])
        turns = self._fitting.turns(system, self._progress.turns, passages or (), used.prompt_tokens)
        if turns is None:
            return None, "max_prompt_tokens"
        completion_left = None
        if run["max_completion_tokens"] is not None:
            completion_left = run["max_completion_tokens"] - used.completion_tokens
            if completion_left <= 0:
                return None, "max_completion_tokens"
        tools = prompt.function_tools(run["tools"])
        tools.extend(tool.offered for tool in in_use if tool is not self._file_search or passages is None)
        choice = prompt.tool_choice(run["tool_choice"], tools)
        request = ModelRequest(
            model=run["model"],
            turns=turns,
            tools=tools,
            tool_choice=choice if choice == "none" or not self._progress.turns else "auto",  # or it would never end
            passages=passages,
            temperature=run["temperature"],
            top_p=run["top_p"],
            reasoning_effort=run["reasoning_effort"],
            max_completion_tokens=completion_left,
            response_format=None if run["response_format"] == "auto" else run["response_format"],
            parallel_tool_calls=bool(run["parallel_tool_calls"]),
        )
        return request, ""

    async def _turn(self, request: ModelRequest, calls: Calls) -> Finished:
        finished = Finished()
        self._text = []
        async with aclosing(self._model.stream(request)) as parts:  # type: ignore[type-var]  # models are generators
            async for part in parts:
                self._say(part.text if isinstance(part, Preparing) else _DOING.get(type(part), _WRITING))
                match part:
                    case TextDelta(text):
                        await self._write(text)
                    case ReasoningDelta(text):
                        self._recorder.tell_reasoning(text)
                    case CallStarted(index, call_id, name):
                        await self._close_answer()
                        await calls.start(index, self._own_id(call_id, calls), name)
                    case CallArguments(index, fragment):
                        calls.add_arguments(index, fragment)
                    case Finished():
                        finished = part
                        self._recorder.count(part.usage)
                await asyncio.sleep(0)  # a fast provider must not keep the loop from those who read this stream
        return finished

    def _own_id(self, call_id: str, calls: Calls) -> str:
        """Clients know a call of a run by its id, while some providers count anew in each turn."""
        earlier = [call for turn in self._progress.turns for call in turn.calls]
        return new_id(CALL) if any(call.id == call_id for call in (*earlier, *calls)) else call_id

    async def _write(self, text: str) -> None:
        self._text.append(text)
        if self.writer is None:
            if not text.strip():
                return  # line feeds in front of an answer or a tool call
            self.writer = await self._open_writer()
            self._progress.answered = True
        await self.writer.add(text)

    async def _show_images(self) -> None:
        """What the run drew and said nothing about is shown by a message of its own."""
        if self.writer is None and self._progress.produced.images:
            self.writer = await self._open_writer()
            self._progress.answered = True

    async def _close_answer(self) -> None:
        """The message written so far is complete, while the run goes on."""
        if self.writer is not None:
            await self.writer.finish()
            await self._recorder.close_answer(self.writer.answer)
            self.writer = None  # not before: who ends the run meanwhile writes the text

    async def _do(self, calls: Calls, thoughts: Sequence[dict[str, Any]]) -> None:
        """Do what the model asked for with tools of ours; functions are left to the client, if it asked rightly."""
        outputs: dict[str, str] = {}
        complaints: list[str] = []
        for call in calls:
            complaint = self._check.complaint(call.name, call.arguments, all_schemas=not self._model.calls_tools)
            if complaint is not None:
                complaints.append(complaint)
                outputs[call.id] = complaint
                if isinstance(call, FunctionCall):
                    call.output = complaint
            elif not isinstance(call, FunctionCall):
                outputs[call.id] = await self._output(call)
        self._check.count(complaints, self._model.name)
        done = [ToolCall(call.id, call.name, call.arguments) for call in calls if call.id in outputs]
        self._progress.add_turn("".join(self._text), done, outputs, thoughts)

    async def _output(self, call: Call) -> str:
        tool = self._tools.get(call.name)
        if tool is None:
            return NOTHING_FOUND  # a search without stores
        self._say(tool.status_text)
        return await tool.do(call)
