"""Whatever a provider does, each run on it comes to its end, says why in words, and leaves the thread free."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.service.conftest import PROVIDER_KEY as KEY
from tests.service.conftest import ask, plain, sdk
from tests.support.protocol import check_object
from tests.support.scripted_provider import ScriptedProvider, Turn, closed_port
from tests.support.scripted_wires import sse
from tests.support.service_process import ServiceProcess

MODEL = "maker/model-1"


@dataclass
class House:
    """A service in front of a provider whose turns each test sets."""

    service: ServiceProcess
    provider: ScriptedProvider

    @property
    def host(self) -> str:
        return self.provider.base_url.split("/")[2]


@contextmanager
def _open_house(data_dir: Path, wire: str) -> Iterator[House]:
    with ScriptedProvider([Turn("Fine.")]) as provider:
        environment = {
            "DESKSIDE_PROVIDER_URL": provider.base_url,
            "DESKSIDE_PROVIDER_KEY": KEY,
            "DESKSIDE_PROVIDER_WIRE": wire,
            "DESKSIDE_PROVIDER_FIRST_WORD_TIMEOUT_S": "1",
            "DESKSIDE_PROVIDER_TIMEOUT_S": "0.5",
            "DESKSIDE_PROVIDER_RETRIES": "1",
        }
        service = ServiceProcess(data_dir, environment)
        service.start()
        try:
            yield House(service, provider)
        finally:
            service.stop()


@pytest.fixture(scope="module")
def _houses(tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles) -> Iterator[Callable[[str], House]]:
    """One for each wire, opened at its first use."""
    with ExitStack() as stack:
        yield cache(lambda wire: stack.enter_context(_open_house(tmp_path_factory.mktemp(wire) / "data", wire)))


@pytest.fixture
def house(_houses: Callable[[str], House], request: pytest.FixtureRequest) -> Iterator[House]:
    """Over the wire `chat`, or that of an indirect parameter."""
    opened = _houses(getattr(request, "param", "chat"))
    before = len(opened.service.log())
    yield opened
    log = opened.service.log()[before:]
    assert "Traceback" not in log, log
    assert KEY not in log


def fail(service: ServiceProcess, words: str, code: str = "server_error", text: str = "") -> None:
    """Run on the provider twice in one thread, streamed and polled; both must fail alike."""
    with sdk(service) as client, plain(service) as http:
        assistant = client.beta.assistants.create(model=MODEL)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hello?"}])
        events = _stream(http, thread.id, assistant.id)
        assert [name for name, _ in events[-2:]] == ["thread.run.failed", "done"], events[-2:]
        assert [name for name, _ in events].count("thread.run.failed") == 1
        streamed = events[-2][1]
        polled = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id).to_dict()
        for run in (streamed, polled):
            check_object(run)
            assert run["status"] == "failed"
            assert run["failed_at"] is not None
            assert run["last_error"]["code"] == code, run["last_error"]
            assert words in run["last_error"]["message"], run["last_error"]
            assert KEY not in json.dumps(run)
        messages = [each.to_dict() for each in client.beta.threads.messages.list(thread.id, order="asc")]
        answers = messages[1:]
        assert len(answers) == (2 if text else 0)
        for answer in answers:
            assert answer["status"] == "incomplete"
            assert answer["incomplete_details"] == {"reason": "run_failed"}
            assert answer["content"][0]["text"]["value"] == text  # type: ignore[index]
        for run in (streamed, polled):
            for step in client.beta.threads.runs.steps.list(run["id"], thread_id=thread.id):
                assert step.status == "failed"
                assert step.last_error is not None
        client.beta.threads.messages.create(thread.id, role="user", content="The thread is free.")


def _stream(http: httpx2.Client, thread_id: str, assistant_id: str) -> list[tuple[str, Any]]:
    body = {"assistant_id": assistant_id, "stream": True}
    raw = http.post(f"/threads/{thread_id}/runs", json=body).text
    blocks = [block.split("\n") for block in raw.strip().split("\n\n")]
    return [
        (name.removeprefix("event: "), None if name == "event: done" else json.loads(data.removeprefix("data: ")))
        for name, data in blocks
    ]


def _chunk(content: str) -> str:
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": content}}]}) + "\n\n"


_ERROR = 'data: {"error": {"message": "KEY was seen", "code": 503}}\n\n'.replace("KEY", KEY)
_NO_STREAM = "no Chat Completions stream"
_CALL = {"name": "file_search", "arguments": "{}"}


@dataclass
class Fault:
    """What the provider does, the words and the code that the run ends with, and the text that is kept."""

    turn: Turn
    words: str
    code: str = "server_error"
    text: str = ""


FAULTS = {
    "drops before the first byte": Fault(Turn(drop=True), "The connection to {host} broke"),
    "drops before the first word": Fault(Turn("one two", drop_after=0), "The connection to {host} broke"),
    "drops in the middle": Fault(Turn("one two three", drop_after=2), "{host} broke", text="one two "),
    "drops in the middle of a call": Fault(Turn(calls=[_CALL], drop_after=2), "{host} broke"),
    "ends without an end": Fault(Turn(raw=_chunk("one ")), "{who} broke off", text="one "),
    "ends in the middle of a chunk": Fault(Turn(raw=_chunk("one ") + 'data: {"c'), "{who} broke off", text="one "),
    "accepts and never answers": Fault(Turn("late", hang=30), "{who} said nothing for too long"),
    "stalls in the middle": Fault(Turn("one two", hang_after=1), "{who} said nothing for too long", text="one "),
    "an empty body": Fault(Turn(raw=""), _NO_STREAM),
    "an empty stream": Fault(Turn(raw="data: [DONE]\n\n"), "gave no answer"),
    "an answer without words": Fault(Turn([" \n"]), "gave no answer"),
    "a web page": Fault(Turn(page="<html>Welcome to nginx!</html>"), _NO_STREAM),
    "words that are no stream": Fault(Turn(raw="It works!\n\n"), _NO_STREAM),
    "bytes that are no text": Fault(Turn(raw="\x00\x01\udc80\udcff\n" * 1000), _NO_STREAM),
    "broken JSON at first": Fault(Turn(raw="data: {oops\n\n"), _NO_STREAM),
    "broken JSON later": Fault(Turn(raw=_chunk("one ") + "data: {oops\n\n"), "{who} broke off", text="one "),
    "wrong types": Fault(Turn(raw=_chunk("one ") + 'data: {"choices": 3}\n\n'), "{who} broke off", text="one "),
    "a giant line": Fault(Turn(raw="data: " + "x" * 10_000_000), _NO_STREAM),
    "JSON of something else": Fault(Turn(raw='{"models": []}', kind="application/json"), _NO_STREAM),
    "an error within the stream": Fault(
        Turn(raw=_chunk("one ") + _ERROR), "{who} has a problem of its own (HTTP 503): [key] was seen.", text="one "
    ),
    "an error instead of a stream": Fault(
        Turn(raw='{"error": "Out of memory"}'), "{who} broke off its answer: Out of memory."
    ),
    "a filter": Fault(Turn("one", finish_reason="content_filter"), "content filter", text="one"),
    "HTTP 400": Fault(Turn(status=400, error="bad {key}"), "request for 'maker/model-1' (HTTP 400)", "invalid_prompt"),
    "HTTP 400, too long": Fault(
        Turn(status=400, error="maximum context length is 9"), "longer than 'maker/model-1' can", "invalid_prompt"
    ),
    "HTTP 401": Fault(Turn(status=401, error="Wrong key: {key}"), "{host} did not accept the key"),
    "HTTP 402": Fault(Turn(status=402, error="No money"), "{who} refuses for now", "rate_limit_exceeded"),
    "HTTP 403": Fault(Turn(status=403, error="not for {key}"), "not for [key]."),
    "HTTP 404": Fault(Turn(status=404, error="?"), "knows no model named 'maker/model-1'"),
    "HTTP 405": Fault(Turn(status=405, error="?"), "its address is wrong"),
    "HTTP 408": Fault(Turn(status=408, error="slow"), "(HTTP 408): slow. Ask again."),
    "HTTP 409": Fault(Turn(status=409, error="busy"), "(HTTP 409): busy. Ask again."),
    "HTTP 413": Fault(Turn(status=413, error="big"), "(HTTP 413): big.", "invalid_prompt"),
    "HTTP 422": Fault(Turn(status=422, error="odd"), "(HTTP 422): odd.", "invalid_prompt"),
    "HTTP 429": Fault(Turn(status=429, error="of {key}"), "of [key]. Wait a little", "rate_limit_exceeded"),
    "HTTP 429 with Retry-After": Fault(
        Turn(status=429, error="quota", headers={"Retry-After": "1"}), "Wait a little", "rate_limit_exceeded"
    ),
    "HTTP 500": Fault(Turn(status=500, error="oops"), "{who} has a problem of its own (HTTP 500): oops."),
    "HTTP 502": Fault(Turn(status=502, error="oops"), "(HTTP 502): oops. Ask again later."),
    "HTTP 503": Fault(Turn(status=503, error="oops"), "(HTTP 503): oops. Ask again later."),
    "HTTP 504": Fault(Turn(status=504, error="oops"), "(HTTP 504): oops. Ask again later."),
    "a redirect": Fault(
        Turn(status=307, error="there", headers={"Location": "http://127.0.0.1:1/"}), "{host} has moved (HTTP 307)"
    ),
    "a call without a name": Fault(Turn(calls=[{"name": "", "arguments": "{}"}]), "gave no answer"),
    "calls that never end": Fault(Turn(calls=[{"name": "browse", "arguments": "{}"}]), "gave no answer"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_provider_ends_the_run(house: House, name: str) -> None:
    fault = FAULTS[name]
    house.provider.play(fault.turn)
    words = fault.words.format(host=house.host, who=f"{house.host}, asked for '{MODEL}',")
    fail(house.service, words, fault.code, fault.text)


_ASKED = {"type": "response.created", "response": {"status": "in_progress"}}
_SAID = {"type": "response.output_text.delta", "output_index": 0, "delta": "one "}
_FAILED = {"type": "response.failed", "response": {"error": {"code": "server_error", "message": f"{KEY} was seen"}}}
_NOT_KNOWN = "{who} did not answer over Responses"

RESPONSES_FAULTS = {
    "drops before the first byte": Fault(Turn(drop=True), "The connection to {host} broke"),
    "drops in the middle": Fault(Turn("one two three", drop_after=2), "{host} broke", text="one two "),
    "ends without an end": Fault(Turn(raw=sse(_ASKED, _SAID)), "{who} broke off", text="one "),
    "accepts, greets and never answers": Fault(Turn("one", hang_after=0), "{who} said nothing for too long"),
    "stalls in the middle": Fault(Turn("one two", hang_after=1), "{who} said nothing for too long", text="one "),
    "an empty body": Fault(Turn(raw=""), _NOT_KNOWN),
    "a web page": Fault(Turn(page="<html>Welcome to nginx!</html>"), _NOT_KNOWN),
    "the other wire": Fault(Turn(raw=_chunk("one ")), "Many servers know Chat Completions only"),
    "HTTP 404": Fault(Turn(status=404, error="?"), "DESKSIDE_PROVIDER_WIRE=chat"),
    "HTTP 401": Fault(Turn(status=401, error="Wrong key: {key}"), "{host} did not accept the key"),
    "HTTP 429": Fault(Turn(status=429, error="of {key}"), "of [key]. Wait a little", "rate_limit_exceeded"),
    "failed in the middle": Fault(Turn(raw=sse(_SAID, _FAILED)), "(HTTP 500): [key] was seen.", text="one "),
    "an error within the stream": Fault(
        Turn(raw=sse(_SAID, {"type": "error", "code": "invalid_prompt", "message": "No"})),
        "(HTTP 400): No.",
        "invalid_prompt",
        text="one ",
    ),
    "a filter": Fault(Turn("one", finish_reason="content_filter"), "content filter", text="one"),
    "calls that never end": Fault(Turn(calls=[{"name": "browse", "arguments": "{}"}]), "gave no answer"),
}


@pytest.mark.parametrize("name", RESPONSES_FAULTS)
@pytest.mark.parametrize("house", ["responses"], indirect=True)
def test_a_fault_over_the_responses_wire_ends_the_run(house: House, name: str) -> None:
    fault = RESPONSES_FAULTS[name]
    house.provider.play(fault.turn)
    words = fault.words.format(host=house.host, who=f"{house.host}, asked for '{MODEL}',")
    fail(house.service, words, fault.code, fault.text)


def _call(name: str, arguments: str, **fields: Any) -> str:
    calls = [{**fields, "function": {"name": name, "arguments": arguments}}]
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}) + "\n\n"


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        (_call("weather", "[1]", index=5, id=""), ["[1]"]),
        (_call("weather", "{}") + _call("weather", "{}"), ["{}", "{}"]),
        (_call("weather", "{}", index=0, id="x") + _call("weather", "{}", index=1, id="x"), ["{}", "{}"]),
        (_call("browse", "{}", index=0, id="x") + _call("weather", "{}", index=1, id="y"), ["{}"]),
    ],
)
def test_calls_in_odd_shapes_wait_for_their_outputs_like_others(house: House, calls: str, expected: list[str]) -> None:
    house.provider.play(Turn(raw=calls + "data: [DONE]\n\n"), Turn("Fine."))
    with sdk(house.service) as client:
        tool: Any = {"type": "function", "function": {"name": "weather"}}
        assistant = client.beta.assistants.create(model=MODEL, tools=[tool])
        run = client.beta.threads.create_and_run_poll(
            assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "Weather?"}]}
        )
        assert run.status == "requires_action", run.last_error
        assert run.required_action is not None
        asked = run.required_action.submit_tool_outputs.tool_calls
        assert [call.function.arguments for call in asked] == expected
        assert len({call.id for call in asked}) == len(expected)
        outputs: Any = [{"tool_call_id": call.id, "output": "Rain."} for call in asked]
        run = client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs
        )
        assert run.status == "completed", run.last_error


@pytest.mark.parametrize("arguments", ['{"city": ', "Paris!"])
def test_arguments_that_are_no_json_are_answered_to_the_model(house: House, arguments: str) -> None:
    house.provider.play(Turn(raw=_call("weather", arguments, index=0) + "data: [DONE]\n\n"), Turn("Fine."))
    with sdk(house.service) as client:
        tool: Any = {"type": "function", "function": {"name": "weather"}}
        run = ask(client, "Weather?", assistant={"model": MODEL, "tools": [tool]})
        assert run["status"] == "completed", run["last_error"]
        answer, asked = client.beta.threads.runs.steps.list(run["id"], thread_id=run["thread_id"]).data
        assert answer.type == "message_creation"
        (call,) = asked.step_details.tool_calls  # type: ignore[union-attr]
        assert (call.function.arguments, asked.status) == (arguments, "completed")  # type: ignore[union-attr]
        assert "no JSON" in call.function.output  # type: ignore[union-attr, operator]


@pytest.fixture
def elsewhere(tmp_path: Path, model_files: ModelFiles) -> Iterator[ServiceProcess]:
    """A service that is not started yet, and whose provider the test chooses."""
    process = ServiceProcess(tmp_path / "data", {"DESKSIDE_PROVIDER_KEY": KEY, "DESKSIDE_PROVIDER_RETRIES": "0"})
    yield process
    process.stop()
    assert "Traceback" not in process.log(), process.log()
    assert "secret" not in process.log()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://user:secret@127.0.0.1:{closed}/v1", "Nothing answers at 127.0.0.1:{closed}."),
        ("https://127.0.0.1:{open}/v1", "secure connection to 127.0.0.1:{open}"),
        ("http://[bad/v1", "no web address"),
    ],
)
def test_a_wrong_address_ends_the_run_and_keeps_no_program_from_the_service(
    elsewhere: ServiceProcess, url: str, words: str
) -> None:
    with ScriptedProvider([Turn("Fine.")]) as provider:
        ports = {"closed": closed_port(), "open": provider.base_url.split(":")[2].split("/")[0]}
        elsewhere.environment["DESKSIDE_PROVIDER_URL"] = url.format(**ports)
        elsewhere.start()
        fail(elsewhere, words.format(**ports))
        with plain(elsewhere) as http:
            for path in ("/models", "/models/gpt-x"):
                answer = http.get(path)
                assert answer.status_code == 502
                assert words.format(**ports) in answer.json()["error"]["message"]
                assert "secret" not in answer.text
            assert http.get("/models/deskside-reader").status_code == 200
            assert http.get("/deskside/status").status_code == 200
