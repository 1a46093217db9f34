"""The child here is a small program that behaves, or misbehaves, like `deskside serve`."""

import asyncio
import json
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from desktop_app.client import local_service
from desktop_app.client.errors import LocalServiceError
from desktop_app.client.local_service import LocalService
from desktop_app.settings.program import program_command
from tests.support.processes import children

GREETING = 'print(json.dumps({"base_url": "http://127.0.0.1:1/v1", "api_key": "k"}), flush=True)'
UNTIL_STDIN_CLOSES = "sys.stdin.read()"

Make = Callable[..., LocalService]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    made: list[LocalService] = []

    def make(*lines: str) -> LocalService:
        program = tmp_path / "program.py"
        program.write_text("import json, os, signal, sys, time\n" + "\n".join(map(textwrap.dedent, lines)))
        service = LocalService(tmp_path, [sys.executable, str(program), str(tmp_path / "notes")])
        made.append(service)
        return service

    yield make
    for service in made:
        await service.stop()


async def test_a_service_is_started_with_its_address_and_ends_when_its_stdin_closes(make: Make) -> None:
    service = make(GREETING, UNTIL_STDIN_CLOSES)
    connection = await service.start()
    assert connection.base_url == "http://127.0.0.1:1/v1"
    assert service.is_child
    assert await service.stop() == 0
    assert not service.is_child
    assert children("program.py") == []


async def test_stopping_twice_is_no_harm(make: Make) -> None:
    service = make(GREETING, UNTIL_STDIN_CLOSES)
    await service.start()
    await service.stop()
    assert await service.stop() is None


async def test_a_service_that_ends_at_once_is_reported_with_its_last_words(make: Make) -> None:
    service = make('print("loading", file=sys.stderr)', 'sys.exit("the database is from a newer version")')
    with pytest.raises(LocalServiceError, match=r"exit code 1.*the database is from a newer version"):
        await service.start()


async def test_a_service_that_never_answers_is_given_up_and_ended(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_service, "START_TIMEOUT_S", 0.5)
    service = make('print("still loading", file=sys.stderr, flush=True)', UNTIL_STDIN_CLOSES)
    with pytest.raises(LocalServiceError, match="did not start within"):
        await service.start()
    assert children("program.py") == []


async def test_an_unexpected_greeting_is_quoted(make: Make) -> None:
    service = make('print("Hello there", flush=True)', UNTIL_STDIN_CLOSES)
    with pytest.raises(LocalServiceError, match="Hello there"):
        await service.start()
    await service.stop()


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    service = LocalService(tmp_path, [str(tmp_path / "no-such-program")])
    with pytest.raises(LocalServiceError, match="no-such-program"):
        await service.start()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        ("", -15),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", -9),
    ],
    ids=["deaf to its stdin", "deaf to SIGTERM too"],
)
async def test_a_service_that_refuses_to_end_is_ended_in_steps(
    make: Make, monkeypatch: pytest.MonkeyPatch, refusal: str, code: int
) -> None:
    monkeypatch.setattr(local_service, "STOP_STEP_S", 0.3)
    service = make(refusal, GREETING, "while True: time.sleep(1)")
    await service.start()
    assert await service.stop() == code
    assert children("program.py") == []


async def test_much_output_does_not_stall_the_service(make: Make) -> None:
    service = make(
        GREETING,
        'sys.stderr.write("x" * 300_000 + "\\n" + "last words\\n")',
        'sys.stdout.write("y" * 300_000)',
        "sys.stdout.flush()",
        "sys.exit(7)",
    )
    await service.start()
    async with asyncio.timeout(20):
        end = await service.wait()
    assert "exit code 7" in str(end)
    assert "last words" in str(end)


async def test_cancelling_the_start_leaves_no_child(make: Make) -> None:
    service = make(UNTIL_STDIN_CLOSES)
    starting = asyncio.create_task(service.start())
    await asyncio.sleep(0.2)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert children("program.py") == []


async def test_a_service_that_has_the_folder_already_is_found(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKSIDE_API_KEY", "its-key")
    (tmp_path / "service.json").write_text(json.dumps({"pid": 4711, "base_url": "http://127.0.0.1:9/v1"}))
    service = make("sys.exit(3)")
    connection = await service.start()
    assert connection.base_url == "http://127.0.0.1:9/v1"
    assert not service.is_child


async def test_a_service_whose_key_is_unknown_is_named_with_the_remedy(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DESKSIDE_API_KEY", raising=False)
    monkeypatch.setattr(local_service, "_stored_key", lambda: None)  # this machine's keyring is not the test's
    (tmp_path / "service.json").write_text(json.dumps({"pid": 4711, "base_url": "http://127.0.0.1:9/v1"}))
    service = make("sys.exit(3)")
    with pytest.raises(LocalServiceError, match=r"process 4711.*DESKSIDE_API_KEY"):
        await service.start()


async def test_a_folder_in_use_without_an_address_is_said_in_words(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_service, "NOTE_TIMEOUT_S", 0.1)
    (tmp_path / "service.json").write_text('{"pid": 47')
    service = make("sys.exit(3)")
    with pytest.raises(LocalServiceError, match="left no address"):
        await service.start()


def test_the_program_starts_itself_the_same_way_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert program_command("serve") == [sys.executable, "-m", "desktop_app", "serve"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program_command("serve") == [sys.executable, "serve"]
