"""What a provider can do wrong, and how one fault is told from another."""

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Literal

import anyio
import httpx2
import openai


class AnswerError(Exception):
    """An answer that began with status 200 and is none."""


class NoAnswerError(AnswerError):
    """What came is not in the shape of an answer."""


class CutOffError(AnswerError):
    """The answer ends before its end."""


class TooLongAnswerError(AnswerError):
    """The answer does not end."""


class SilenceError(AnswerError):
    """Nothing came for too long. `setting` says how long that is."""

    def __init__(self, setting: str) -> None:
        super().__init__(setting)
        self.setting = setting


class ReportedError(AnswerError):
    """The provider reported an error within its answer. `status` is the HTTP status it would have had, if known."""

    def __init__(self, said: str, status: int = 0, *, no_quota: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.status = status
        self.no_quota = no_quota

    @classmethod
    def of(cls, report: Any) -> "ReportedError":
        """From the error's object, which may be wrapped in another, or its text."""
        inner = report.get("error") if isinstance(report, dict) else None
        report = inner or report
        return cls(_words(report) or "It does not say why.", _status(report), no_quota=_says_no_quota(report))


FAULTS = (openai.OpenAIError, httpx2.HTTPError, ssl.SSLError, anyio.EndOfStream, AnswerError)
"""All that a provider can do wrong; the SDK passes on some of the errors of the libraries under it."""


def refuses_images(error: Exception) -> bool:
    """Whether the provider says no because of an image: its model can't see, or not this one."""
    status, said = refusal(error)
    return status not in (401, 403, 429) and is_about_images(said)


def refusal(error: Exception) -> tuple[int, str]:
    """The HTTP status and the provider's words; 0 and "" where it said none."""
    match error:
        case openai.APIStatusError():
            return error.status_code, _words(error.body) or str(error.message)
        case ReportedError():
            return error.status, error.said
        case _:
            return 0, ""


def has_no_quota(error: Exception) -> bool:
    """Whether the provider says that what was paid for is used up, which waiting does not mend."""
    match error:
        case openai.APIStatusError():
            return _says_no_quota(error.body)
        case ReportedError():
            return error.no_quota
        case _:
            return False


def is_too_long(said: str) -> bool:
    """Whether these words of a provider say that the request is more than the model reads."""
    return _TOO_LONG.search(said) is not None


def is_about_images(said: str) -> bool:
    return _ABOUT_IMAGES.search(said) is not None


def connection_fault(error: Exception) -> Literal["certificate", "not found", "refused", "late", "broken"] | None:
    """What became of the connection; None where the fault is another."""
    if not isinstance(error, openai.APIConnectionError | httpx2.TransportError | ssl.SSLError | anyio.EndOfStream):
        return None
    causes = causes_of(error)
    words = " ".join(str(cause) for cause in causes).lower()
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or "certificate" in words or "ssl" in words:
        return "certificate"
    unknown = ("name or service", "nodename", "getaddrinfo", "name resolution")
    if any(isinstance(cause, socket.gaierror) for cause in causes) or any(sign in words for sign in unknown):
        return "not found"
    if "connection attempts failed" in words or "refused" in words:
        return "refused"
    return "late" if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException) else "broken"


_ABOUT_IMAGES = re.compile(r"\bimages?\b|image_url|multi-?modal|\bvision\b|content must be a string", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size)|maximum context|prompt is too long|too many tokens|count.{0,40}exceeds",
    re.IGNORECASE,
)


def causes_of(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return causes


def _status(report: Any) -> int:
    """The HTTP status that an error's object means; 0 when it does not say."""
    for name in _texts(report, "status", "code", "type"):
        if name.isascii() and name.isdecimal() and 400 <= int(name[:4]) < 600:
            return int(name)
        if name in ("insufficient_quota", "rate_limit_exceeded", "requests", "tokens"):
            return 429
        if name in ("context_length_exceeded", "invalid_request_error", "invalid_prompt"):
            return 400
        if name in ("server_error", "overloaded_error"):
            return 500
    return 0


def _says_no_quota(report: Any) -> bool:
    return "insufficient_quota" in _texts(report, "code", "type")


def _words(report: Any) -> str:
    """What an error's object or text says; "" when that is a web page or nothing."""
    if isinstance(report, str):
        return "" if report.lstrip().startswith("<") else report
    return next(_texts(report, "message", "detail", "msg"), "")


def _texts(report: Any, *names: str) -> Iterator[str]:
    if isinstance(report, dict):
        yield from (str(report[name]) for name in names if report.get(name))
