"""The code interpreter within a run: what its stream says, what its step keeps, and what the model reads."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from desktop_app.interpreter.base import CellResult, OutputFile, Picture, SandboxError
from desktop_app.runs.code import MAX_CELLS
from desktop_app.store.tables import code_files, files, messages, run_steps, runs, usage_events
from tests.support.scripted_provider import Turn
from tests.support.streams import find, names
from tests.unit.runs.conftest import House, Start, run_events, text_of

PNG = b"\x89PNG\r\n\x1a\n"
TOOL = {"type": "code_interpreter"}
BEGUN = ["run.created", "run.queued", "run.in_progress"]
RAN = ["run.step.created", "run.step.in_progress", "run.step.delta", "run.step.completed"]
ANSWERED = [
    "run.step.created",
    "run.step.in_progress",
    "message.created",
    "message.in_progress",
    "message.delta",
    "message.completed",
    "run.step.completed",
    "run.completed",
    "done",
]


def code(*cells: str, **fields: Any) -> Turn:
    """A turn of the model that runs these cells."""
    calls = [{"name": "code_interpreter", "arguments": {"code": cell}, "id": f"call_{cell}"} for cell in cells]
    return Turn(calls=calls, **fields)


def coding(house: House, *results: CellResult | SandboxError | None, **assistant: Any) -> None:
    (house.path.parent / "files").mkdir()
    house.sessions.results = list(results)
    house.add_assistant(**{"tools": [TOOL]} | assistant)
    house.add_thread("How many?")


def tool_calls(events: Any) -> list[dict[str, Any]]:
    return [call for delta in find(events, "run.step.delta") for call in delta["delta"]["step_details"]["tool_calls"]]


def told(model: Any, request: int = 1) -> str:
    """What the model read of the last call."""
    return str(model.requests[request]["messages"][-1]["content"])


async def test_a_cell_is_told_as_it_is_written_and_as_it_prints(house: House, scripted: Start) -> None:
    model = scripted(code("print(1)\nprint(2)"), Turn("Two."))
    coding(house, CellResult("1\n2\n", "ok", seconds=0.5))
    events = await run_events(house.engine(model.base_url))
    assert names(events) == BEGUN + RAN + ANSWERED
    first, *rest = tool_calls(events)
    call_id = "call_print(1)\nprint(2)"
    empty = {"input": "", "outputs": []}
    assert first == {"index": 0, "id": call_id, "type": "code_interpreter", "code_interpreter": empty}
    assert all(set(call) == {"index", "type", "code_interpreter"} for call in rest)
    assert "".join(call["code_interpreter"].get("input", "") for call in rest) == "print(1)\nprint(2)"
    logs = [output for call in rest for output in call["code_interpreter"].get("outputs", [])]
    assert "".join(output["logs"] for output in logs) == "1\n2\n"
    assert {(output["index"], output["type"]) for output in logs} == {(0, "logs")}
    (kept,) = find(events, "run.step.completed")[0]["step_details"]["tool_calls"]
    assert kept["code_interpreter"] == {
        "input": "print(1)\nprint(2)",
        "outputs": [{"type": "logs", "logs": "1\n2\n"}],
    }
    assert kept["deskside"] == {"outcome": "ok", "seconds": 0.5, "files": [], "notes": [], "tables": []}
    asked, result = model.requests[1]["messages"][-2:]
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == {"code": "print(1)\nprint(2)"}
    assert result == {"role": "tool", "tool_call_id": call_id, "content": "1\n2"}
    assert house.sessions.cells == [("thread_1", "print(1)\nprint(2)", [])]


async def test_pictures_and_files_are_kept_shown_and_linked(house: House, scripted: Start, tmp_path: Path) -> None:
    model = scripted(
        code("plot()"), Turn(["See [table](sandbox:/mnt/da", "ta/table.csv) and sandbox:/mnt/data/no.csv"])
    )
    (tmp_path / "copy").write_bytes(b"a,b\n")
    written = [OutputFile("table.csv", tmp_path / "copy")]
    coding(house, CellResult("", "ok", [Picture(PNG), Picture(PNG + b"2")], written, new_session=True))
    events = await run_events(house.engine(model.base_url))
    assert names(events) == BEGUN + RAN + ANSWERED
    first, second, table = house.rows(files)
    assert [(row["filename"], row["purpose"], row["bytes"]) for row in (first, second, table)] == [
        ("image-1.png", "assistants_output", 8),
        ("image-2.png", "assistants_output", 9),
        ("table.csv", "assistants_output", 4),
    ]
    assert house.blobs.path(table["sha256"]).read_bytes() == b"a,b\n"
    images = [output for call in tool_calls(events) for output in call["code_interpreter"].get("outputs", ())]
    assert [(output["index"], output["image"]["file_id"]) for output in images] == [
        (0, first["id"]),
        (1, second["id"]),
    ]
    (call,) = house.rows(run_steps)[0]["step_details"]["tool_calls"]
    assert call["deskside"]["files"] == [{"file_id": table["id"], "name": "table.csv"}]
    *shown, part = house.rows(messages)[-1]["content"]
    assert [each["image_file"]["file_id"] for each in shown] == [first["id"], second["id"]]
    text = "See [table](sandbox:/mnt/data/table.csv) and sandbox:/mnt/data/no.csv"
    assert part["text"]["value"] == text_of(events) == text
    (annotation,) = part["text"]["annotations"]
    path = "sandbox:/mnt/data/table.csv"
    assert (annotation["type"], annotation["text"], annotation["file_path"]) == (
        "file_path",
        path,
        {"file_id": table["id"]},
    )
    assert text[annotation["start_index"] : annotation["end_index"]] == path
    parts = [delta["delta"]["content"][0] for delta in find(events, "message.delta")]
    assert [(each["index"], each["type"]) for each in parts[:3]] == [
        (0, "image_file"),
        (1, "image_file"),
        (2, "text"),
    ]
    assert {each["index"] for each in parts[2:]} == {2}
    assert told(model) == "[The user is shown 2 images.]\n[Written: /mnt/data/table.csv]"
    (event,) = house.rows(usage_events)
    assert (event["kind"], event["thread_id"], event["run_id"]) == (
        "code_session",
        "thread_1",
        house.rows(runs)[0]["id"],
    )


async def test_a_picture_without_a_word_is_shown_too(house: House, scripted: Start) -> None:
    model = scripted(code("plot()"), Turn(""))
    coding(house, CellResult("", "ok", [Picture(PNG)]))
    events = await run_events(house.engine(model.base_url))
    assert names(events)[-3:] == ["run.step.completed", "run.completed", "done"]
    (image,) = house.rows(files)
    assert [part["type"] for part in house.rows(messages)[-1]["content"]] == ["image_file"]
    assert house.rows(messages)[-1]["content"][0]["image_file"]["file_id"] == image["id"]


async def test_files_of_earlier_runs_are_linked_in_their_newest_version(
    house: House, scripted: Start, tmp_path: Path
) -> None:
    model = scripted(code("a"), code("b"), Turn("Done."), Turn("[t](sandbox:/mnt/data/t.csv)"))
    for name in ("old", "new"):
        (tmp_path / name).write_text(name)
    written = [CellResult("", "ok", files=[OutputFile("t.csv", tmp_path / name)]) for name in ("old", "new")]
    coding(house, *written)
    engine = house.engine(model.base_url)
    await run_events(engine)
    await run_events(engine)
    (part,) = house.rows(messages)[-1]["content"]
    assert part["text"]["annotations"][0]["file_path"]["file_id"] == house.rows(files)[-1]["id"]
    assert [row["name"] for row in house.rows(code_files)] == ["t.csv", "t.csv"]


@pytest.mark.parametrize(
    ("result", "outcome", "output"),
    [
        (CellResult("Traceback ...\nZeroDivisionError: division by zero\n", "error"), "error", "ZeroDivisionError"),
        (CellResult("The session was restarted.\n", "lost"), "lost", "restarted"),
        (SandboxError("Code interpreter is unavailable: no sandbox."), "refused", "unavailable"),
    ],
)
async def test_what_goes_wrong_goes_back_to_the_model(
    house: House, scripted: Start, result: Any, outcome: str, output: str
) -> None:
    model = scripted(code("1/0"), Turn("Sorry."))
    coding(house, result)
    events = await run_events(house.engine(model.base_url))
    assert names(events) == BEGUN + RAN + ANSWERED
    (call,) = house.rows(run_steps)[0]["step_details"]["tool_calls"]
    assert output in call["code_interpreter"]["outputs"][0]["logs"]
    assert call["deskside"]["outcome"] == outcome
    assert output in told(model)
    assert house.rows(usage_events) == []


@pytest.mark.parametrize("arguments", ["", "{}", '{"code": ""}', '{"code": "  \\n"}', '{"code": null}'])
async def test_a_call_without_code_runs_nothing(house: House, scripted: Start, arguments: str) -> None:
    model = scripted(Turn(calls=[{"name": "code_interpreter", "arguments": arguments}]), Turn("Sorry."))
    coding(house)
    events = await run_events(house.engine(model.base_url))
    assert names(events) == BEGUN + RAN + ANSWERED
    assert house.sessions.cells == []
    assert "argument 'code'" in told(model)


@pytest.mark.parametrize("arguments", ["print(1)", "```python\nprint(1)\n```", '{"code": ["print(1)"]}'])
async def test_code_is_run_however_it_is_given(house: House, scripted: Start, arguments: str) -> None:
    model = scripted(Turn(calls=[{"name": "code_interpreter", "arguments": arguments}]), Turn("One."))
    coding(house, CellResult("1\n", "ok"))
    await run_events(house.engine(model.base_url))
    assert house.sessions.cells == [("thread_1", "print(1)", [])]


async def test_long_output_is_shortened_for_the_model_alone(house: House, scripted: Start) -> None:
    model = scripted(code("flood()"), Turn("Much."))
    logs = "begin" + "x" * 50_000 + "end"
    coding(house, CellResult(logs, "ok"))
    await run_events(house.engine(model.base_url))
    (call,) = house.rows(run_steps)[0]["step_details"]["tool_calls"]
    assert call["code_interpreter"]["outputs"] == [{"type": "logs", "logs": logs}]
    assert len(told(model)) < 21_000
    assert told(model).startswith("begin")
    assert "[... 30008 characters ...]" in told(model)
    assert told(model).endswith("end")


async def test_the_cells_of_a_run_are_bounded(house: House, scripted: Start) -> None:
    cells = [f"x = {number}" for number in range(MAX_CELLS + 1)]
    model = scripted(code(*cells), Turn("Enough."))
    coding(house, *[CellResult("", "ok")] * MAX_CELLS)
    await run_events(house.engine(model.base_url))
    assert len(house.sessions.cells) == MAX_CELLS
    assert f"{MAX_CELLS} cells" in told(model)
    (run,) = house.rows(runs)
    assert run["status"] == "completed"


async def test_a_cancelled_cell_keeps_its_code_and_what_it_printed(house: House, scripted: Start) -> None:
    model = scripted(code("while True: print(1)"))
    coding(house, None)
    engine = house.engine(model.base_url)
    run = await asyncio.to_thread(engine.create, "thread_1", {"assistant_id": "asst_1"})
    stream = engine.stream(run["id"])
    engine.start(run["id"])
    await asyncio.wait_for(house.sessions.running.wait(), 10)
    assert engine.status_text(run["id"]) == "Running code..."
    await engine.cancel("thread_1", run["id"])
    events = [event async for event in stream]
    assert names(events)[-4:] == ["run.cancelling", "run.step.cancelled", "run.cancelled", "done"]
    (call,) = house.rows(run_steps)[0]["step_details"]["tool_calls"]
    assert call["code_interpreter"] == {
        "input": "while True: print(1)",
        "outputs": [{"type": "logs", "logs": "begun\n"}],
    }


async def test_a_model_that_may_not_call_tools_is_offered_no_interpreter(house: House, scripted: Start) -> None:
    model = scripted(Turn("No tools."))
    coding(house)
    await run_events(house.engine(model.base_url), tool_choice="none")
    assert "code_interpreter" not in json.dumps(model.requests[0])


async def test_the_interpreter_can_be_forced_for_the_first_turn(house: House, scripted: Start) -> None:
    model = scripted(code("1"), Turn("One."))
    coding(house, CellResult("1\n", "ok"))
    await run_events(house.engine(model.base_url), tool_choice=TOOL)
    assert model.requests[0]["tool_choice"] == {"type": "function", "function": {"name": "code_interpreter"}}
    assert model.requests[1].get("tool_choice", "auto") == "auto"
