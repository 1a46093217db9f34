"""What a route asks of its request: a checked JSON body, checked query parameters, well-formed ids."""

import asyncio
import json
from collections.abc import Coroutine, Iterable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Request, Response
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from desktop_app.service.faults import fault_of
from desktop_app.service.rooms import Rooms
from desktop_app.service.strict import nullable_fields, strict_type
from desktop_app.store.paging import PageQuery
from desktop_app.wire import ids
from desktop_app.wire.errors import ApiError, invalid_value

Result = TypeVar("Result")

MAX_DEPTH = 64
POLL_AFTER_MS = 250

PREFIXES = {
    "assistant_id": ids.ASSISTANT,
    "thread_id": ids.THREAD,
    "message_id": ids.MESSAGE,
    "run_id": ids.RUN,
    "step_id": ids.STEP,
    "file_id": ids.FILE,
    "vector_store_id": ids.VECTOR_STORE,
    "batch_id": ids.FILE_BATCH,
    "upload_id": ids.UPLOAD,
}


class PageParams(TypedDict, total=False):
    """What most lists take, as the SDK describes it for each: here, the first lists need not wait for its import."""

    after: str
    before: str
    limit: int
    order: Literal["asc", "desc"]


class Checks:
    """The strict checks of a parameter type, made when the first request needs them: with the SDK's types imported
    first, the service would take twice as long to start."""

    def __init__(self, params: Any, without: Iterable[str] = ()) -> None:
        """`params` is a type, or the name of one in `service/params.py`."""
        self._params = params
        self._without = frozenset(without)

    @cached_property
    def type(self) -> Any:
        if isinstance(self._params, str):
            return getattr(import_module("desktop_app.service.params"), self._params)
        return self._params

    @cached_property
    def adapter(self) -> TypeAdapter[dict[str, Any]]:
        return TypeAdapter(strict_type(self.type, self._without))

    @cached_property
    def nullable(self) -> frozenset[str]:
        """The fields that a modification may clear with null."""
        return nullable_fields(self.type) - self._without


class Body:
    """A dependency that answers the JSON body as a dict, checked against an SDK parameter type.

    Null means not given; with `modifies`, null is kept for the fields that it clears.
    """

    def __init__(self, params: Any, *, without: Iterable[str] = (), modifies: bool = False) -> None:
        self.checks = Checks(params, without)
        self._modifies = modifies

    async def __call__(self, request: Request) -> dict[str, Any]:
        given = _parse(await request.body())
        try:
            checked = self.checks.adapter.validate_python(given, strict=True)
        except ValidationError as error:
            raise fault_of(error, given) from error
        cleared = self.checks.nullable if self._modifies else ()
        return checked | {name: None for name in cleared if name in given and given[name] is None}


class Query:
    """A dependency that answers the query parameters as a dict, checked against an SDK parameter type."""

    def __init__(self, params: Any, *, without: Iterable[str] = ()) -> None:
        self.checks = Checks(params, without)

    async def __call__(self, request: Request) -> dict[str, Any]:
        given: dict[str, Any] = dict(request.query_params)
        includes = [value for name in ("include[]", "include") for value in request.query_params.getlist(name)]
        if includes:
            given["include"] = includes
        try:
            return self.checks.adapter.validate_python(given, extra="ignore")
        except ValidationError as error:
            raise fault_of(error, given) from error


def page_query(query: Mapping[str, Any]) -> PageQuery:
    """The paging part of checked query parameters."""
    return PageQuery(**{name: query[name] for name in ("limit", "order", "after", "before") if name in query})


async def pollable(response: Response) -> None:
    """Tells SDKs how soon to ask again for something that changes."""
    response.headers["openai-poll-after-ms"] = str(POLL_AFTER_MS)


async def while_connected(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """Await `work`, which is cancelled when the client leaves before it is done."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
            await asyncio.wait([working])
            raise ApiError("The client left before it was answered.", status=499)
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def check_ids(request: Request) -> None:
    """An id in the path must look like one of its kind; raises ApiError 400."""
    for name, value in request.path_params.items():
        prefix = PREFIXES.get(name)
        if prefix is not None and not value.startswith(prefix):
            raise invalid_value(f"Invalid '{name}': '{value[:64]}'. Expected an ID that begins with '{prefix}'.", name)


def _parse(body: bytes) -> dict[str, Any]:
    """An empty body counts as an empty object: SDKs send none where nothing need be said."""
    if not body.strip():
        return {}
    try:
        given = json.loads(body, parse_constant=_refuse_constant)
        json.dumps(given, ensure_ascii=False).encode()  # half a surrogate pair can't be stored
    except (ValueError, RecursionError) as error:
        raise ApiError("We could not parse the JSON body of your request.") from error
    if not isinstance(given, dict):
        raise ApiError("The JSON body of your request must be an object.", code="invalid_type")
    if _depth(given) > MAX_DEPTH:
        raise ApiError(f"The JSON body of your request is nested deeper than {MAX_DEPTH} levels.")
    return given


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _depth(given: Any) -> int:
    level, depth = [given], 0
    while level:
        depth += 1
        inner = [item for item in level if isinstance(item, (dict, list))]
        level = [each for item in inner for each in (item.values() if isinstance(item, dict) else item)]
    return depth


async def _rooms(request: Request) -> Rooms:
    rooms: Rooms = request.app.state.rooms
    return rooms


InRooms = Annotated[Rooms, Depends(_rooms)]
"""The type of a route's argument that is given the rooms."""

Json = dict[str, Any]


def deleted(object_id: str, kind: str) -> Json:
    """The protocol's answer to a deletion."""
    return {"id": object_id, "object": kind, "deleted": True}
