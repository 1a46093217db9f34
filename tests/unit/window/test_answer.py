from typing import Any

import pytest
from openai._models import construct_type
from openai.types.beta import AssistantStreamEvent

from desktop_app.window.answer import (
    SEARCHING,
    WRITING,
    Answer,
    Appended,
    Replaced,
    TextAdded,
    Update,
    is_remedied_in_settings,
)
from desktop_app.window.conversation.code import cell_markdown, code_in_words

CITED = {"file_id": "file-1", "file_name": "handbook.pdf", "quote": "30 days", "page": 4, "start": 10, "end": 17}


def event(name: str, data: dict[str, Any]) -> Any:
    """The object that the SDK makes of an event on the wire."""
    return construct_type(type_=AssistantStreamEvent, value={"event": name, "data": data})


def run(status: str = "in_progress", **fields: Any) -> dict[str, Any]:
    return {"id": "run_1", "object": "thread.run", "status": status, "last_error": None, **fields}


def message(text: str = "", annotations: tuple[Any, ...] = (), **fields: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": {"value": text, "annotations": list(annotations)}}] if text else []
    return {
        "id": "msg_1",
        "object": "thread.message",
        "role": "assistant",
        "created_at": 7,
        "status": "in_progress",
        "content": content,
        "incomplete_details": None,
        **fields,
    }


def delta(text: str, annotations: tuple[Any, ...] = ()) -> dict[str, Any]:
    part = {"index": 0, "type": "text", "text": {"value": text, "annotations": list(annotations)}}
    return {"id": "msg_1", "object": "thread.message.delta", "delta": {"content": [part]}}


def citation(start: int, end: int) -> dict[str, Any]:
    return {
        "index": 0,
        "type": "file_citation",
        "text": "【4:0†handbook.pdf】",
        "start_index": start,
        "end_index": end,
        "file_citation": CITED,
    }


def play(*events: tuple[str, dict[str, Any]]) -> tuple[Answer, list[Update]]:
    answer = Answer()
    updates = [update for name, data in events for update in answer.apply(event(name, data))]
    return answer, updates


def test_an_answer_is_appended_grows_and_is_replaced_by_its_final_form() -> None:
    answer, updates = play(
        ("thread.run.created", run("queued")),
        ("thread.message.created", message()),
        ("thread.message.delta", delta("You get ")),
        ("thread.message.delta", delta("30 days.")),
        ("thread.message.completed", message("You get 30 days.", status="completed")),
        ("thread.run.completed", run("completed")),
    )
    assert [type(update) for update in updates] == [Appended, TextAdded, TextAdded, Replaced]
    assert answer.items["msg_1"].text == "You get 30 days."
    assert answer.items["msg_1"].status == "completed"
    assert answer.ended


def test_a_citation_replaces_the_text_that_holds_its_marker() -> None:
    _, updates = play(
        ("thread.message.created", message()),
        ("thread.message.delta", delta("30 days【4:0†handbook.pdf】", (citation(7, 25),))),
    )
    replaced = updates[-1]
    assert isinstance(replaced, Replaced)
    (mark,) = replaced.item.citations
    assert (mark.start, mark.end) == (7, 25)
    assert (mark.citation.file_name, mark.citation.page, mark.citation.start) == ("handbook.pdf", 4, 10)


def test_what_the_run_is_doing_is_said_in_words() -> None:
    answer = Answer()
    said = []
    for name, data in (
        ("thread.run.step.created", {"id": "step_1", "object": "thread.run.step", "type": "tool_calls"}),
        ("thread.run.in_progress", run(deskside={"status_text": "Searching 3 documents…"})),
        ("thread.run.step.created", {"id": "step_2", "object": "thread.run.step", "type": "message_creation"}),
    ):
        answer.apply(event(name, data))
        said.append(answer.status_text)
    assert said == [SEARCHING, "Searching 3 documents…", WRITING]


def test_a_failure_before_any_text_leaves_a_note_that_offers_to_retry() -> None:
    answer, updates = play(
        ("thread.run.created", run("queued")),
        ("thread.run.failed", run("failed", last_error={"code": "server_error", "message": "The provider is down."})),
    )
    (update,) = updates
    assert isinstance(update, Appended)
    assert (update.item.status, update.item.note, update.item.text) == ("failed", "The provider is down.", "")
    assert answer.ended


def test_a_failure_in_the_middle_marks_the_text_that_is_there() -> None:
    _, updates = play(
        ("thread.run.created", run("queued")),
        ("thread.message.created", message()),
        ("thread.message.delta", delta("Half an ans")),
        (
            "thread.message.incomplete",
            message("Half an ans", status="incomplete", incomplete_details={"reason": "run_failed"}),
        ),
        ("thread.run.failed", run("failed", last_error={"code": "server_error", "message": "It broke."})),
    )
    last = updates[-1]
    assert isinstance(last, Replaced)
    assert (last.item.text, last.item.status, last.item.note) == ("Half an ans", "failed", "It broke.")


def test_a_stopped_answer_keeps_its_text_and_says_so() -> None:
    answer, _ = play(
        ("thread.message.created", message()),
        ("thread.message.delta", delta("Half")),
        (
            "thread.message.incomplete",
            message("Half", status="incomplete", incomplete_details={"reason": "run_cancelled"}),
        ),
        ("thread.run.cancelled", run("cancelled")),
    )
    item = answer.items["msg_1"]
    assert (item.text, item.status, item.note) == ("Half", "stopped", "Stopped.")
    assert answer.ended


@pytest.mark.parametrize("name", ["thread.run.something_new", "thread.message.something_new", "something_else"])
def test_events_that_are_not_known_change_nothing(name: str) -> None:
    _, updates = play((name, run()))
    assert updates == []


def test_thoughts_stand_above_what_they_come_to_and_end_with_it() -> None:
    step = {"id": "step_1", "object": "thread.run.step", "type": "message_creation", "status": "in_progress"}
    answer, updates = play(
        ("thread.run.in_progress", run()),
        ("thread.run.reasoning.delta", {"object": "deskside.reasoning.delta", "run_id": "run_1", "text": "They ask "}),
        (
            "thread.run.reasoning.delta",
            {"object": "deskside.reasoning.delta", "run_id": "run_1", "text": "for ports."},
        ),
        ("thread.run.step.created", step),
        ("thread.message.created", message()),
        ("thread.message.delta", delta("Port 88.")),
    )
    thoughts, text = answer.items.values()
    assert (thoughts.role, thoughts.text, thoughts.status) == ("thoughts", "They ask for ports.", "completed")
    assert thoughts.seconds >= 1
    assert text.text == "Port 88."
    assert [type(each) for each in updates] == [Appended, TextAdded, Replaced, Appended, TextAdded]


def _coded(**call: Any) -> dict[str, Any]:
    calls = [{"index": 0, "type": "code_interpreter", "code_interpreter": call}]
    details = {"step_details": {"type": "tool_calls", "tool_calls": calls}}
    return {"id": "step_1", "object": "thread.run.step.delta", "delta": details}


def test_code_stands_above_its_answer_and_grows_with_what_it_prints() -> None:
    answer, updates = play(
        ("thread.run.in_progress", run()),
        ("thread.run.step.delta", _coded(input="", outputs=[])),
        ("thread.run.step.delta", _coded(input="print(1)")),
        ("thread.run.step.delta", _coded(outputs=[{"index": 0, "type": "logs", "logs": "1\n"}])),
    )
    (cell,) = answer.items.values()
    assert (cell.role, cell.status, cell.text) == ("code", "in_progress", cell_markdown("print(1)", "1\n"))
    assert [type(each) for each in updates] == [Appended, Replaced, Replaced]
    assert answer.status_text == "Running code…"
    kept = {
        "id": "call_1",
        "type": "code_interpreter",
        "code_interpreter": {"input": "print(1)", "outputs": [{"type": "logs", "logs": "1\n"}]},
        "deskside": {"outcome": "ok", "seconds": 2.4},
    }
    step = {"id": "step_1", "object": "thread.run.step", "type": "tool_calls", "status": "completed", "created_at": 5}
    details = {"type": "tool_calls", "tool_calls": [kept]}
    answer, _ = play(
        ("thread.run.step.delta", _coded(input="print(1)")),
        ("thread.run.step.completed", step | {"step_details": details}),
    )
    (cell,) = answer.items.values()
    assert (cell.status, cell.seconds, code_in_words(cell)) == ("completed", 2, "Ran code for 2 s")


def test_code_of_a_service_that_went_away_is_not_said_to_run() -> None:
    answer, _ = play(("thread.run.step.delta", _coded(input="1")))
    answer.fail("The service went away.")
    cell, note = answer.items.values()
    assert (cell.status, note.note) == ("stopped", "The service went away.")


def test_a_run_that_fails_while_it_thinks_keeps_the_thoughts_and_says_why() -> None:
    failed = run("failed", last_error={"code": "server_error", "message": "It broke. Ask again."})
    answer, _ = play(
        ("thread.run.in_progress", run()),
        ("thread.run.reasoning.delta", {"object": "deskside.reasoning.delta", "run_id": "run_1", "text": "Hm."}),
        ("thread.run.failed", failed),
    )
    thoughts, note = answer.items.values()
    assert (thoughts.role, thoughts.status) == ("thoughts", "completed")
    assert (note.role, note.status, note.note) == ("assistant", "failed", "It broke. Ask again.")


@pytest.mark.parametrize(
    ("reason", "helps"),
    [
        ("api.openai.com did not accept the key. Check the provider's key (Settings, OpenAI).", True),
        ("models.example.org was not found. Check the provider's address and your network connection.", True),
        ("The default model 'x/y' is no longer there. Choose another one in Settings.", True),
        ("api.example.org did not accept the key. Check the provider's key (DESKSIDE_PROVIDER_KEY).", False),
        ("The provider is down for maintenance. Ask again later.", False),
    ],
)
def test_settings_are_offered_where_the_remedy_is_there(reason: str, helps: bool) -> None:
    assert is_remedied_in_settings(reason) is helps
