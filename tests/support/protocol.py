"""Checks the service's answers: against the official schema where it is at hand, and with the SDK's types."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
from openai.types import FileObject, Model, Upload, VectorStore
from openai.types.beta import Assistant, AssistantStreamEvent, Thread
from openai.types.beta.threads import Message, Run
from openai.types.beta.threads.runs import RunStep
from openai.types.uploads import UploadPart
from openai.types.vector_stores import VectorStoreFile, VectorStoreFileBatch
from pydantic import BaseModel, TypeAdapter

from tests.support.operations import OPERATIONS, operation_of

SPEC = Path(__file__).parents[2].parent / "shared" / "protocol" / "assistants-openapi.json"

_SDK_TYPES: dict[str, type[BaseModel]] = {
    "assistant": Assistant,
    "thread": Thread,
    "thread.message": Message,
    "thread.run": Run,
    "thread.run.step": RunStep,
    "file": FileObject,
    "upload": Upload,
    "upload.part": UploadPart,
    "vector_store": VectorStore,
    "vector_store.file": VectorStoreFile,
    "vector_store.files_batch": VectorStoreFileBatch,
    "model": Model,
}
_WIDER = {"first_id", "last_id"}
"""Null on an empty list, which the official schema forgets (like the name of a vector store)."""


checked: list[tuple[str | None, int]] = []
"""The operation and the status of every answer that was checked, for tests that count them."""
_EVENT: TypeAdapter[Any] = TypeAdapter(AssistantStreamEvent)


def check_response(response: httpx2.Response) -> None:
    """A hook of an HTTP client: raises AssertionError for an answer that is not as the protocol says."""
    assert response.headers["x-request-id"]
    assert response.headers["openai-version"] == "2020-10-01"
    assert response.headers["openai-processing-ms"].isdecimal()
    operation = operation_of(response.request.method, response.request.url.path.removeprefix("/v1"))
    checked.append((operation, response.status_code))
    if response.headers["content-type"].startswith(("text/event-stream", "application/octet-stream")):
        return
    response.read()
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    if response.status_code != 200:
        check_error(body)
        return
    for each in body.get("data", []) if body.get("object") == "list" else [body]:
        check_object(each)
    schema = _response_schema(operation)
    if schema is not None:
        check_schema(body, schema)


def check_error(body: Any) -> None:
    assert set(body) == {"error"}
    error = body["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error["type"] in ("invalid_request_error", "server_error")
    assert error["param"] is None or isinstance(error["param"], str)
    assert error["code"] is None or isinstance(error["code"], str)


def check_object(body: dict[str, Any]) -> None:
    """The SDK's type of the object accepts it, apart from the name of a vector store, which may be null."""
    if "deleted" not in body and body.get("object") in _SDK_TYPES:
        named = body | {"name": body["name"] or ""} if body["object"] == "vector_store" else body
        _SDK_TYPES[body["object"]].model_validate(named)


def check_event(name: str, data: Any) -> None:
    """An event of a run's stream, with the SDK's types and against the official schema."""
    event = {"event": name, "data": data}
    _EVENT.validate_python(event)
    check_schema(event, {"$ref": "#/components/schemas/AssistantStreamEvent"})


def check_schema(body: Any, schema: dict[str, Any]) -> None:
    """Against a schema of the official specification; nothing is checked where that is not at hand."""
    if _components():
        jsonschema.Draft202012Validator({**schema, "components": {"schemas": _components()}}).validate(body)


@cache
def _spec() -> dict[str, Any]:
    if not SPEC.exists():
        return {"paths": {}, "components": {"schemas": {}}}
    spec: dict[str, Any] = _read_nullable(json.loads(SPEC.read_text("utf-8")))
    return spec


def _components() -> dict[str, Any]:
    components: dict[str, Any] = _spec()["components"]["schemas"]
    return components


def _response_schema(operation: str | None) -> dict[str, Any] | None:
    if operation is None or not _components():
        return None
    method, path = OPERATIONS[operation].split(" ")
    content = _spec()["paths"][path][method.lower()]["responses"]["200"]["content"]
    schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return schema if schema is not None and schema.get("type") != "string" else None


def _read_nullable(node: Any, name: str = "") -> Any:
    """The file says `nullable: true` in places, left over from an older version of OpenAPI."""
    if isinstance(node, list):
        return [_read_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    read = {key: _read_nullable(value, key) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True or (name in _WIDER and "type" in node):
        return {"anyOf": [read, {"type": "null"}]}
    if node.get("title") == "Vector store":
        read["properties"]["name"] = {"type": ["string", "null"]}
    if node.get("title") == "A run on a thread":
        read["properties"]["tools"]["maxItems"] = 128
        read["properties"]["instructions"] = {"type": ["string", "null"]}
    return read
