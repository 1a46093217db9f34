"""The one error that the service answers with, and the OpenAI body it becomes.

`ApiError` is raised by logic anywhere below the HTTP face and turned into
`{"error": {"message", "type", "param", "code"}}` in one place (`service/errors.py`).
"""

from typing import Any

_SHOWN_CHARS = 64

INVALID_REQUEST = "invalid_request_error"
SERVER_ERROR = "server_error"


class ApiError(Exception):
    """A refusal in the protocol's terms; the message is written for the person who reads it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = INVALID_REQUEST,
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.param = param
        self.code = code

    def body(self) -> dict[str, Any]:
        """The JSON body; all four keys are always present."""
        return error_body(self.message, self.type, self.param, self.code)


def error_body(message: str, type: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


def not_found(kind: str, object_id: str) -> ApiError:
    """`not_found("thread", "thread_x")`: the 404 for a well-formed id that names nothing."""
    return ApiError(f"No {kind} found with id '{object_id[:_SHOWN_CHARS]}'.", status=404)


def no_such_file(file_id: str) -> ApiError:
    """Files have a wording of their own on the hosted service."""
    return ApiError(f"No such File object: {file_id[:_SHOWN_CHARS]}", status=404, param="id")


def invalid_value(message: str, param: str) -> ApiError:
    return ApiError(message, param=param, code="invalid_value")
