"""Refusals: every wrong request gets its status, code and param, and none gets a 500."""

from typing import Any

import httpx2
import pytest

NO_ID = "x" * 24
LONG = "x" * 257

CREATE = "/assistants"
BODY_FAULTS: list[tuple[str, Any, str, str]] = [
    (CREATE, {}, "missing_required_parameter", "model"),
    (CREATE, {"model": None}, "invalid_type", "model"),
    (CREATE, {"model": ""}, "string_below_min_length", "model"),
    (CREATE, {"model": 3}, "invalid_type", "model"),
    (CREATE, {"model": "m", "nonsense": 1}, "unknown_parameter", "nonsense"),
    (CREATE, {"model": "m", "name": LONG}, "string_above_max_length", "name"),
    (CREATE, {"model": "m", "description": "x" * 513}, "string_above_max_length", "description"),
    (CREATE, {"model": "m", "instructions": "x" * 256_001}, "string_above_max_length", "instructions"),
    (CREATE, {"model": "m", "temperature": 2.1}, "decimal_above_max_value", "temperature"),
    (CREATE, {"model": "m", "temperature": -1}, "integer_below_min_value", "temperature"),
    (CREATE, {"model": "m", "temperature": "hot"}, "invalid_type", "temperature"),
    (CREATE, {"model": "m", "top_p": 2}, "integer_above_max_value", "top_p"),
    (CREATE, {"model": "m", "metadata": {"a": 1}}, "invalid_type", "metadata.a"),
    (CREATE, {"model": "m", "metadata": {"k" * 65: "v"}}, "string_above_max_length", "metadata"),
    (CREATE, {"model": "m", "metadata": {"k": "v" * 513}}, "string_above_max_length", "metadata"),
    (CREATE, {"model": "m", "metadata": {str(n): "v" for n in range(17)}}, "object_above_max_properties", "metadata"),
    (CREATE, {"model": "m", "metadata": []}, "invalid_type", "metadata"),
    (CREATE, {"model": "m", "tools": {}}, "invalid_type", "tools"),
    (CREATE, {"model": "m", "tools": [{}]}, "missing_required_parameter", "tools[0].type"),
    (CREATE, {"model": "m", "tools": [{"type": "retrieval"}]}, "invalid_value", "tools[0]"),
    (CREATE, {"model": "m", "tools": [{"type": "file_search"}] * 129}, "array_above_max_length", "tools"),
    (
        CREATE,
        {"model": "m", "tools": [{"type": "function", "function": {}}]},
        "missing_required_parameter",
        "tools[0].function.name",
    ),
    (
        CREATE,
        {"model": "m", "tools": [{"type": "function", "function": {"name": "two words"}}]},
        "invalid_value",
        "tools[0].function.name",
    ),
    (
        CREATE,
        {"model": "m", "tools": [{"type": "file_search", "file_search": {"max_num_results": 51}}]},
        "integer_above_max_value",
        "tools[0].file_search.max_num_results",
    ),
    (CREATE, {"model": "m", "tools": [None]}, "invalid_type", "tools[0]"),
    (CREATE, {"model": "m", "temperature": True}, "invalid_type", "temperature"),
    (
        CREATE,
        {"model": "m", "response_format": {"type": "json_schema"}},
        "missing_required_parameter",
        "response_format.json_schema",
    ),
    (CREATE, {"model": "m", "response_format": "xml"}, "invalid_value", "response_format"),
    (
        CREATE,
        {"model": "m", "tool_resources": {"file_search": {"vector_store_ids": ["vs_a", "vs_b"]}}},
        "array_above_max_length",
        "tool_resources.file_search.vector_store_ids",
    ),
    (
        CREATE,
        {"model": "m", "tool_resources": {"code_interpreter": {"file_ids": ["file-a"] * 21}}},
        "array_above_max_length",
        "tool_resources.code_interpreter.file_ids",
    ),
    ("/threads", {"messages": [{"role": "user"}]}, "missing_required_parameter", "messages[0].content"),
    ("/threads", {"messages": [{"role": "user", "content": ""}]}, "invalid_value", "messages[0].content"),
    ("/threads", {"messages": [{"role": "user", "content": []}]}, "invalid_value", "messages[0].content"),
    ("/threads", {"messages": [{"role": "system", "content": "x"}]}, "invalid_value", "messages[0].role"),
    (
        "/threads",
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        "missing_required_parameter",
        "messages[0].content[0].text",
    ),
    (
        "/threads",
        {"messages": [{"role": "user", "content": "x", "attachments": [{"tools": []}]}]},
        "missing_required_parameter",
        "messages[0].attachments[0].file_id",
    ),
    ("/threads/runs", {}, "missing_required_parameter", "assistant_id"),
    ("/threads/runs", {"assistant_id": "a", "max_prompt_tokens": 255}, "integer_below_min_value", "max_prompt_tokens"),
    (
        "/threads/runs",
        {"assistant_id": "a", "truncation_strategy": {"type": "last_messages", "last_messages": 0}},
        "integer_below_min_value",
        "truncation_strategy.last_messages",
    ),
    ("/threads/runs", {"assistant_id": "a", "tool_choice": "maybe"}, "invalid_value", "tool_choice"),
    ("/threads/runs", {"assistant_id": "a", "stream": "yes"}, "invalid_type", "stream"),
    (
        "/vector_stores",
        {"expires_after": {"anchor": "last_active_at", "days": 366}},
        "integer_above_max_value",
        "expires_after.days",
    ),
    ("/vector_stores", {"expires_after": {"days": 3}}, "missing_required_parameter", "expires_after.anchor"),
    ("/vector_stores", {"file_ids": "file-a"}, "invalid_type", "file_ids"),
    (
        "/vector_stores",
        {"chunking_strategy": {"type": "static", "static": {"max_chunk_size_tokens": 99, "chunk_overlap_tokens": 0}}},
        "integer_below_min_value",
        "chunking_strategy.static.max_chunk_size_tokens",
    ),
    (f"/vector_stores/vs_{NO_ID}/search", {}, "missing_required_parameter", "query"),
    (
        f"/vector_stores/vs_{NO_ID}/search",
        {"query": "x", "max_num_results": 0},
        "integer_below_min_value",
        "max_num_results",
    ),
    (
        f"/vector_stores/vs_{NO_ID}/search",
        {"query": "x", "filters": {"type": "like", "key": "a", "value": "b"}},
        "invalid_value",
        "filters",
    ),
    (f"/vector_stores/vs_{NO_ID}/search", {"query": "x" * 20_000}, "string_above_max_length", "query"),
    (f"/vector_stores/vs_{NO_ID}/file_batches", {"file_ids": []}, "array_below_min_length", "file_ids"),
    (f"/vector_stores/vs_{NO_ID}/file_batches", {"file_ids": ["file-a"] * 2001}, "array_above_max_length", "file_ids"),
    (f"/vector_stores/vs_{NO_ID}/file_batches", {}, "invalid_value", "file_ids"),
    (
        f"/vector_stores/vs_{NO_ID}/files",
        {"file_id": "file-a", "attributes": {"a": {"nested": 1}}},
        "invalid_type",
        "attributes.a",
    ),
]


