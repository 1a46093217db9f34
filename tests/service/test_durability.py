"""What was answered with 200 survives SIGKILL; what was deleted is nowhere in the data folder."""

import threading
import time
from pathlib import Path

import openai
import pytest

from tests.service.conftest import sdk
from tests.support.service_process import ServiceProcess

SECRET = "zyzzogeton-quarterly"


def test_every_answered_creation_is_there_after_a_kill_in_mid_work(service: ServiceProcess) -> None:
    answered: dict[str, str] = {}
    refused = threading.Event()

    def work(client: openai.OpenAI, number: int) -> None:
        count = 0
        while not refused.is_set():
            count += 1
            name = f"{number}-{count}"
            try:
                assistant = client.beta.assistants.create(model="m", name=name)
                answered[assistant.id] = name
                thread = client.beta.threads.create(messages=[{"role": "user", "content": name}])
                answered[thread.id] = name
                message = client.beta.threads.messages.create(thread.id, role="user", content=name)
                answered[message.id] = f"{thread.id} {name}"
                file = client.files.create(file=(f"{name}.txt", name.encode()), purpose="assistants")
                answered[file.id] = name
            except openai.APIConnectionError:
                return

    with sdk(service) as client:
        workers = [threading.Thread(target=work, args=(client, number)) for number in range(4)]
        for worker in workers:
            worker.start()
        while len(answered) <= 40 and all(worker.is_alive() for worker in workers):
            time.sleep(0.1)
        time.sleep(1)
        service.kill()
        refused.set()
        for worker in workers:
            worker.join()
    assert len(answered) > 40
    service.start()
    with sdk(service) as client:
        for object_id, told in answered.items():
            if object_id.startswith("asst_"):
                assert client.beta.assistants.retrieve(object_id).name == told
            elif object_id.startswith("thread_"):
                assert client.beta.threads.retrieve(object_id).id == object_id
            elif object_id.startswith("msg_"):
                thread_id, words = told.split()
                part = client.beta.threads.messages.retrieve(object_id, thread_id=thread_id).content[0]
                assert part.type == "text"
                assert part.text.value == words
            else:
                assert client.files.content(object_id).content.decode() == told


def test_a_batch_goes_on_where_it_was_after_kills(service: ServiceProcess) -> None:
    text = " ".join(f"Sentence number {n} says something about bicycles." for n in range(1500))
    with sdk(service) as client:
        files = [
            client.files.create(file=(f"{n}.txt", f"Document {n}. {text}".encode()), purpose="assistants").id
            for n in range(4)
        ]
        store = client.vector_stores.create(name="killed")
        batch = client.vector_stores.file_batches.create(store.id, file_ids=files)
    for _ in range(2):
        time.sleep(1.0)
        service.restart()
    with sdk(service) as client:
        done = client.vector_stores.file_batches.poll(batch.id, vector_store_id=store.id)
        counts = done.file_counts
        assert (done.status, counts.completed, counts.total) == ("completed", 4, 4)
        found = client.vector_stores.search(store.id, query="Document 3", max_num_results=50).data
        assert {hit.file_id for hit in found} == set(files)


def test_a_thread_is_not_locked_after_a_kill_in_mid_run(service: ServiceProcess) -> None:
    with sdk(service) as client:
        assistant = client.beta.assistants.create(model="deskside-reader")
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "hello"}])
        run = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
        service.restart()
    with sdk(service) as client:
        ended = client.beta.threads.runs.poll(run.id, thread_id=thread.id)
        assert ended.status in ("completed", "failed")
        client.beta.threads.messages.create(thread.id, role="user", content="and now?")


def test_an_upload_cut_off_by_a_kill_leaves_nothing(service: ServiceProcess) -> None:
    place = service.data_dir / "files"
    service.kill()
    (place / ".new-cut-off").write_bytes(b"half a file")
    (place / "ab").mkdir()
    (place / "ab" / ("c" * 62)).write_bytes(b"bytes whose row was never written")
    service.start()
    assert [path for path in place.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("kill", [False, True], ids=["asked at once", "after a kill"])
def test_deleted_is_deleted(service: ServiceProcess, kill: bool) -> None:
    with sdk(service) as client:
        paragraphs = "\n\n".join(f"The {SECRET} figure number {n} is {n * 17}." for n in range(200))
        doomed = client.files.create(file=("secret.txt", paragraphs.encode()), purpose="assistants").id
        other = client.files.create(file=("other.txt", b"Nothing to hide in here."), purpose="assistants").id
        store = client.vector_stores.create()
        client.vector_stores.file_batches.create_and_poll(store.id, file_ids=[doomed, other])
        assert client.vector_stores.search(store.id, query=SECRET).data[0].file_id == doomed
        thread = client.beta.threads.create(messages=[{"role": "user", "content": f"What about {SECRET}?"}])
        message = client.beta.threads.messages.list(thread.id).data[0]
        assistant = client.beta.assistants.create(model="m", instructions=f"Never speak of {SECRET}.")
        assert holders(service.data_dir)
        client.files.delete(doomed)
        client.beta.threads.messages.delete(message.id, thread_id=thread.id)
        client.beta.threads.delete(thread.id)
        client.beta.assistants.delete(assistant.id)
        if kill:
            service.restart()
    with sdk(service) as client:
        assert [hit.file_id for hit in client.vector_stores.search(store.id, query=SECRET)] == [other]
        assert holders(service.data_dir) == []
        client.vector_stores.delete(store.id)
        assert list((service.data_dir / "index").iterdir()) == []


def holders(data_dir: Path) -> list[str]:
    """Files of the data folder that still hold the secret word, or a part of it as the search index keeps it."""
    parts = [SECRET.encode(), b"zyzzogeton"]
    return [
        str(path)
        for path in data_dir.rglob("*")
        if path.is_file() and any(part in path.read_bytes() for part in parts)
    ]
