"""The OpenAPI page: FastAPI's, with what FastAPI can't know: the bodies and queries that routes check by `Body` and
`Query`, what they answer, and the error body. The schemas come from the very types that requests are checked with.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from desktop_app.service.answers import BYTES, STREAMS, Error, StreamEvent, answer_type
from desktop_app.service.requests import PREFIXES, Body, Query
from desktop_app.service.routes import PREFIX, ROUTERS
from desktop_app.service.upload import Form

_SCHEMAS = "#/components/schemas/"
_JSON = "application/json"
_STREAM = {"text/event-stream": {"schema": {"$ref": f"{_SCHEMAS}StreamEvent"}}}

_Json = dict[str, Any]
_Place = tuple[str, str, str]
"""Path, method, and what is described there: body, query, form or answer."""
_SHARED: dict[_Place, TypeAdapter[Any]] = {("", "", each.__name__): TypeAdapter(each) for each in (Error, StreamEvent)}


def describe(app: FastAPI) -> _Json:
    """The page of the application."""
    page = get_openapi(title=app.title, version=app.version, routes=app.routes)
    types = {**dict(_types()), **_SHARED}
    schemas, rest = TypeAdapter.json_schemas(
        [(place, "validation", adapter) for place, adapter in types.items()], ref_template=_SCHEMAS + "{model}"
    )
    components = {**page["components"]["schemas"], **rest["$defs"]}
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own, which no route answers with
        components.pop(name, None)
    page["components"] = {"schemas": components, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    page["security"] = [{"key": []}]
    for path, operations in page["paths"].items():
        for method, operation in operations.items():
            _describe_all(operation, path)
            for use, describe_it in _DESCRIBE.items():
                if (path, method, use) in types:
                    describe_it(operation, schemas[(path, method, use), "validation"], components)
    return page


def _types() -> Iterator[tuple[_Place, TypeAdapter[Any]]]:
    for route in (each for router in ROUTERS for each in router.routes if isinstance(each, APIRoute)):
        path = PREFIX + route.path_format
        for method in route.methods or ():
            answer = answer_type(method, path)
            if answer is not None:
                yield (path, method.lower(), "answer"), TypeAdapter(answer)
            for call in (each.call for each in route.dependant.dependencies):
                if isinstance(call, Body | Query):
                    yield (path, method.lower(), "body" if isinstance(call, Body) else "query"), call.checks.adapter
                elif isinstance(call, Form):
                    yield (path, method.lower(), f"form with {call.file}"), call.checks.adapter


def _describe_all(operation: _Json, path: str) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in PREFIXES:
            parameter["schema"]["pattern"] = f"^{PREFIXES[parameter['name']]}"
    answers = operation["responses"]
    answers.pop("422", None)
    if path in BYTES:
        answers["200"]["content"] = {"application/octet-stream": {"schema": {"type": "string"}}}
    if path in STREAMS:
        answers["200"]["content"] = _STREAM
    for statuses, description in (("4XX", "Refused"), ("5XX", "Failed")):
        answers[statuses] = {"description": description, "content": {_JSON: {"schema": {"$ref": f"{_SCHEMAS}Error"}}}}


def _describe_answer(operation: _Json, schema: _Json, _: _Json) -> None:
    operation["responses"]["200"]["content"] = {_JSON: {"schema": schema}}


def _describe_body(operation: _Json, schema: _Json, components: _Json) -> None:
    definition = _resolved(schema, components)
    required = bool(definition.get("required"))  # else no body at all counts as an empty object
    operation["requestBody"] = {"content": {_JSON: {"schema": schema}}, "required": required}
    if "stream" in definition["properties"]:
        operation["responses"]["200"]["content"] |= _STREAM


def _describe_query(operation: _Json, schema: _Json, components: _Json) -> None:
    for name, each in _fields(schema, components).items():
        spelled = f"{name}[]" if name == "include" else name
        operation.setdefault("parameters", []).append({"name": spelled, "in": "query", "schema": each})


def _describe_form(file: str, operation: _Json, schema: _Json, components: _Json) -> None:
    """A form's fields are flat: `expires_after[seconds]`."""
    fields: _Json = {file: {"type": "string", "contentMediaType": "application/octet-stream"}}
    for name, each in _fields(schema, components).items():
        if "$ref" in each:
            fields |= {f"{name}[{inner}]": given for inner, given in _fields(each, components).items()}
        else:
            fields[name] = each
    required = [file, *_resolved(schema, components).get("required", ())]
    form = {"type": "object", "properties": fields, "required": required}
    operation["requestBody"] = {"content": {"multipart/form-data": {"schema": form}}, "required": True}


def _fields(schema: _Json, components: _Json) -> _Json:
    """The fields of a type without null, which queries and forms can't say."""
    return {
        name: next(given for given in each.get("anyOf", [each]) if given != {"type": "null"})
        for name, each in _resolved(schema, components)["properties"].items()
    }


def _resolved(schema: _Json, components: _Json) -> _Json:
    definition: _Json = components[schema["$ref"].removeprefix(_SCHEMAS)]
    return definition


_DESCRIBE: dict[str, Callable[[_Json, _Json, _Json], None]] = {
    "answer": _describe_answer,
    "body": _describe_body,
    "query": _describe_query,
    "form with file": partial(_describe_form, "file"),
    "form with data": partial(_describe_form, "data"),
}