@pytest.mark.parametrize(("path", "body", "code", "param"), BODY_FAULTS)
def test_a_wrong_body_is_refused_with_its_place(
    http: httpx2.Client, path: str, body: Any, code: str, param: str
) -> None:
    answer = http.post(path, json=body)
    assert answer.status_code == 400, answer.text
    assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == (code, param)


UNKNOWN = [
    ("GET", f"/assistants/asst_{NO_ID}", f"No assistant found with id 'asst_{NO_ID}'."),
    ("POST", f"/assistants/asst_{NO_ID}", f"No assistant found with id 'asst_{NO_ID}'."),
    ("DELETE", f"/assistants/asst_{NO_ID}", f"No assistant found with id 'asst_{NO_ID}'."),
    ("GET", f"/threads/thread_{NO_ID}", f"No thread found with id 'thread_{NO_ID}'."),
    ("POST", f"/threads/thread_{NO_ID}", f"No thread found with id 'thread_{NO_ID}'."),
    ("DELETE", f"/threads/thread_{NO_ID}", f"No thread found with id 'thread_{NO_ID}'."),
    ("GET", f"/threads/thread_{NO_ID}/messages", f"No thread found with id 'thread_{NO_ID}'."),
    ("GET", f"/threads/thread_{NO_ID}/runs", f"No thread found with id 'thread_{NO_ID}'."),
    ("GET", f"/threads/thread_{NO_ID}/runs/run_{NO_ID}/steps", f"No thread found with id 'thread_{NO_ID}'."),
    ("GET", f"/vector_stores/vs_{NO_ID}", f"No vector store found with id 'vs_{NO_ID}'."),
    ("DELETE", f"/vector_stores/vs_{NO_ID}", f"No vector store found with id 'vs_{NO_ID}'."),
    ("GET", f"/vector_stores/vs_{NO_ID}/files", f"No vector store found with id 'vs_{NO_ID}'."),
    ("GET", f"/files/file-{NO_ID}", f"No such File object: file-{NO_ID}"),
    ("GET", f"/files/file-{NO_ID}/content", f"No such File object: file-{NO_ID}"),
    ("DELETE", f"/files/file-{NO_ID}", f"No such File object: file-{NO_ID}"),
    ("GET", "/models/no-such-model", "The model 'no-such-model' does not exist."),
    ("GET", f"/deskside/files/file-{NO_ID}/pages/1", f"No such File object: file-{NO_ID}"),
]


