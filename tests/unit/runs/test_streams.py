"""What a run's stream says, in which order, and what the database says at the end."""

import asyncio
import contextlib
import json
from typing import Any

import pytest

from desktop_app.store.run_steps import step_object
from desktop_app.store.tables import messages, run_steps, runs, threads
from desktop_app.wire.errors import ApiError
from tests.support.scripted_provider import Turn
from tests.support.streams import find, names
from tests.unit.runs.conftest import KEY, House, Start, run_events, text_of

_STARTED = ["run.created", "run.queued", "run.in_progress"]
_SEARCHED = ["run.step.created", "run.step.in_progress", "run.step.delta", "run.step.completed"]
_ANSWER = ["run.step.created", "run.step.in_progress", "message.created", "message.in_progress", "message.delta"]
_ENDED = ["message.completed", "run.step.completed", "run.completed", "done"]

SEARCH_TOOL = {"type": "file_search"}
DEPOSIT = "The deposit is 250 euros. It is returned within 21 days."
RENT = "Monthly rent: 89 euros. Late payment costs 10 euros."


def _searching(house: House, **assistant: Any) -> None:
    house.add_documents(DEPOSIT, RENT)
    resources = {"file_search": {"vector_store_ids": ["vs_1"]}}
    house.add_assistant(tools=[SEARCH_TOOL], tool_resources=resources, **assistant)


def _call(query: str = "deposit", **fields: Any) -> Turn:
    return Turn(calls=[{"name": "file_search", "arguments": {"query": query}}], **fields)


async def test_a_plain_message_is_answered_in_the_protocols_order(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Paris is the capital of France."))
    house.add_assistant()
    house.add_thread("What is the capital of France?")
    events = await run_events(house.engine(provider.base_url))
    assert names(events) == _STARTED + _ANSWER + _ENDED
    assert text_of(events) == "Paris is the capital of France."
    (run,) = house.rows(runs)
    assert run["status"] == "completed"
    assert run["usage"] == {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    assert run["answered_by"] == "scripted"
    assert run["expires_at"] is None
    answer = house.rows(messages)[-1]
    assert answer["content"] == [
        {"type": "text", "text": {"value": "Paris is the capital of France.", "annotations": []}}
    ]
    assert (answer["status"], answer["run_id"], answer["role"]) == ("completed", run["id"], "assistant")
    (step,) = house.rows(run_steps)
    assert step["step_details"] == {"type": "message_creation", "message_creation": {"message_id": answer["id"]}}
    assert step["usage"] == run["usage"]
    assert provider.requests[0]["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is the capital of France?"},
    ]


async def test_deltas_are_one_per_piece_and_only_the_first_lists_annotations(house: House, scripted: Start) -> None:
    provider = scripted(Turn("one two three", rate=50))
    house.add_assistant()
    house.add_thread("Count.")
    deltas = find(await run_events(house.engine(provider.base_url)), "message.delta")
    assert [delta["delta"]["content"][0]["text"] for delta in deltas] == [
        {"value": "one ", "annotations": []},
        {"value": "two "},
        {"value": "three"},
    ]


async def test_a_model_that_searches_leaves_a_complete_step_before_its_message(house: House, scripted: Start) -> None:
    provider = scripted(_call(), Turn("The deposit is 250 euros [1]."))
    _searching(house)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url))
    assert names(events) == _STARTED + _SEARCHED + _ANSWER + _ENDED
    assert find(events, "run.step.created")[0]["step_details"] == {"type": "tool_calls", "tool_calls": []}
    (delta,) = find(events, "run.step.delta")
    assert delta["delta"]["step_details"]["tool_calls"] == [
        {"index": 0, "id": "call_0", "type": "file_search", "file_search": {}}
    ]
    (call,) = find(events, "run.step.completed")[0]["step_details"]["tool_calls"]
    assert call["file_search"]["results"] == [{"file_id": "file-vs_1-1", "file_name": "vs_1-1.txt", "score": 0.9}]
    assert house.search.queries == ["deposit"]
    (run,) = house.rows(runs)
    assert run["usage"]["total_tokens"] == 240
    assert [step["usage"]["total_tokens"] for step in house.rows(run_steps)] == [120, 120]
    asked, result = provider.requests[1]["messages"][-2:]
    assert asked["tool_calls"][0]["function"] == {"name": "file_search", "arguments": '{"query": "deposit"}'}
    assert result == {"role": "tool", "tool_call_id": "call_0", "content": f"[1] vs_1-1.txt\n{DEPOSIT}"}


