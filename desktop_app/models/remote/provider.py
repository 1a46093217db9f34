"""One provider: its connections, its models, and what each of them was found not to understand."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from urllib.parse import urljoin

import httpx2
import openai

from desktop_app.models.base import ModelError, ModelRequest
from desktop_app.models.remote.bounds import ACCEPT, bound
from desktop_app.models.remote.endpoint import BEARER, Endpoint
from desktop_app.models.remote.errors import explain
from desktop_app.models.remote.faults import FAULTS, AnswerError, NoAnswerError, SilenceError
from desktop_app.models.remote.patience import Patience
from desktop_app.models.remote.wire import Wire

CONNECT_TIMEOUT_S = 10.0
_NEEDED_HEADERS = {"host", "connection", "accept", "content-type", "content-length", "transfer-encoding", "user-agent"}


class RemoteProvider:
    """Shared by all models of a provider; no redirect may lead a question to another host."""

    def __init__(self, endpoint: Endpoint, patience: Patience) -> None:
        """Raises ModelError for a `ca_file` that can't be read."""
        self.endpoint = endpoint
        self.patience = patience
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.key or "none",
            organization="",
            project="",
            default_query=endpoint.query,
            max_retries=0,
            timeout=openai.Timeout(None, connect=CONNECT_TIMEOUT_S),
            http_client=openai.DefaultAsyncHttpxClient(
                follow_redirects=False,
                verify=trusted(endpoint),
                trust_env=not endpoint.runs_here,  # what stays on this machine goes through no proxy
                event_hooks={"request": [self._keep_to_own_headers], "response": [bound]},
            ),
        )
        self._refused: defaultdict[str, set[str]] = defaultdict(set)  # parameters, by model
        self.without_tools: set[str] = set()
        """Models that refused tools; for these the engine searches first."""

    async def list_models(self) -> list[dict[str, Any]]:
        """The provider's model objects with all fields that it gives, each with an `id`; raises ModelError."""
        try:
            async with asyncio.timeout(self.patience.silence_s):
                page = await self._client.models.list()
            return [model.to_dict(warnings=False) | {"id": str(model.id)} for model in page.data or () if model.id]
        except TimeoutError as error:
            raise explain(SilenceError("provider_timeout_s"), self.endpoint) from error
        except FAULTS as error:
            raise explain(_within(error), self.endpoint) from error
        except (ValueError, TypeError, AttributeError) as error:  # of a body in another shape
            raise explain(NoAnswerError(), self.endpoint) from error

    async def look(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """JSON of a path of the provider's host, beside what OpenAI's has; None where there is none."""
        address = urljoin(self.endpoint.base_url, path)
        try:
            async with asyncio.timeout(self.patience.silence_s):
                if body is None:
                    return await self._client.get(address, cast_to=object)
                return await self._client.post(address, body=body, cast_to=object)
        except (TimeoutError, ValueError, *FAULTS):
            return None

    @asynccontextmanager
    async def open(self, wire: Wire, request: ModelRequest) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of an answer, asked for without the parameters that the model does not know.

        Raises one of `FAULTS`, as reading them does.
        """
        response = await self._request(wire, request)
        pieces = response.aiter_bytes()
        try:
            yield pieces
        finally:
            await response.aclose()
            with suppress(httpx2.HTTPError, httpx2.StreamError):
                # Its nested generators end here and now; left to the garbage collector, they end in any thread.
                async for _ in pieces:
                    pass

    def explain(self, error: Exception, model: str, wire: Wire) -> ModelError:
        return explain(error, self.endpoint, model, wire)

    async def close(self) -> None:
        await self._client.close()

    async def _keep_to_own_headers(self, request: httpx2.Request) -> None:
        """The SDK tells of this machine, and adds OPENAI_CUSTOM_HEADERS, which may hold a key for another host."""
        own = httpx2.Headers({**ACCEPT, **self.endpoint.own_headers})
        if request.url.userinfo:
            own[BEARER] = request.headers[BEARER]  # made of the address's name and password
        needed = {name: value for name, value in request.headers.items() if name in _NEEDED_HEADERS}
        request.headers = httpx2.Headers(needed | dict(own))

    async def _request(self, wire: Wire, request: ModelRequest) -> httpx2.Response:
        refused = self._refused[request.model]
        while True:
            body = wire.body(request, refused)
            try:
                answer = await self._client.post(
                    wire.path,
                    body=body,
                    cast_to=httpx2.Response,
                    stream=True,
                    stream_cls=openai.AsyncStream[Any],
                )
                return cast("httpx2.Response", answer)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                said = f"{error.message} {error.body}"
                parameter = next(
                    (name for name in wire.optional if name in said and wire.body(request, refused | {name}) != body),
                    None,
                )
                if parameter is None:
                    raise
                refused.add(parameter)
            except openai.APIConnectionError as error:
                raise _within(error) from error.__cause__


def _within(error: Exception) -> Exception:
    """The fault that the SDK took for a broken connection."""
    return error.__cause__ if isinstance(error.__cause__, AnswerError) else error


def trusted(endpoint: Endpoint) -> ssl.SSLContext:
    """What certificates are checked with: the system's authorities, and those of `ca_file`; raises ModelError."""
    context = httpx2.create_ssl_context()
    if endpoint.ca_file is None:
        return context
    try:
        context.load_verify_locations(endpoint.ca_file)
        return context
    except OSError as error:
        why = "it holds none" if isinstance(error, ssl.SSLError) else error.strerror or error
        raise ModelError(
            f"The certificates in {endpoint.ca_file} can't be read: {why}. Set ca_file to a PEM file.",
            "server_error",
        ) from error
