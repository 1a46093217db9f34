"""Model servers that run on this machine: looked for on their usual ports, and told apart by what only they answer."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx2

from desktop_app.models.providers.address import runs_here
from desktop_app.models.providers.presets import preset
from desktop_app.models.remote.bounds import ACCEPT, bound
from desktop_app.models.remote.faults import FAULTS
from desktop_app.wire.models import Dialect, FoundServer, Provider

TIMEOUT_S = 1.5
"""For all that one server is asked; a server of this machine answers in milliseconds."""
MAX_MODELS = 200


async def find_servers(ports: Sequence[int], known: Iterable[Provider]) -> list[FoundServer]:
    """Those on `ports` of this machine that `known` does not have yet, in the order of the ports."""
    taken = {urlsplit(each.base_url).port or 80 for each in known if runs_here(each.base_url)}
    async with httpx2.AsyncClient(trust_env=False, headers=ACCEPT, event_hooks={"response": [bound]}) as client:
        found = await asyncio.gather(*(_look(client, port) for port in dict.fromkeys(ports) if port not in taken))
    return [server for server in found if server is not None]


async def _look(client: httpx2.AsyncClient, port: int) -> FoundServer | None:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _server(client, f"http://localhost:{port}")
    except TimeoutError:
        return None


async def _server(client: httpx2.AsyncClient, address: str) -> FoundServer | None:
    models, *marks = await asyncio.gather(
        *(
            _json(client, address + path)
            for path in ("/v1/models", "/api/version", "/api/v0/models", "/props", "/version")
        )
    )
    names = _names(models)
    if names is None:
        return None
    kind = _kind(*marks)
    name = preset(kind).name if kind != "other" else f"Model server at {address.partition('://')[2]}"
    return FoundServer(kind=kind, name=name, base_url=f"{address}/v1", models=names[:MAX_MODELS])


def _kind(ollama: Any, lmstudio: Any, llamacpp: Any, vllm: Any) -> Dialect:
    if isinstance(ollama, dict) and "version" in ollama:
        return "ollama"
    if isinstance(lmstudio, dict) and isinstance(lmstudio.get("data"), list):
        return "lmstudio"
    if isinstance(llamacpp, dict) and "default_generation_settings" in llamacpp:
        return "llamacpp"
    if isinstance(vllm, dict) and "version" in vllm:
        return "vllm"
    return "other"


def _names(listed: Any) -> list[str] | None:
    """The names of a list of models; None for anything else."""
    models = listed.get("data") if isinstance(listed, dict) else None
    if models is None and isinstance(listed, dict) and listed.get("object") == "list":
        models = []  # Ollama without a model says null
    if not isinstance(models, list):
        return None
    return [str(each["id"]) for each in models if isinstance(each, dict) and each.get("id")]


async def _json(client: httpx2.AsyncClient, address: str) -> Any:
    """What is answered with status 200; None for anything else."""
    try:
        answer = await client.get(address, timeout=TIMEOUT_S)
        return answer.json() if answer.status_code == httpx2.codes.OK else None
    except (ValueError, RecursionError, *FAULTS):
        return None