async def test_a_mark_becomes_an_annotation_of_the_sentence_it_rests_on(house: House, scripted: Start) -> None:
    provider = scripted(_call(), Turn(["Ja 😀: the dep", "osit is 250 euros 【", "1】", ". Bye [7]!"]))
    _searching(house)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url))
    text = "Ja 😀: the deposit is 250 euros 【1:0†vs_1-1.txt】. Bye!"
    assert text_of(events) == text
    (part,) = house.rows(messages)[-1]["content"]
    (annotation,) = part["text"]["annotations"]
    assert text[annotation["start_index"] : annotation["end_index"]] == annotation["text"] == "【1:0†vs_1-1.txt】"
    citation = annotation["file_citation"]
    assert (citation["quote"], citation["page"], citation["exact"]) == ("The deposit is 250 euros.", 1, True)
    assert DEPOSIT[citation["start"] : citation["end"]] == citation["quote"]
    told = [
        text["annotations"]
        for delta in find(events, "message.delta")
        if (text := delta["delta"]["content"][0]["text"]).get("annotations")
    ]
    assert told == [[{"index": 0, **annotation}]]


async def test_an_answer_without_marks_is_cited_where_the_documents_say_the_same(
    house: House, scripted: Start
) -> None:
    provider = scripted(_call(), Turn("The deposit is 250 euros. I like bicycles very much."))
    _searching(house)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url))
    assert text_of(events) == "The deposit is 250 euros. I like bicycles very much. 【1:0†vs_1-1.txt】"
    (annotation,) = house.rows(messages)[-1]["content"][0]["text"]["annotations"]
    assert annotation["file_citation"]["quote"] == "The deposit is 250 euros."


async def test_the_engine_searches_first_where_the_setting_says_so(house: House, scripted: Start) -> None:
    provider = scripted(Turn("250 euros of deposit [1]."))
    _searching(house)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url, file_search="always"))
    assert names(events) == _STARTED + _SEARCHED + _ANSWER + _ENDED
    (request,) = provider.requests
    assert "tools" not in request
    assert request["messages"][-1]["content"].startswith(f"Passages from the documents:\n\n[1] vs_1-1.txt\n{DEPOSIT}")
    assert request["messages"][-1]["content"].endswith("Question: How much is the deposit?")


async def test_a_model_that_refuses_tools_is_asked_again_after_a_search(house: House, scripted: Start) -> None:
    provider = scripted(
        Turn(status=400, error="scripted does not support tools"), Turn("It is 250 euros [1]."), Turn("Again [1].")
    )
    _searching(house)
    house.add_thread("How much is the deposit?")
    engine = house.engine(provider.base_url)
    assert names(await run_events(engine)) == _STARTED + _SEARCHED + _ANSWER + _ENDED
    await run_events(engine)
    assert [("tools" in request) for request in provider.requests] == [True, False, False]


async def test_without_a_provider_the_reader_answers_from_a_search(house: House) -> None:
    _searching(house)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine())
    assert names(events) == _STARTED + _SEARCHED + _ANSWER + _ENDED
    assert text_of(events) == f"{DEPOSIT} 【1:0†vs_1-1.txt】 The end."
    assert house.rows(runs)[0]["answered_by"] == "reader"


@pytest.mark.parametrize(
    "assistant",
    [
        {"tools": [], "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}},
        {"tools": [SEARCH_TOOL], "tool_resources": {}},
    ],
)
async def test_without_the_tool_or_without_stores_nothing_is_searched(
    house: House, scripted: Start, assistant: dict[str, Any]
) -> None:
    provider = scripted(Turn("Hello."))
    house.add_documents(DEPOSIT)
    house.add_assistant(**assistant)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url, file_search="always"))
    assert names(events) == _STARTED + _ANSWER + _ENDED
    assert house.search.queries == []
    assert "tools" not in provider.requests[0]


async def test_stores_of_assistant_and_thread_are_searched_with_the_tools_options(
    house: House, scripted: Start
) -> None:
    provider = scripted(_call(), Turn("Fine [1]."))
    house.add_documents(DEPOSIT)
    house.add_documents(RENT, store="vs_2")
    options = {"max_num_results": 3, "ranking_options": {"score_threshold": 0.4, "ranker": "auto"}}
    house.add_assistant(
        tools=[{"type": "file_search", "file_search": options}],
        tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}},
    )
    house.add_thread("How much is the deposit?", stores=["vs_2"])
    await run_events(house.engine(provider.base_url))
    assert house.search.calls == [{"stores": ["vs_1", "vs_2"], "limit": 3, "threshold": 0.4}]
    (call,) = house.rows(run_steps)[0]["step_details"]["tool_calls"]
    assert call["file_search"]["ranking_options"] == {"ranker": "auto", "score_threshold": 0.4}


