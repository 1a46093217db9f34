"""Events and ids as they go over the wire."""

from desktop_app.wire.errors import ApiError, no_such_file, not_found
from desktop_app.wire.events import STREAM_END, Event
from desktop_app.wire.ids import FILE, RUN, new_id


def test_an_event_is_a_name_one_line_of_json_and_a_blank_line() -> None:
    event = Event("thread.message.delta", {"text": "zwei\nZeilen · 契約"})
    assert event.encode().decode() == ('event: thread.message.delta\ndata: {"text": "zwei\\nZeilen · 契約"}\n\n')


def test_a_stream_ends_with_done() -> None:
    assert STREAM_END.encode() == b"event: done\ndata: [DONE]\n\n"


def test_ids_have_their_prefix_and_do_not_repeat() -> None:
    ids = {new_id(RUN) for _ in range(1000)}
    assert len(ids) == 1000
    assert all(each.startswith("run_") and each[4:].isalnum() and len(each) == 28 for each in ids)
    assert new_id(FILE).startswith("file-")


def test_every_error_body_has_all_four_keys() -> None:
    for error in (ApiError("no"), not_found("thread", "thread_x"), no_such_file("file-x")):
        assert set(error.body()["error"]) == {"message", "type", "param", "code"}
