"""What can go wrong between a client and its service, in words a person can act on.

    ClientError
      ServiceLostError      nobody answers at the service's address
      RefusedError          the service answered, and said no (its status, code and message)
      LocalServiceError     a service could not be started or found on this machine

The SDK's own exceptions are translated at one seam, `readable_errors`, and kept as the cause.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class ClientError(Exception):
    """Anything of this family; `str(error)` is a sentence for people."""


class ServiceLostError(ClientError):
    """The connection failed or broke; what was answered before still holds."""


class RefusedError(ClientError):
    """The service's own refusal; `status` is the HTTP status, `code` the protocol's code or None."""

    def __init__(self, message: str, status: int, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class LocalServiceError(ClientError):
    """Starting or finding the local service failed; the message names the remedy."""


@contextmanager
def readable_errors() -> Iterator[None]:
    """Turn the SDK's exceptions of the enclosed calls into ours."""
    import openai

    try:
        yield
    except openai.APITimeoutError as error:
        raise ServiceLostError("The service took too long to answer. Try again.") from error
    except openai.APIConnectionError as error:
        raise ServiceLostError("The service can't be reached. It may have stopped.") from error
    except openai.AuthenticationError as error:
        raise RefusedError("The service doesn't accept this key. Restart Deskside.", 401, error.code) from error
    except openai.APIStatusError as error:
        raise RefusedError(_message(error), error.status_code, error.code) from error
    except openai.APIError as error:
        raise ClientError(error.message) from error


def _message(error: "Exception") -> str:
    body = getattr(error, "body", None)
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return str(body["message"])
    return str(error)
