"""Trying a provider: its list of models, and one small question; what is wrong is told in words, with a remedy."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace

import httpx2

from desktop_app.models.base import ModelError, ModelRequest, Turn, Waiting
from desktop_app.models.providers.connections import remote_model
from desktop_app.models.providers.facts import describe, first_choice
from desktop_app.models.providers.trouble import Trouble, of_answer, of_connection, of_refusal
from desktop_app.models.remote.bounds import ACCEPT, bound
from desktop_app.models.remote.endpoint import Endpoint
from desktop_app.models.remote.faults import FAULTS, connection_fault, has_no_quota, refusal
from desktop_app.models.remote.patience import Patience
from desktop_app.models.remote.provider import RemoteProvider, trusted
from desktop_app.models.source import ListedModel
from desktop_app.wire.models import ConnectionTest, Provider

CONNECT_S, LIST_S, ANSWER_S = 5.0, 15.0, 60.0
MAX_MODELS = 1000
_QUESTION = Turn("user", "Answer with the word: yes")
_ANSWER_TOKENS = 64
_OTHER_PATHS = ("/v1", "/api/v1", "/openai/v1")
"""Where servers have their models when people give no path, or a wrong one."""


@dataclass(frozen=True)
class _TroubleError(Exception):
    trouble: Trouble


async def try_provider(provider: Provider, endpoint: Endpoint, model: str = "") -> ConnectionTest:
    """`model` is asked the question; "" is the one to begin with."""
    try:
        listed = await _list(provider, endpoint)
        names = [each.name for each in listed if each.answers][:MAX_MODELS]
        asked = model or first_choice(listed)
        if not asked:
            raise _TroubleError(Trouble.no_models(provider))
        if model or provider.kind != "azure":  # whose list is that of all models, not of those that are deployed
            await _ask(provider, endpoint, asked, names)
    except _TroubleError as error:
        return ConnectionTest(ok=False, message=error.trouble.message, remedy=error.trouble.remedy)
    except ModelError as error:
        return ConnectionTest(ok=False, message=error.message)
    count = f"{len(names)} model{'' if len(names) == 1 else 's'}"
    return ConnectionTest(ok=True, message=f"{provider.name} answers and lists {count}.", models=names)


async def _list(provider: Provider, endpoint: Endpoint) -> list[ListedModel]:
    """Raises _TroubleError."""
    status, trouble = await _look(provider, endpoint)
    if trouble is not None:
        if status in (httpx2.codes.OK, httpx2.codes.NOT_FOUND):
            trouble = trouble.at_another_address(await _right_address(provider, endpoint))
        raise _TroubleError(trouble)
    connection = RemoteProvider(endpoint, Patience(LIST_S, LIST_S, retries=0))
    try:
        async with asyncio.timeout(LIST_S):
            return await describe(provider.kind, connection)
    except TimeoutError as error:
        raise _TroubleError(Trouble.late(endpoint)) from error
    finally:
        await connection.close()


async def _right_address(provider: Provider, endpoint: Endpoint) -> str:
    """An address of the same host where there is a list of models; "" if none was found."""
    for path in _OTHER_PATHS:
        other = str(httpx2.URL(endpoint.base_url).copy_with(path=path))
        if other == endpoint.base_url.rstrip("/"):
            continue
        status, trouble = await _look(provider, replace(endpoint, base_url=other))
        if trouble is None or status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
            return other
    return ""


async def _look(provider: Provider, endpoint: Endpoint) -> tuple[int, Trouble | None]:
    """The status of the list of models, 0 where there was no answer, and what is wrong with it."""
    client = httpx2.AsyncClient(
        verify=trusted(endpoint),
        trust_env=not endpoint.runs_here,
        headers={**ACCEPT, **endpoint.own_headers},
        params=dict(endpoint.query),
        event_hooks={"response": [bound]},
        timeout=httpx2.Timeout(LIST_S, connect=CONNECT_S),
    )
    try:
        async with asyncio.timeout(LIST_S), client:
            answer = await client.get(endpoint.base_url.rstrip("/") + "/models")
            return answer.status_code, of_answer(answer, provider, endpoint)
    except TimeoutError:
        return 0, Trouble.late(endpoint)
    except FAULTS as error:
        return 0, of_connection(error, endpoint)


async def _ask(provider: Provider, endpoint: Endpoint, model: str, names: list[str]) -> None:
    """Raises _TroubleError, or ModelError for what has no words of its own."""
    connection = RemoteProvider(endpoint, Patience(ANSWER_S, LIST_S, retries=0))
    asked = ModelRequest(model, [_QUESTION], max_completion_tokens=_ANSWER_TOKENS)
    try:
        async with (
            asyncio.timeout(ANSWER_S),
            aclosing(remote_model(connection, provider.wire, model).stream(asked)) as parts,
        ):
            async for part in parts:
                if not isinstance(part, Waiting):
                    return
    except TimeoutError as error:
        raise _TroubleError(Trouble.slow(provider, model)) from error
    except ModelError as error:
        cause = error.__cause__
        status, said = refusal(cause) if isinstance(cause, Exception) else (0, "")
        no_quota = isinstance(cause, Exception) and has_no_quota(cause)
        trouble = of_refusal(status, said, provider, endpoint, model, names, no_quota)
        if trouble is None and isinstance(cause, Exception) and connection_fault(cause):
            trouble = of_connection(cause, endpoint)
        if trouble is None:
            raise
        raise _TroubleError(trouble) from error
    finally:
        await connection.close()