@pytest.mark.parametrize(("method", "path", "message"), UNKNOWN)
def test_an_unknown_id_answers_404_naming_it(http: httpx2.Client, method: str, path: str, message: str) -> None:
    answer = http.request(method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == message


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/assistants/undefined", "assistant_id"),
        ("/threads/null", "thread_id"),
        ("/threads/thread_x/messages/42", "message_id"),
        ("/threads/thread_x/runs/msg_x", "run_id"),
        ("/vector_stores/file-x", "vector_store_id"),
        ("/files/%00", "file_id"),
        ("/files/..%2F..%2Fetc%2Fpasswd", "file_id"),
    ],
)
def test_an_id_of_another_kind_is_refused(http: httpx2.Client, path: str, param: str) -> None:
    answer = http.get(path)
    if answer.status_code == 400:
        assert (answer.json()["error"]["code"], answer.json()["error"]["param"]) == ("invalid_value", param)
    else:
        assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/assistants", "/threads", "/files", "/vector_stores"])
@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"),
        ("limit=10001", "limit"),
        ("limit=x", "limit"),
        ("order=up", "order"),
        ("after=nothing", "after"),
    ],
)
def test_a_wrong_list_query_is_refused(http: httpx2.Client, path: str, query: str, param: str) -> None:
    answer = http.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


INNER_LISTS = [
    "/threads/{thread}/messages",
    "/threads/{thread}/runs",
    "/vector_stores/{store}/files",
    "/vector_stores/{store}/file_batches/{batch}/files",
]


def test_a_wrong_query_of_a_list_below_an_object_is_refused(http: httpx2.Client) -> None:
    store = http.post("/vector_stores").json()["id"]
    file = http.post("/files", files={"file": ("a.txt", b"words")}, data={"purpose": "assistants"}).json()["id"]
    batch = http.post(f"/vector_stores/{store}/file_batches", json={"file_ids": [file]}).json()["id"]
    ids = {"thread": http.post("/threads").json()["id"], "store": store, "batch": batch}
    for path in (each.format(**ids) for each in INNER_LISTS):
        for query in ("limit=0", "limit=101", "order=newest", "after=nothing", "before=nothing", "after="):
            answer = http.get(f"{path}?{query}")
            assert (answer.status_code, answer.json()["error"]["param"]) == (400, query.split("=")[0]), path