async def test_the_text_of_results_is_shown_only_to_those_who_ask_and_never_stored(
    house: House, scripted: Start
) -> None:
    provider = scripted(_call(), Turn("Fine."))
    _searching(house)
    house.add_thread("How much is the deposit?")
    engine = house.engine(provider.base_url)
    run = engine.create("thread_1", {"assistant_id": "asst_1"}, include_content=True)
    engine.start(run["id"])
    events = [event async for event in engine.stream(run["id"])]
    (call,) = find(events, "run.step.completed")[0]["step_details"]["tool_calls"]
    assert call["file_search"]["results"][0]["content"] == [{"type": "text", "text": DEPOSIT}]
    step = house.rows(run_steps)[0]
    assert DEPOSIT not in json.dumps(step["step_details"])
    shown = step_object(step, engine.passage_text)["step_details"]["tool_calls"][0]["file_search"]["results"][0]
    assert shown["content"] == [{"type": "text", "text": DEPOSIT}]


async def test_passages_are_numbered_over_the_whole_run(house: House, scripted: Start) -> None:
    provider = scripted(_call(), _call("rent", whole_calls=True, usage=None), Turn("Rent [2], deposit [1]."))
    _searching(house)
    house.add_thread("Deposit and rent?")
    events = await run_events(house.engine(provider.base_url))
    assert "[2] vs_1-2.txt" in provider.requests[2]["messages"][-1]["content"]
    assert text_of(events) == "Rent 【1:1†vs_1-2.txt】, deposit 【1:0†vs_1-1.txt】."


async def test_a_forced_tool_is_forced_for_the_first_turn_only(house: House, scripted: Start) -> None:
    provider = scripted(_call(), Turn("Fine [1]."))
    _searching(house)
    house.add_thread("How much is the deposit?")
    await run_events(house.engine(provider.base_url), tool_choice={"type": "file_search"})
    assert [request["tool_choice"] for request in provider.requests] == [
        {"type": "function", "function": {"name": "file_search"}},
        "auto",
    ]


async def test_text_before_a_call_is_a_message_of_its_own(house: House, scripted: Start) -> None:
    provider = scripted(
        Turn("Let me look.", calls=[{"name": "file_search", "arguments": '{"query": "deposit"}'}]),
        Turn("250 euros [1]."),
    )
    _searching(house)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url))
    ended = ["message.completed", "run.step.completed"]
    assert names(events) == _STARTED + _ANSWER + ended + _SEARCHED + _ANSWER + _ENDED
    assert [row["status"] for row in house.rows(messages)] == ["completed"] * 3


async def test_a_run_that_has_answered_may_end_without_a_further_word(house: House, scripted: Start) -> None:
    call = {"name": "file_search", "arguments": '{"query": "deposit"}'}
    provider = scripted(Turn("Let me look.", calls=[call]), Turn(""))
    _searching(house)
    house.add_thread("How much is the deposit?")
    assert names(await run_events(house.engine(provider.base_url)))[-2:] == ["run.completed", "done"]


async def test_a_model_that_says_nothing_fails_readably(house: House, scripted: Start) -> None:
    house.add_assistant()
    house.add_thread("Hello?")
    assert names(await run_events(house.engine(scripted(Turn("")).base_url)))[-2:] == ["run.failed", "done"]
    assert "gave no answer" in house.rows(runs)[0]["last_error"]["message"]


