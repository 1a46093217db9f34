"""Bodies, paths and queries that nobody sends in good faith, and some that are only unusual: none gets a 500."""

import httpx2
import pytest


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"model": NaN}',
        b'{"model": "\\ud800"}',
        b'{"model": "m", "temperature": 1e999}',
        b'{"model": "m", "temperature": 1' + b"0" * 5000 + b"}",
        b"[" * 100_000,
        b'{"model":' * 100_000,
        b'{"model": "m", "tools": [{"type": "function", "function": {"name": "f", "parameters": '
        + b'{"a":' * 80
        + b"1"
        + b"}" * 80
        + b"}}]}",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_hostile_json_is_refused(http: httpx2.Client, body: bytes) -> None:
    answer = http.post("/assistants", content=body)
    assert answer.status_code == 400, answer.text
    assert len(answer.text) < 1000


@pytest.mark.parametrize("name", ["zero\0byte", "\u202eright to left", "emoji 🧑‍🚀", "'; DROP TABLE assistants; --"])
def test_strange_text_is_kept_as_it_is(http: httpx2.Client, name: str) -> None:
    assistant = http.post("/assistants", json={"model": "m", "name": name}).json()
    assert http.get(f"/assistants/{assistant['id']}").json()["name"] == name


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/assistants/", 404),
        ("//assistants", 404),
        ("/assistants/%2e%2e/threads", 404),
        ("/assistants/asst_%2F..%2Fx", 404),
        ("/assistants/asst_%00", 404),
        ("/assistants/asst_%ff%fe", 404),
        ("/assistants/asst_%ED%A0%80", 404),
        ("/assistants/asst_%F0%9F%98%80", 404),
        ("/assistants/asst_" + "x" * 30_000, 404),
        ("/models/%00", 404),
        ("/models/" + "a/" * 1000, 404),
        ("/threads/thread_x/messages/msg_x/more", 404),
        ("/deskside/files/file-x/pages/-1", 404),
        ("/assistants?limit=%ff", 400),
        ("/assistants?limit=" + "9" * 5000, 400),
        ("/assistants?limit=1.5", 400),
        ("/assistants?after=%00", 400),
        ("/assistants?after=%ED%A0%80", 400),
        ("/assistants?after=" + "x" * 30_000, 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_strange_path_is_refused_shortly(http: httpx2.Client, path: str, status: int) -> None:
    answer = http.get(path)
    assert answer.status_code == status
    assert len(answer.text) < 1000


@pytest.mark.parametrize(
    "query", ["limit=1&limit=2", "unknown=1", "limit=%201", "order=asc&order=desc", "include[]=x", "&&=&%"]
)
def test_a_query_that_is_only_odd_is_answered(http: httpx2.Client, query: str) -> None:
    assert http.get(f"/assistants?{query}").status_code == 200


@pytest.mark.parametrize(
    ("path", "nulls"),
    [
        ("/threads", ("messages", "metadata", "tool_resources")),
        ("/vector_stores", ("name", "description", "file_ids", "metadata", "expires_after", "chunking_strategy")),
    ],
)
def test_explicit_nulls_make_what_an_empty_body_makes(http: httpx2.Client, path: str, nulls: tuple[str, ...]) -> None:
    made, empty = (http.post(path, json=body).json() for body in (dict.fromkeys(nulls), {}))
    differing = {name for name in made if made[name] != empty[name]}
    assert differing <= {"id", "created_at", "last_active_at", "deskside"}


def test_of_a_repeated_key_the_last_counts(http: httpx2.Client) -> None:
    body = b'{"metadata": {"k": "first"}, "metadata": {"k": "second"}}'
    assert http.post("/threads", content=body).json()["metadata"] == {"k": "second"}


def test_explicit_nulls_mean_not_given(http: httpx2.Client) -> None:
    names = ("name", "description", "instructions", "metadata", "tools", "tool_resources", "temperature", "top_p")
    answer = http.post("/assistants", json={"model": "m"} | dict.fromkeys(names))
    assert answer.status_code == 200, answer.text
    assert answer.json()["temperature"] == 1
    assert answer.json()["metadata"] == {}


def test_an_empty_body_counts_as_an_empty_object(http: httpx2.Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert http.post("/threads", headers=headers).status_code == 200
    thread = http.post("/threads", content=b"", headers=headers).json()
    assert http.delete(f"/threads/{thread['id']}", headers=headers).status_code == 200
