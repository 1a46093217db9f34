"""A file that comes as a multipart form: its bytes, its name made safe, and what is to be done with it."""

import re
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from desktop_app.documents.files import NewFile
from desktop_app.service.faults import fault_of
from desktop_app.service.requests import Checks
from desktop_app.wire.errors import ApiError

MAX_NAME_BYTES = 255


FORM_FIELDS = Checks("UploadParams")


async def read_upload(request: Request) -> AsyncGenerator[NewFile]:
    """The form of the request, for as long as the route works with it. Raises ApiError."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ApiError("Send the file as multipart/form-data, with the parts 'file' and 'purpose'.", param="file")
    async with request.form(max_files=1, max_fields=8) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ApiError("Missing required parameter: 'file'.", param="file", code="missing_required_parameter")
        fields = _checked(form)
        lifetime = fields.get("expires_after", {}).get("seconds")
        yield NewFile(file.file, safe_name(file.filename or ""), fields["purpose"], lifetime)


def safe_name(name: str) -> str:
    """The last part of a path, in any script, without control characters; "file" when nothing is left."""
    name = re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", name)[-1]).strip()
    if name.strip(".") == "":
        return "file"
    while len(name.encode()) > MAX_NAME_BYTES:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{suffix}" if len(stem) > 1 else name[:-1]
    return name


def _checked(form: FormData) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, value in form.multi_items():
        nested = re.fullmatch(r"(\w+)\[(\w+)\]", key)
        if nested:
            given.setdefault(nested[1], {})[nested[2]] = value
        elif key != "file":
            given[key] = value
    try:
        return FORM_FIELDS.adapter.validate_python(given)
    except ValidationError as error:
        raise fault_of(error, given) from error
