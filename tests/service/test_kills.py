"""SIGKILL at random moments while several clients write, run, upload, attach and delete: what was answered holds."""

import random
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import httpx2

from desktop_app.store.revision import is_current
from tests.service.conftest import Serve, plain
from tests.support.scripted_provider import Turn
from tests.support.service_process import ServiceProcess

ROUNDS = 3
TEXT = " ".join(f"Sentence number {number} says something about bicycles." for number in range(30))
WORDS = [f"word{number} " for number in range(400)]


class Diary:
    """What the service answered with 200, by path; each client writes what it knows."""

    def __init__(self) -> None:
        self.there: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self.runs: set[str] = set()
        self.store_files: set[str] = set()
        self.answers = 0

    def check(self, http: httpx2.Client) -> None:
        for path in self.gone:
            assert http.get(path).status_code == 404, path
        for path, said in self.there.items():
            answer = http.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert {name: answer.json()[name] for name in said} == said


class Client:
    """Works until the service is gone. Objects that it has asked to delete without hearing more are in no list."""

    def __init__(self, http: httpx2.Client, diary: Diary, shared: dict[str, str]) -> None:
        self._http = http
        self._diary = diary
        self._shared = shared

    def converse(self, number: int) -> None:
        thread = self._post("/threads", {"messages": [{"role": "user", "content": f"Say {number}"}]})
        self._note(f"/threads/{thread['id']}", thread, "created_at")
        message = self._post(f"/threads/{thread['id']}/messages", {"role": "user", "content": f"And {number}"})
        self._note(f"/threads/{thread['id']}/messages/{message['id']}", message, "content")
        run = self._post(f"/threads/{thread['id']}/runs", {"assistant_id": self._shared["assistant"]})
        self._diary.runs.add(f"/threads/{thread['id']}/runs/{run['id']}")

    def upload(self, number: int) -> None:
        files = {"file": (f"{number}.txt", f"{random.random()} {TEXT}".encode()), "purpose": (None, "assistants")}
        file = self._taken(self._http.post("/files", files=files))
        self._note(f"/files/{file['id']}", file, "filename", "bytes")
        if number % 2:
            self._delete(f"/files/{file['id']}")
        else:
            store = f"/vector_stores/{self._shared['store']}/file_batches"
            self._post(store, {"file_ids": [file["id"]]})
            self._diary.store_files.add(file["id"])

    def make_and_delete(self, number: int) -> None:
        for path in ("/assistants", "/vector_stores", "/threads"):
            made = self._post(path, {"model": "m"} if path == "/assistants" else {})
            self._note(f"{path}/{made['id']}", made, "created_at")
            self._delete(f"{path}/{made['id']}")

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._taken(self._http.post(path, json=body))

    def _taken(self, answer: httpx2.Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        self._diary.answers += 1
        made: dict[str, Any] = answer.json()
        return made

    def _note(self, path: str, made: dict[str, Any], *names: str) -> None:
        self._diary.there[path] = {name: made[name] for name in names}

    def _delete(self, path: str) -> None:
        """From the moment it is asked for, until it is answered, it may be there or not."""
        del self._diary.there[path]
        self._taken(self._http.delete(path))
        self._diary.gone.add(path)


def work_until_killed(service: ServiceProcess, diary: Diary, shared: dict[str, str], moment: float) -> None:
    """Three clients at work, and a kill some time after they had a number of answers."""
    failed: list[Exception] = []

    def work(job: Callable[[Client], Callable[[int], None]]) -> None:
        with plain(service) as http:
            client, number = Client(http, diary, shared), 0
            try:
                with suppress(httpx2.TransportError):
                    while True:
                        job(client)(number)
                        number += 1
            except Exception as error:
                failed.append(error)

    jobs = (lambda client: client.converse, lambda client: client.upload, lambda client: client.make_and_delete)
    workers = [threading.Thread(target=work, args=(job,)) for job in jobs]
    enough = diary.answers + 30
    for worker in workers:
        worker.start()
    while diary.answers < enough and any(worker.is_alive() for worker in workers):
        time.sleep(0.01)
    time.sleep(moment)
    service.kill()
    for worker in workers:
        worker.join()
    assert failed == []


def test_what_was_answered_holds_over_kills_in_the_midst_of_everything(serve: Serve) -> None:
    service, _ = serve(Turn(WORDS[:40], rate=100))
    diary, moments = Diary(), random.Random(11)
    with plain(service) as http:
        shared = {
            "assistant": http.post("/assistants", json={"model": "scripted"}).json()["id"],
            "store": http.post("/vector_stores", json={}).json()["id"],
        }
    for _ in range(ROUNDS):
        work_until_killed(service, diary, shared, moments.uniform(0.0, 0.5))
        service.start()
        with plain(service) as http:
            diary.check(http)
    with plain(service) as http:
        _assert_at_rest(http, diary, shared["store"])
    assert len(diary.runs) >= ROUNDS
    assert len(diary.gone) >= ROUNDS
    assert service.stop() == 0
    _assert_whole(service)


def _assert_at_rest(http: httpx2.Client, diary: Diary, store_id: str) -> None:
    """Every run has ended and left its thread free; every file that went into the store is found there."""
    for path in diary.runs:
        assert _settled(lambda path=path: http.get(path).json(), "queued", "in_progress") in ("completed", "failed")
        answer = http.post(f"{path.partition('/runs/')[0]}/messages", json={"role": "user", "content": "And now?"})
        assert answer.status_code == 200, answer.text
    assert _settled(lambda: http.get(f"/vector_stores/{store_id}").json(), "in_progress") == "completed"
    listed = http.get(f"/vector_stores/{store_id}/files?limit=100").json()["data"]
    assert {file["status"] for file in listed} <= {"completed"}
    ids = {file["id"] for file in listed}
    assert diary.store_files <= ids
    found = http.post(f"/vector_stores/{store_id}/search", json={"query": "bicycles", "max_num_results": 50}).json()
    assert {hit["file_id"] for hit in found["data"]} == ids


def _settled(look: Callable[[], dict[str, Any]], *beyond: str) -> str:
    for _ in range(600):
        status = str(look()["status"])
        if status not in beyond:
            return status
        time.sleep(0.1)
    raise AssertionError(look())


def _assert_whole(service: ServiceProcess) -> None:
    """The database is sound, and the files' bytes are those that it names."""
    path = service.data_dir / "deskside.sqlite3"
    assert is_current(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        named = {sha256 for (sha256,) in connection.execute("SELECT sha256 FROM files")}
    kept = {path.parent.name + path.name for path in (service.data_dir / "files").rglob("*") if path.is_file()}
    assert kept == named


def test_at_most_a_second_of_streamed_text_is_lost(serve: Serve) -> None:
    service, _ = serve(Turn(WORDS, rate=100))
    with plain(service) as http:
        assistant = http.post("/assistants", json={"model": "scripted"}).json()["id"]
        thread = http.post("/threads", json={"messages": [{"role": "user", "content": "Go on."}]}).json()["id"]
        heard: list[tuple[float, int]] = []  # when, and how many words by then
        killed = threading.Timer(0, service.kill)
        body = {"assistant_id": assistant, "stream": True}
        with suppress(httpx2.TransportError), http.stream("POST", f"/threads/{thread}/runs", json=body) as stream:
            for line in stream.iter_lines():
                words = line.count("word")
                if "thread.message.delta" in line and words:
                    heard.append((time.monotonic(), (heard[-1][1] if heard else 0) + words))
                    if heard[-1][1] > 200 and not killed.is_alive():
                        killed.start()
    killed.join()
    service.start()
    with plain(service) as http:
        message = http.get(f"/threads/{thread}/messages").json()["data"][0]
    kept = message["content"][0]["text"]["value"].count("word")
    assert message["status"] == "incomplete"
    assert kept >= max(words for when, words in heard if when < heard[-1][0] - 1.0)
