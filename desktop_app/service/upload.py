"""A file that comes as a multipart form: its bytes, its name made safe, and the fields beside it."""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import unquote

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from desktop_app.service.faults import fault_of
from desktop_app.service.requests import Checks
from desktop_app.wire.errors import ApiError

MAX_NAME_BYTES = 255
MAX_FIELDS = 8

_EXTENDED_NAME = re.compile(rb";\s*filename\*\s*=\s*\"?([\w-]*)'[\w-]*'([^;\"\s]*)\"?", re.IGNORECASE)


@dataclass(frozen=True)
class FormFile:
    source: BinaryIO
    name: str
    fields: dict[str, Any]


class Form:
    """A dependency that answers the file `file` of the request's form, with the other fields checked against an SDK
    parameter type; for as long as the route works with it."""

    def __init__(self, file: str, params: str) -> None:
        self.file = file
        self.checks = Checks(params)

    async def __call__(self, request: Request) -> AsyncGenerator[FormFile]:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise ApiError(f"Send a form as multipart/form-data, with the part '{self.file}'.", param=self.file)
        try:
            form = await _Parser(request.headers, request.stream(), max_files=1, max_fields=MAX_FIELDS).parse()
        except MultiPartException as error:
            raise ApiError(f"The form can't be read: {error.message}") from error
        try:
            file = form.get(self.file)
            if not isinstance(file, UploadFile):
                raise ApiError(
                    f"Missing required parameter: '{self.file}'.", param=self.file, code="missing_required_parameter"
                )
            yield FormFile(file.file, safe_name(file.filename or ""), self._checked(form))
        finally:
            await form.close()

    def _checked(self, form: FormData) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for key, value in form.multi_items():
            nested = re.fullmatch(r"(\w+)\[(\w+)\]", key)
            if nested and isinstance(given.setdefault(nested[1], {}), dict):
                given[nested[1]][nested[2]] = value
            elif key != self.file:
                given[key] = value
        try:
            return self.checks.adapter.validate_python(given)
        except ValidationError as error:
            raise fault_of(error, given) from error


def safe_name(name: str) -> str:
    """The last part of a path, in any script, without control characters; "file" when nothing is left."""
    name = re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", name)[-1]).strip()
    if name.strip(".") == "":
        return "file"
    while len(name.encode()) > MAX_NAME_BYTES:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{suffix}" if len(stem) > 1 else name[:-1]
    return name


class _Parser(MultiPartParser):
    """Also takes a file whose name comes only as `filename*=utf-8''...`, as older clients write what is not ASCII."""

    def on_headers_finished(self) -> None:
        part = self._current_part
        if part.content_disposition is not None:
            part.content_disposition = _with_plain_name(part.content_disposition)
        super().on_headers_finished()


def _with_plain_name(disposition: bytes) -> bytes:
    """The extended name wins over a plain one, which is what is left of it in ASCII."""
    extended = _EXTENDED_NAME.search(disposition)
    if extended is None:
        return disposition
    charset, name = (group.decode("latin-1") for group in extended.groups())
    try:
        name = unquote(name, charset, "replace")
    except LookupError:
        name = unquote(name, "utf-8", "replace")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode()
    return _EXTENDED_NAME.sub(b"", disposition) + b'; filename="' + quoted + b'"'
