"""One provider: its connections, its models, and what each of them was found not to understand."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from desktop_app.models.base import ModelError
from desktop_app.models.chat.errors import FAULTS, NoAnswerError, explain

CONNECT_TIMEOUT_S = 10.0
RETRIES = 1

_OPTIONAL = (
    "stream_options",
    "parallel_tool_calls",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "reasoning_effort",
)
"""What a provider may refuse and an answer can do without; `max_completion_tokens` then goes by its older name."""


class ChatProvider:
    """Holds the key; no redirect may lead a question to another host.

    Raises ModelError for an address or a key that can be none.
    """

    def __init__(self, base_url: str, key: str, timeout_s: float) -> None:
        _check(base_url, key)
        self.base_url = base_url
        self._key = key
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key or "none",
            organization="",
            project="",
            max_retries=RETRIES,
            timeout=openai.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )
        self._refused: defaultdict[str, set[str]] = defaultdict(set)  # parameters, by model
        self.without_tools: set[str] = set()
        """Models that refused tools; for these the engine searches first."""

    async def list_models(self) -> list[dict[str, Any]]:
        """The provider's model objects; raises ModelError."""
        try:
            page = await self._client.models.list()
            return [_model_object(model.to_dict(warnings=False)) for model in page.data or () if model.id]
        except FAULTS as error:
            raise self.explain(error, "") from error
        except (ValueError, TypeError, AttributeError) as error:  # of a body in another shape
            raise self.explain(NoAnswerError(), "") from error

    @asynccontextmanager
    async def open(self, body: dict[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of an answer, asked for without the parameters that the model does not know."""
        response = await self._request(body)
        pieces = response.aiter_bytes()
        try:
            yield pieces
        finally:
            await response.aclose()
            with suppress(httpx2.HTTPError, httpx2.StreamError):
                # Its nested generators end here and now; left to the garbage collector, they end in any thread.
                async for _ in pieces:
                    pass

    def explain(self, error: Exception, model: str) -> ModelError:
        return explain(error, self.base_url, model, self._key)

    async def close(self) -> None:
        await self._client.close()

    async def _request(self, body: dict[str, Any]) -> httpx2.Response:
        refused = self._refused[body["model"]]
        create = self._client.chat.completions.with_raw_response.create
        while True:
            try:
                raw: httpx2.Response = (await create(**_without(body, refused))).http_response
                return raw
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                parameter = _refused_parameter(body, f"{error.message} {error.body}", refused)
                if parameter is None:
                    raise
                refused.add(parameter)


def _model_object(given: dict[str, Any]) -> dict[str, Any]:
    created, owner = given.get("created"), given.get("owned_by")
    return {
        "id": str(given["id"]),
        "object": "model",
        "created": created if isinstance(created, int) else 0,
        "owned_by": owner if isinstance(owner, str) else "",
    }


def _check(base_url: str, key: str) -> None:
    if not _is_web_address(base_url):
        raise ModelError(
            "The provider's address is no web address. Write it like http://localhost:11434/v1 "
            "(DESKSIDE_PROVIDER_URL, or provider_url in settings.json).",
            "server_error",
        )
    if not (key.isascii() and key.isprintable()):
        raise ModelError(
            "The provider's key holds characters that no key has, such as line ends. Enter it again "
            "(DESKSIDE_PROVIDER_KEY).",
            "server_error",
        )


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that don't close, or a port beyond 65535
        return False


def _refused_parameter(body: dict[str, Any], message: str, known: set[str]) -> str | None:
    return next((name for name in _OPTIONAL if name in body and name not in known and name in message), None)


def _without(body: dict[str, Any], refused: set[str]) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name not in refused}
    if "max_completion_tokens" in refused and "max_completion_tokens" in body:
        kept["max_tokens"] = body["max_completion_tokens"]
    return kept