async def test_a_function_call_waits_for_the_client(house: House, scripted: Start) -> None:
    provider = scripted(Turn(calls=[{"name": "weather", "arguments": {"city": "Bergen"}}]))
    house.add_assistant(tools=[{"type": "function", "function": {"name": "weather"}}])
    house.add_thread("Weather in Bergen?")
    engine = house.engine(provider.base_url)
    events = await run_events(engine)
    assert names(events) == [*_STARTED, *_SEARCHED[:3], "run.requires_action", "done"]
    deltas = [delta["delta"]["step_details"]["tool_calls"][0] for delta in find(events, "run.step.delta")]
    assert deltas[0]["function"] == {"name": "weather", "arguments": "", "output": None}
    assert "".join(delta["function"]["arguments"] for delta in deltas) == '{"city": "Bergen"}'
    (run,) = house.rows(runs)
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call["function"] == {"name": "weather", "arguments": '{"city": "Bergen"}'}
    assert house.rows(run_steps)[0]["status"] == "in_progress"
    await asyncio.sleep(0.05)  # its task ends behind its stream
    with pytest.raises(ApiError, match="No run found"):
        engine.stream(run["id"])  # nothing of it is in memory
    with pytest.raises(ApiError, match="thread_1 already has an active run run_"):
        engine.create("thread_1", {"assistant_id": "asst_1"})
    await engine.cancel("thread_1", run["id"])
    await engine.stop_thread("thread_1")
    assert house.rows(runs)[0]["status"] == "cancelled"


async def test_a_tool_that_nobody_has_is_answered_in_words(house: House, scripted: Start) -> None:
    provider = scripted(Turn(calls=[{"name": "browse", "arguments": "{}"}]), Turn("Then without."))
    house.add_assistant()
    house.add_thread("Browse!")
    events = await run_events(house.engine(provider.base_url))
    assert names(events) == _STARTED + _ANSWER + _ENDED
    assert provider.requests[1]["messages"][-1]["content"] == "There is no tool named 'browse'."
    (run,), (step,) = house.rows(runs), house.rows(run_steps)
    assert step["usage"] == run["usage"] == {"prompt_tokens": 200, "completion_tokens": 40, "total_tokens": 240}


async def test_a_model_that_never_stops_calling_fails_readably(house: House, scripted: Start) -> None:
    provider = scripted(_call())
    _searching(house)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url))
    assert names(events)[-2:] == ["run.failed", "done"]
    assert "12 times" in house.rows(runs)[0]["last_error"]["message"]


async def test_a_failure_keeps_the_text_and_says_why(house: House, scripted: Start) -> None:
    provider = scripted(Turn("The first words were there.", drop_after=3))
    house.add_assistant()
    house.add_thread("Hello?")
    events = await run_events(house.engine(provider.base_url))
    failed = ["message.incomplete", "run.step.failed", "run.failed", "done"]
    assert names(events) == _STARTED + _ANSWER + failed
    answer = house.rows(messages)[-1]
    assert answer["content"][0]["text"]["value"] == "The first words "
    assert (answer["status"], answer["incomplete_details"]) == ("incomplete", {"reason": "run_failed"})
    (run,) = house.rows(runs)
    assert run["last_error"]["code"] == "server_error"
    assert run["failed_at"] is not None
    assert house.rows(run_steps)[0]["last_error"] == run["last_error"]


