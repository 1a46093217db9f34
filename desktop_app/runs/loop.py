"""One run from its first turn to its end: the model is asked, its searches are done, it is asked again."""

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
    ModelRequest,
    Passage,
    TextDelta,
    ToolCall,
    Turn,
)
from desktop_app.models.prompting import NOTHING_FOUND, render_passages
from desktop_app.runs import ending, prompt
from desktop_app.runs.calls import Call, Calls
from desktop_app.runs.citations import CitingWriter
from desktop_app.runs.ending import Ending
from desktop_app.runs.recorder import RunRecorder
from desktop_app.runs.retrieval import search_query
from desktop_app.runs.searching import TOOL, FileSearch, empty_call
from desktop_app.wire.ids import CALL, new_id

MAX_TURNS = 12
"""A model that still calls tools after so many turns will not stop by itself."""

OpenWriter = Callable[[FileSearch | None], Awaitable[CitingWriter]]
Say = Callable[[str], None]


class RunLoop:
    """Executes one run. `file_search` is None where there is nothing to search."""

    def __init__(
        self,
        run: dict[str, Any],
        model: Model,
        history: Sequence[Turn],
        file_search: FileSearch | None,
        *,
        always_first: bool,
        recorder: RunRecorder,
        open_writer: OpenWriter,
        say: Say,
    ) -> None:
        self._run = run
        self._model = model
        self._history = history
        self._file_search = file_search
        self._always_first = always_first
        self._recorder = recorder
        self._open_writer = open_writer
        self._say = say
        self._functions = {tool["function"]["name"] for tool in run["tools"] if tool["type"] == "function"}
        self._turns: list[Turn] = []
        self._passages: list[Passage] | None = None
        self._answered = False
        self.writer: CitingWriter | None = None
        """The message that is being written; whoever ends the run ends it too."""

    async def run(self) -> Ending:
        """How the run ended; raises ModelError. Returns only when there is nothing left to ask or to do."""
        for number in range(MAX_TURNS):
            if self._file_search is not None and self._passages is None and self._searches_first:
                await self._search_first(self._file_search)
            request, reason = self._request(first=number == 0)
            if request is None:
                return ending.incomplete(reason)
            self._say("Writing the answer...")
            calls = Calls(self._recorder, self._functions)
            try:
                finished = await self._turn(request, calls)
            except ModelError:
                if request.tools and not self._model.calls_tools:
                    continue  # it turned out not to know tools: search first, ask again
                raise
            if finished.reason == "length":
                return ending.incomplete("max_completion_tokens")
            if finished.reason == "content_filter":
                raise ModelError(
                    "The provider's content filter stopped the answer. Ask in other words.", "server_error"
                )
            if not calls:
                if not self._answered:
                    raise ModelError("The model gave no answer. Ask again, or choose another model.", "server_error")
                return ending.completed()
            await self._do(calls)
        raise ModelError(f"The model called tools {MAX_TURNS} times and gave no answer.", "server_error")

    @property
    def _searches_first(self) -> bool:
        return self._run["tool_choice"] != "none" and (self._always_first or not self._model.calls_tools)

    async def _search_first(self, file_search: FileSearch) -> None:
        """Search with the user's message and record it as the step that a calling model would have left."""
        self._say(file_search.status_text)
        calls = Calls(self._recorder, set())
        call = await calls.start(0, new_id(CALL), TOOL)
        found = await file_search.search(search_query(self._history))
        calls.answer(call, file_search.call(call.id, [hit for _, hit in found]))
        await calls.close()
        self._passages = [passage for passage, _ in found]

    def _request(self, *, first: bool) -> tuple[ModelRequest | None, str]:
        """The next turn's request; without one, the limit that was reached."""
        run, used = self._run, self._recorder.usage
        searches = self._file_search is not None and run["tool_choice"] != "none"
        system = prompt.system_turns(run["instructions"], searches)
        prompt_left = (run["max_prompt_tokens"] or used.prompt_tokens + prompt.PROMPT_TOKENS) - used.prompt_tokens
        passages = sum(len(passage.text) for passage in self._passages or ()) // prompt.CHARS_PER_TOKEN
        turns = prompt.fit(system, self._history, self._turns, prompt_left - passages)
        if turns is None:
            return None, "max_prompt_tokens"
        completion_left = None
        if run["max_completion_tokens"] is not None:
            completion_left = run["max_completion_tokens"] - used.completion_tokens
            if completion_left <= 0:
                return None, "max_completion_tokens"
        tools = prompt.function_tools(run["tools"]) if self._model.calls_tools else []
        if searches and self._passages is None:
            tools.append(prompt.FILE_SEARCH)
        choice = prompt.tool_choice(run["tool_choice"], tools)
        request = ModelRequest(
            model=run["model"],
            turns=turns,
            tools=tools,
            tool_choice=choice if first or choice == "none" else "auto",
            passages=self._passages,
            temperature=run["temperature"],
            top_p=run["top_p"],
            max_completion_tokens=completion_left,
            response_format=None if run["response_format"] == "auto" else run["response_format"],
            parallel_tool_calls=bool(run["parallel_tool_calls"]),
        )
        return request, ""

    async def _turn(self, request: ModelRequest, calls: Calls) -> Finished:
        finished = Finished()
        async with aclosing(self._model.stream(request)) as parts:  # type: ignore[type-var]  # models are generators
            async for part in parts:
                match part:
                    case TextDelta(text):
                        await self._write(text)
                    case CallStarted(index, call_id, name):
                        await self._close_answer()
                        await calls.start(index, call_id, name)
                    case CallArguments(index, fragment):
                        calls.add_arguments(index, fragment)
                    case Finished():
                        finished = part
                        self._recorder.count(part.usage)
                await asyncio.sleep(0)  # a fast provider must not keep the loop from those who read this stream
        return finished

    async def _write(self, text: str) -> None:
        if self.writer is None:
            if not text.strip():
                return  # line feeds in front of an answer or a tool call
            self.writer = await self._open_writer(self._file_search)
            self._answered = True
        await self.writer.add(text)

    async def _close_answer(self) -> None:
        """The message written so far is complete, while the run goes on."""
        if self.writer is not None:
            writer, self.writer = self.writer, None
            await writer.finish()
            await self._recorder.close_answer(writer.answer)

    async def _do(self, calls: Calls) -> None:
        """Do the searches that the model asked for, and leave functions to the client."""
        await self._close_answer()
        self._turns.append(Turn("assistant", "", [ToolCall(call.id, call.name, call.arguments) for call in calls]))
        for call in calls:
            if call.name == TOOL:
                output = await self._search(calls, call)
            elif not calls.is_function(call):
                output = f"There is no tool named '{call.name}'."
            else:
                continue
            self._turns.append(Turn("tool", output, call_id=call.id))
        if any(calls.is_function(call) for call in calls):
            await calls.wait_for_client()
            await asyncio.get_running_loop().create_future()  # until the run is cancelled or expires
        await calls.close()

    async def _search(self, calls: Calls, call: Call) -> str:
        if self._file_search is None:
            calls.answer(call, empty_call(call.id))
            return NOTHING_FOUND
        self._say(self._file_search.status_text)
        found = await self._file_search.search(call.query() or search_query(self._history))
        calls.answer(call, self._file_search.call(call.id, [hit for _, hit in found]))
        return render_passages([passage for passage, _ in found])
