"""The real service in a process of its own, over a temporary data folder.

`service` is a test's own: it may be killed and started again. `client` and `http` talk to one that all tests share;
every answer that they get is checked against the protocol, and the log must stay free of tracebacks.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.support.protocol import check_response
from tests.support.scripted_provider import ScriptedProvider, Turn
from tests.support.service_process import ServiceProcess

PROVIDER_KEY = "sk-planted-0123456789"
Serve = Callable[..., tuple[ServiceProcess, ScriptedProvider]]
_TIMEOUT_S = 60


@pytest.fixture
def service(tmp_path: Path, model_files: ModelFiles) -> Iterator[ServiceProcess]:
    """A running service; the test fails when its log holds a traceback."""
    with ServiceProcess(tmp_path / "data") as process:
        yield process


@pytest.fixture
def serve(tmp_path: Path, model_files: ModelFiles) -> Iterator[Serve]:
    """`serve(Turn(...), ...)`: a service in front of a provider that plays these turns; settings by their names."""
    with ExitStack() as running:

        def start(*turns: Turn, **settings: str) -> tuple[ServiceProcess, ScriptedProvider]:
            provider = running.enter_context(ScriptedProvider(turns))
            return running.enter_context(_in_front_of(provider, tmp_path / "data", **settings)), provider

        yield start


@dataclass
class Stage:
    """A service in front of a scripted provider; `provider.play(Turn(...), ...)` says what the model does next."""

    process: ServiceProcess
    provider: ScriptedProvider
    client: openai.OpenAI
    http: httpx2.Client


@pytest.fixture(scope="session")
def _staged(tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles) -> Iterator[Stage]:
    with (
        ScriptedProvider([]) as provider,
        _in_front_of(provider, tmp_path_factory.mktemp("stage") / "data") as process,
        sdk(process) as client,
        plain(process) as http,
    ):
        yield Stage(process, provider, client, http)


@pytest.fixture
def stage(_staged: Stage) -> Iterator[Stage]:
    """One that tests share; they end the runs that they begin."""
    with _staged.process.without_trouble():
        yield _staged


@pytest.fixture(scope="session")
def _shared_process(tmp_path_factory: pytest.TempPathFactory, model_files: ModelFiles) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("service") / "data") as process:
        yield process


@pytest.fixture
def shared(_shared_process: ServiceProcess) -> Iterator[ServiceProcess]:
    """The service that tests share; they leave it running."""
    with _shared_process.without_trouble():
        yield _shared_process


@pytest.fixture
def http(shared: ServiceProcess) -> Iterator[httpx2.Client]:
    """A plain HTTP client with the key, at the service's base URL."""
    with plain(shared) as client:
        yield client


@pytest.fixture
def client(shared: ServiceProcess) -> Iterator[openai.OpenAI]:
    """The official SDK."""
    with sdk(shared) as official:
        yield official


def plain(process: ServiceProcess) -> httpx2.Client:
    """A client without the SDK, with the key and with checked answers, at the service's base URL."""
    return httpx2.Client(
        base_url=process.base_url,
        headers={"Authorization": f"Bearer {process.api_key}"},
        event_hooks={"response": [check_response]},
        timeout=_TIMEOUT_S,
    )


def sdk(process: ServiceProcess) -> openai.OpenAI:
    """The SDK for a process, with checked answers."""
    transport = openai.DefaultHttpxClient(event_hooks={"response": [check_response]}, timeout=_TIMEOUT_S)
    return openai.OpenAI(
        base_url=process.base_url, api_key=process.api_key, max_retries=0, http_client=transport, timeout=_TIMEOUT_S
    )


def ask(
    client: openai.OpenAI, *contents: Any, assistant: dict[str, Any] | None = None, **params: Any
) -> dict[str, Any]:
    """The ended run on a new thread; `contents` are the user's and the assistant's messages in turn."""
    made = client.beta.assistants.create(**{"model": "scripted"} | (assistant or {}))
    roles = ("user", "assistant")
    messages: Any = [{"role": roles[at % 2], "content": content} for at, content in enumerate(contents)]
    thread = client.beta.threads.create(messages=messages)
    return client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=made.id, **params).to_dict()


def _in_front_of(provider: ScriptedProvider, data_dir: Path, **settings: str) -> ServiceProcess:
    settings |= {"provider_url": provider.base_url, "provider_key": PROVIDER_KEY}
    return ServiceProcess(data_dir, {f"DESKSIDE_{name.upper()}": value for name, value in settings.items()})


@pytest.fixture
def upload(client: openai.OpenAI) -> Callable[..., str]:
    """`upload("text", name="a.txt")` answers the id of a new file."""

    def make(content: str | bytes, name: str = "notes.txt", **options: Any) -> str:
        data = content.encode() if isinstance(content, str) else content
        return client.files.create(file=(name, data), purpose="assistants", **options).id

    return make