async def test_the_key_is_in_no_error_event_or_row(
    house: House, scripted: Start, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    provider = scripted(Turn(status=400, error="Incorrect API key provided: {key}"), Turn(status=401, error="{key}"))
    house.add_assistant()
    house.add_thread("Hello?")
    engine = house.engine(provider.base_url)
    events = await run_events(engine) + await run_events(engine)
    assert provider.keys == [KEY, KEY]
    assert "[key]" in find(events, "run.failed")[0]["last_error"]["message"]
    assert KEY not in repr(events)
    assert KEY not in caplog.text
    for path in house.path.parent.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


async def test_cancelling_closes_the_providers_stream(house: House, scripted: Start) -> None:
    provider = scripted(Turn("A very long answer that never ends", hang_after=3))
    house.add_assistant()
    house.add_thread("Hello?")
    engine = house.engine(provider.base_url)
    run = engine.create("thread_1", {"assistant_id": "asst_1"})
    engine.start(run["id"])
    events = []
    async for event in engine.stream(run["id"]):
        events.append(event)
        if text_of(events) == "A very long " and event.name == "thread.message.delta":
            assert (await engine.cancel("thread_1", run["id"]))["status"] == "cancelling"
            with pytest.raises(ApiError, match="cancelling"):
                await engine.cancel("thread_1", run["id"])
    cancelled = ["run.cancelling", "run.step.cancelled", "message.incomplete", "run.cancelled", "done"]
    assert names(events) == _STARTED + _ANSWER + cancelled
    assert await asyncio.to_thread(provider.wait_until_left)
    answer = house.rows(messages)[-1]
    assert answer["content"][0]["text"]["value"] == "A very long "
    assert answer["incomplete_details"] == {"reason": "run_cancelled"}
    assert house.rows(runs)[0]["cancelled_at"] is not None
    with pytest.raises(ApiError, match="Cannot cancel run with status 'cancelled'"):
        await engine.cancel("thread_1", run["id"])


async def test_cancelling_at_any_moment_ends_the_run_consistently(house: House, scripted: Start) -> None:
    provider = scripted(Turn("one two three four five six seven eight", rate=400))
    house.add_assistant()
    engine = house.engine(provider.base_url)
    for number in range(25):
        thread_id = house.add_thread("Hello?", thread_id=f"thread_{number}")
        run = engine.create(thread_id, {"assistant_id": "asst_1"})
        engine.start(run["id"])
        events: list[str] = []
        stream = engine.stream(run["id"])
        await asyncio.sleep(0.002 * number)
        with contextlib.suppress(ApiError):  # it may be complete already
            await engine.cancel(thread_id, run["id"])
        events = names([event async for event in stream])
        assert events[-1] == "done"
        assert (events[-2] == "run.cancelled") or (events[-2] == "run.completed")
        assert ("message.created" in events) == ("message.incomplete" in events or "message.completed" in events)
    assert {row["status"] for row in house.rows(runs)} <= {"cancelled", "completed"}
    assert {row["status"] for row in house.rows(run_steps)} <= {"cancelled", "completed"}
    assert {row["status"] for row in house.rows(messages)} <= {"incomplete", "completed"}


async def test_a_run_that_is_cancelled_before_it_began_ends_cancelled(house: House, scripted: Start) -> None:
    house.add_assistant()
    house.add_thread("Hello?")
    engine = house.engine(scripted(Turn("Fine.")).base_url)
    run = engine.create("thread_1", {"assistant_id": "asst_1"})
    assert (await engine.cancel("thread_1", run["id"]))["status"] == "cancelling"
    stream = engine.stream(run["id"])
    engine.start(run["id"])
    assert names([event async for event in stream])[2:] == ["run.cancelling", "run.cancelled", "done"]
    run = engine.create("thread_1", {"assistant_id": "asst_1"})
    engine.start(run["id"])
    await engine.stop_thread("thread_1")  # its task has not taken a step
    assert [row["status"] for row in house.rows(runs)] == ["cancelled", "cancelled"]


async def test_a_run_expires(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Too slow", hang_after=1))
    house.add_assistant()
    house.add_thread("Hello?")
    events = await run_events(house.engine(provider.base_url, run_timeout_s=2))
    assert names(events)[-4:] == ["message.incomplete", "run.step.expired", "run.expired", "done"]
    assert house.rows(messages)[-1]["incomplete_details"] == {"reason": "run_expired"}


@pytest.mark.parametrize(
    ("turn", "params", "reason"),
    [
        (Turn("Cut off", finish_reason="length"), {"max_completion_tokens": 300}, "max_completion_tokens"),
        (_call(usage=(10, 300)), {"max_completion_tokens": 300}, "max_completion_tokens"),
        (_call(usage=(400, 10)), {"max_prompt_tokens": 400}, "max_prompt_tokens"),
    ],
)
async def test_a_limit_of_tokens_ends_the_run_as_incomplete(
    house: House, scripted: Start, turn: Turn, params: dict[str, Any], reason: str
) -> None:
    provider = scripted(turn)
    _searching(house)
    house.add_thread("How much is the deposit?")
    events = await run_events(house.engine(provider.base_url), **params)
    assert names(events)[-2:] == ["run.incomplete", "done"]
    (run,) = house.rows(runs)
    assert run["incomplete_details"] == {"reason": reason}
    assert run["usage"]["total_tokens"] > 0
    answers = [row["incomplete_details"] for row in house.rows(messages) if row["role"] == "assistant"]
    assert answers == ([{"reason": "max_tokens"}] if turn.text else [])


async def test_each_turn_may_use_what_is_left_of_the_limit(house: House, scripted: Start) -> None:
    provider = scripted(_call(usage=(50, 100)), Turn("Fine [1]."))
    _searching(house)
    house.add_thread("How much is the deposit?")
    await run_events(house.engine(provider.base_url), max_completion_tokens=300)
    assert [request["max_completion_tokens"] for request in provider.requests] == [300, 200]


async def test_the_snapshot_of_the_assistant_and_the_overrides_reach_the_model(house: House, scripted: Start) -> None:
    provider = scripted(Turn("{}"))
    house.add_assistant(temperature=0.5, top_p=0.9)
    house.add_thread("One.", "Two.", "Three.")
    schema = {"type": "json_object"}
    events = await run_events(
        house.engine(provider.base_url),
        model="other",
        additional_instructions="In JSON.",
        temperature=0.1,
        response_format=schema,
        truncation_strategy={"type": "last_messages", "last_messages": 2},
        additional_messages=[{"role": "user", "content": "Four."}],
        metadata={"a": "b"},
    )
    (request,) = provider.requests
    assert (request["model"], request["temperature"], request["top_p"]) == ("other", 0.1, 0.9)
    assert request["response_format"] == schema
    assert [message["content"] for message in request["messages"]] == ["Be brief.\n\nIn JSON.", "Three.", "Four."]
    run = events[0].data
    assert (run["model"], run["instructions"], run["metadata"]) == ("other", "Be brief.\n\nIn JSON.", {"a": "b"})
    assert run["tool_choice"] == "auto"
    assert run["parallel_tool_calls"] is True


async def test_a_run_waits_for_the_files_of_the_threads_own_store(house: House, scripted: Start) -> None:
    provider = scripted(_call(), Turn("Fine."))
    _searching(house)
    house.add_documents(RENT, store="vs_2")
    house.set_in_progress("file-vs_2-1")
    house.add_thread("Rent?", stores=["vs_2"])
    engine = house.engine(provider.base_url)
    texts = []
    house.on_change = lambda change: texts.append(engine.status_text(change.id)) if change.kind == "run" else None
    await run_events(engine)
    assert house.ingestion.stores == ["vs_2"]
    assert [text for text in dict.fromkeys(texts) if text] == [
        "Reading 1 document...",
        "Writing the answer...",
        "Searching 2 documents...",
    ]


async def test_a_run_with_an_expired_store_fails(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Fine."))
    _searching(house)
    house.expire_store("vs_1")
    house.add_thread("Rent?")
    events = await run_events(house.engine(provider.base_url))
    assert names(events) == [*_STARTED, "run.failed", "done"]
    assert "expired" in house.rows(runs)[0]["last_error"]["message"]


async def test_a_thread_deleted_meanwhile_ends_its_run_quietly(house: House, scripted: Start) -> None:
    provider = scripted(Turn("one two three four", hang_after=2))
    house.add_assistant()
    house.add_thread("Hello?")
    engine = house.engine(provider.base_url)
    run = engine.create("thread_1", {"assistant_id": "asst_1"})
    engine.start(run["id"])
    async for event in engine.stream(run["id"]):
        if event.name == "thread.message.delta":
            with house.database.write() as connection:
                connection.execute(threads.delete())
            await engine.stop_thread("thread_1")
    assert house.rows(runs) == []
    assert await asyncio.to_thread(provider.wait_until_left)


async def test_two_runs_racing_on_a_thread_let_one_in(house: House, scripted: Start) -> None:
    provider = scripted(Turn("Fine.", hang=0.3))
    house.add_assistant()
    house.add_thread("Hello?")
    engine = house.engine(provider.base_url)
    creating = [asyncio.to_thread(engine.create, "thread_1", {"assistant_id": "asst_1"}) for _ in range(8)]
    outcomes = await asyncio.gather(*creating, return_exceptions=True)
    created = [outcome for outcome in outcomes if isinstance(outcome, dict)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, ApiError)]
    assert (len(created), len(refused)) == (1, 7)
    assert all(error.status == 400 and created[0]["id"] in error.message for error in refused)


@pytest.mark.parametrize("unknown", ["thread", "assistant"])
def test_a_run_of_something_unknown_is_a_404(house: House, unknown: str) -> None:
    house.add_assistant()
    house.add_thread("Hello?")
    ids = {"thread": "thread_1", "assistant": "asst_1"} | {unknown: f"{unknown}_x"}
    with pytest.raises(ApiError) as refusal:
        house.engine().create(ids["thread"], {"assistant_id": ids["assistant"]})
    assert refusal.value.status == 404
    assert f"{unknown}_x" in refusal.value.message


async def test_two_hundred_runs_at_once_all_complete(house: House, scripted: Start) -> None:
    provider = scripted(Turn("one two three four five", rate=20))
    house.add_assistant()
    for number in range(200):
        house.add_thread("Hello?", thread_id=f"thread_{number}")
    engine = house.engine(provider.base_url)
    streams = await asyncio.gather(*(run_events(engine, f"thread_{number}") for number in range(200)))
    assert {text_of(events) for events in streams} == {"one two three four five"}
    assert {row["status"] for row in house.rows(runs)} == {"completed"}
