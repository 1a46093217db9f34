"""Many clients at once: each run has its own end and its own words, and of those that race exactly one wins."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.service.functions import WEATHER
from tests.support.protocol import check_error
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess
from tests.support.streams import END

THREADS = 200
Json = dict[str, Any]


class Parrot(ScriptedProvider):
    """Repeats what the user said, whoever asks in whatever order; offered a tool, it calls that first."""

    def take_turn(self, body: Json, path: str, headers: Mapping[str, str]) -> tuple[Turn, str]:
        said = next(turn["content"] for turn in reversed(body["messages"]) if turn["role"] == "user")
        if "tools" in body and body["messages"][-1]["role"] != "tool":
            return Turn(calls=[{**body["tools"][0]["function"], "arguments": {"city": said, "query": said}}]), ""
        return Turn(f"You said {said}, and that was all.", rate=100), ""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles) -> Iterator[ServiceProcess]:
    """A service in front of a parrot; in the end its log knows of no trouble."""
    folder = tmp_path_factory.mktemp("busy")
    with (
        Parrot([]) as provider,
        ServiceProcess(folder / "data", {"DESKSIDE_PROVIDER_URL": provider.base_url}) as process,
    ):
        yield process
    assert "locked" not in process.log(), process.log()


@asynccontextmanager
async def client_of(process: ServiceProcess) -> AsyncIterator[httpx2.AsyncClient]:
    """One with connections of its own: a pool of hundreds would be slower than the service."""
    headers = {"Authorization": f"Bearer {process.api_key}"}
    async with httpx2.AsyncClient(base_url=process.base_url, headers=headers, verify=False, timeout=60) as client:
        yield client


async def post(client: httpx2.AsyncClient, path: str, body: Json | None = None) -> Json:
    answer = await client.post(path, json=body or {})
    assert answer.status_code == 200, answer.text
    made: Json = answer.json()
    return made


async def get(client: httpx2.AsyncClient, path: str) -> Json:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    while not await holds():  # noqa: ASYNC110  # it is another process that is waited for
        await asyncio.sleep(0.1)


def told(stream: bytes, event: str) -> Json:
    """What the one event of this name says; {} when there is none."""
    assert stream.endswith(END)
    _, _, begun = stream.partition(f"event: {event}\ndata: ".encode())
    data: Json = json.loads(begun.partition(b"\n")[0] or b"{}")
    return data


async def wait_for(client: httpx2.AsyncClient, run: Json, *, beyond: tuple[str, ...]) -> Json:
    """The run once its status is none of `beyond`."""
    while True:
        run = await get(client, f"/threads/{run['thread_id']}/runs/{run['id']}")
        if run["status"] not in beyond:
            return run
        await asyncio.sleep(1)


async def stream_run(client: httpx2.AsyncClient, thread_id: str, assistant_id: str) -> Json:
    body = {"assistant_id": assistant_id, "stream": True}
    answer = await client.post(f"/threads/{thread_id}/runs", json=body)
    assert answer.status_code == 200, answer.text
    return told(answer.content, "thread.run.completed")


async def poll_run(client: httpx2.AsyncClient, thread_id: str, assistant_id: str) -> Json:
    run = await post(client, f"/threads/{thread_id}/runs", {"assistant_id": assistant_id})
    return await wait_for(client, run, beyond=("queued", "in_progress"))


async def call_function(client: httpx2.AsyncClient, thread_id: str, assistant_id: str) -> Json:
    run = await poll_run(client, thread_id, assistant_id)
    assert run["status"] == "requires_action", run["last_error"]
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [{"tool_call_id": call["id"], "output": "rain"} for call in calls]
    path = f"/threads/{thread_id}/runs/{run['id']}/submit_tool_outputs"
    run = await post(client, path, {"tool_outputs": outputs})
    return await wait_for(client, run, beyond=("queued", "in_progress"))


async def test_two_hundred_threads_have_a_run_each_at_once(busy: ServiceProcess) -> None:
    async with client_of(busy) as client:
        plain = (await post(client, "/assistants", {"model": "parrot"}))["id"]
        calling = (await post(client, "/assistants", {"model": "parrot", "tools": [WEATHER]}))["id"]
        ways: list[tuple[Callable[..., Awaitable[Json]], str]] = [
            (stream_run, plain),
            (poll_run, plain),
            (call_function, calling),
        ]
        running = set(range(THREADS))

        async def converse(number: int) -> None:
            async with client_of(busy) as own:
                thread = await post(own, "/threads", {"messages": [{"role": "user", "content": f"number {number}"}]})
                work, assistant_id = ways[number % len(ways)]
                run = await work(own, thread["id"], assistant_id)
                assert run["status"] == "completed", run["last_error"]
                newest = (await get(own, f"/threads/{thread['id']}/messages"))["data"][0]
                assert newest["content"][0]["text"]["value"] == f"You said number {number}, and that was all."
                await post(own, f"/threads/{thread['id']}/messages", {"role": "user", "content": "And now?"})
            running.discard(number)

        async def use_it_meanwhile() -> int:
            for used in itertools.count():
                if not running:
                    return used
                await get(client, "/threads?limit=5")
                await post(client, f"/assistants/{plain}", {"name": f"meanwhile {used}"})
                await asyncio.sleep(0.2)
            raise AssertionError

        *_, used = await asyncio.gather(*map(converse, range(THREADS)), use_it_meanwhile())
        assert used > 3
        assert (await get(client, "/threads?limit=100"))["has_more"]


async def test_of_twenty_runs_that_race_for_a_thread_one_wins(busy: ServiceProcess) -> None:
    async with client_of(busy) as client:
        assistant = await post(client, "/assistants", {"model": "parrot"})
        for number in range(3):
            thread = await post(client, "/threads", {"messages": [{"role": "user", "content": str(number)}]})
            path = f"/threads/{thread['id']}/runs"
            answers = await asyncio.gather(
                *(client.post(path, json={"assistant_id": assistant["id"]}) for _ in range(20))
            )
            (won,) = [answer.json() for answer in answers if answer.status_code == 200]
            for answer in answers:
                if answer.status_code != 200:
                    assert answer.status_code == 400
                    check_error(answer.json())
                    assert f"{thread['id']} already has an active run {won['id']}" in answer.text
            assert [run["id"] for run in (await get(client, path))["data"]] == [won["id"]]
            assert (await wait_for(client, won, beyond=("queued", "in_progress")))["status"] == "completed"


async def test_two_clients_write_into_one_thread_and_each_message_is_there_once(busy: ServiceProcess) -> None:
    async with client_of(busy) as one, client_of(busy) as other:
        thread = await post(one, "/threads")
        path = f"/threads/{thread['id']}/messages"

        async def write(client: httpx2.AsyncClient, name: str) -> list[str]:
            return [
                (await post(client, path, {"role": "user", "content": f"{name} {number}"}))["id"]
                for number in range(30)
            ]

        written = await asyncio.gather(write(one, "one"), write(other, "other"))
        listed = [message["id"] for message in (await get(one, f"{path}?order=asc&limit=100"))["data"]]
        assert Counter(listed) == Counter(itertools.chain(*written))
        for ids in written:
            assert [each for each in listed if each in ids] == ids


async def test_deleting_what_runs_and_ingestion_work_with_ends_them_and_breaks_nothing(busy: ServiceProcess) -> None:
    text = " ".join(f"Sentence number {number} says something about bicycles." for number in range(60)).encode()
    async with client_of(busy) as client:

        async def upload(number: int) -> str:
            files = {"file": (f"{number}.txt", f"{number} ".encode() + text), "purpose": (None, "assistants")}
            answer = await client.post("/files", files=files)
            assert answer.status_code == 200, answer.text
            return str(answer.json()["id"])

        async def follow(number: int) -> tuple[str, bytes]:
            store_id, assistant_id = store_ids[number % len(store_ids)], assistant_ids[number % len(assistant_ids)]
            thread: Json = {"messages": [{"role": "user", "content": f"{number} " + "about bicycles " * 20}]}
            thread["tool_resources"] = {"file_search": {"vector_store_ids": [store_id]}}
            body = {"assistant_id": assistant_id, "thread": thread, "stream": True}
            async with client.stream("POST", "/threads/runs", json=body) as answer:
                assert answer.status_code == 200
                heard = await answer.aread()
            return told(heard, "thread.created")["id"], heard

        async def delete(path: str) -> None:
            answer = await client.delete(path)
            assert answer.status_code == 200, answer.text
            assert (await client.get(path)).status_code == 404

        async def delete_thread_of(number: int) -> None:
            """Of one that is answering."""
            (thread,) = [each for each in await threads() if each["deskside"]["title"].startswith(f"{number} ")]
            await delete(f"/threads/{thread['id']}")

        async def all_begun() -> bool:
            return len(await threads()) == 24

        async def all_read() -> bool:
            return (await get(client, f"/vector_stores/{store_ids[1]}"))["status"] == "completed"

        async def threads() -> list[Json]:
            listed = (await get(client, "/threads?limit=100"))["data"]
            return [thread for thread in listed if "bicycles" in thread["deskside"]["title"]]

        file_ids = await asyncio.gather(*map(upload, range(12)))
        store_ids = [
            (await post(client, "/vector_stores", {"file_ids": list(file_ids[at : at + 6])}))["id"] for at in (0, 6)
        ]
        searching = {"model": "parrot", "tools": [{"type": "file_search"}]}
        assistant_ids = [(await post(client, "/assistants", searching))["id"] for _ in range(2)]
        following = [asyncio.create_task(follow(number)) for number in range(24)]
        await until(all_begun)
        await asyncio.gather(
            *(delete_thread_of(number) for number in range(0, 24, 3)),
            *(delete(f"/files/{file_id}") for file_id in file_ids[::3]),
            delete(f"/vector_stores/{store_ids[0]}"),
            delete(f"/assistants/{assistant_ids[0]}"),
        )
        for number, (thread_id, heard) in enumerate(await asyncio.gather(*following)):
            deleted = number % 3 == 0
            assert (await client.get(f"/threads/{thread_id}")).status_code == (404 if deleted else 200)
            assert deleted or told(heard, "thread.run.completed")
        await until(all_read)
        counts = (await get(client, f"/vector_stores/{store_ids[1]}"))["file_counts"]
        assert counts["completed"] == counts["total"] == 4
        found = await post(
            client, f"/vector_stores/{store_ids[1]}/search", {"query": "bicycles", "max_num_results": 50}
        )
        assert {hit["file_id"] for hit in found["data"]} == {
            file_id for at, file_id in enumerate(file_ids) if at >= 6 and at % 3
        }
