"""What went wrong with a provider, in words and with what to do about it. No message ever holds the key."""

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import openai

from desktop_app.models.base import ModelError
from desktop_app.models.remote.endpoint import Endpoint

_QUOTED_CHARS = 300
"""How much of a provider's own words is passed on."""


class AnswerError(Exception):
    """An answer that began with status 200 and is none."""


class NoAnswerError(AnswerError):
    """What came is not in the shape of an answer."""


class CutOffError(AnswerError):
    """The answer ends before its end."""


class TooLongAnswerError(AnswerError):
    """The answer does not end."""


class ReportedError(AnswerError):
    """The provider reported an error within its answer. `status` is the HTTP status it would have had, if known."""

    def __init__(self, said: str, status: int = 0) -> None:
        super().__init__(said)
        self.said = said
        self.status = status

    @classmethod
    def of(cls, report: Any) -> "ReportedError":
        """From the error's object, which may be wrapped in another, or its text."""
        inner = report.get("error") if isinstance(report, dict) else None
        report = inner or report
        return cls(_words(report) or "It does not say why.", _status(report))


FAULTS = (openai.OpenAIError, httpx2.HTTPError, ssl.SSLError, anyio.EndOfStream, AnswerError)
"""All that a provider can do wrong; the SDK passes on some of the errors of the libraries under it."""


def explain(error: Exception, endpoint: Endpoint, model: str = "", wire: str = "") -> ModelError:
    """The ModelError for one of the `FAULTS`; without a model, of the list of models. `wire` is what is spoken."""
    host = endpoint.host
    who = f"{host}, asked for '{model}'," if model else host
    status, said = _refused(error)
    if status:
        return _refusal(status, endpoint, who, model, _quoted(said, endpoint.key))
    match error:
        case openai.APITimeoutError() | httpx2.TimeoutException():
            return _broken(
                f"{who} said nothing for too long. It may be overloaded: ask again, or raise the setting "
                "provider_timeout_s."
            )
        case ReportedError():
            return _broken(f"{who} broke off its answer: {_quoted(said, endpoint.key)} Ask again.")
        case CutOffError():
            return _broken(f"{who} broke off in the middle of its answer. Ask again.")
        case TooLongAnswerError():
            return _broken(f"The model '{model}' at {host} did not stop writing, and was stopped. Ask in other words.")
        case NoAnswerError() | openai.APIResponseValidationError():
            expected = f"{wire} stream" if wire else "list of models"
            return _broken(f"{host} sent something that is no {expected}. Check the provider's address.")
        case _:
            return _broken(_no_connection(error, host))


def refuses_images(error: Exception) -> bool:
    """Whether the provider says no because of an image: its model can't see, or not this one."""
    status, said = _refused(error)
    return status not in (401, 403, 429) and _is_about_images(said)


_ABOUT_IMAGES = re.compile(r"\bimages?\b|image_url|multi-?modal|\bvision\b|content must be a string", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size)|maximum context|prompt is too long|too many tokens|count.{0,40}exceeds",
    re.IGNORECASE,
)


def _refused(error: Exception) -> tuple[int, str]:
    """The HTTP status and the provider's words; 0 and "" where it said none."""
    match error:
        case openai.APIStatusError():
            return error.status_code, _words(error.body) or str(error.message)
        case ReportedError():
            return error.status, error.said
        case _:
            return 0, ""


def _is_about_images(said: str) -> bool:
    return _ABOUT_IMAGES.search(said) is not None


def _refusal(status: int, endpoint: Endpoint, who: str, model: str, said: str) -> ModelError:
    host = endpoint.host
    if status == 401:
        return _broken(f"{host} did not accept the key. Check the provider's key ({endpoint.set_in}).")
    if status in (402, 429):
        return ModelError(
            f"{who} refuses for now, because too much was asked of it or its quota is used up: {said} "
            "Wait a little, or look at your plan there.",
            "rate_limit_exceeded",
        )
    if status == 403:
        return _broken(f"{who} does not allow this with the given key: {said}")
    if _TOO_LONG.search(said):
        return ModelError(
            f"This conversation is longer than '{model}' can read. Start a new thread, or let the run keep only the "
            f"last messages. {host} says: {said}",
            "invalid_prompt",
            too_long=True,
        )
    if _is_about_images(said):
        return ModelError(
            f"{host} refused an image for '{model}': {said} Choose a model that can see, or send the message without "
            "images.",
            "invalid_prompt",
        )
    if status in (404, 405):
        return _broken(
            f"{host} knows no model named '{model}', or its address is wrong: {said} Choose another model for the "
            "assistant, or check the provider's address."
        )
    if status < 400:
        return _broken(f"{host} has moved (HTTP {status}): {said} Set the provider's new address.")
    if status >= 500:
        return _broken(f"{who} has a problem of its own (HTTP {status}): {said} Ask again later.")
    if status in (400, 413, 422):
        return ModelError(
            f"{host} refused the request for '{model}' (HTTP {status}): {said}",
            "invalid_prompt",
            too_long=status == 413,
        )
    return _broken(f"{host} refused the request for '{model}' (HTTP {status}): {said} Ask again.")


def _broken(message: str) -> ModelError:
    return ModelError(message, "server_error")


def _no_connection(error: Exception, host: str) -> str:
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return f"The secure connection to {host} failed: {cause.reason or 'bad certificate'}. Check the address."
        if isinstance(cause, socket.gaierror):
            return f"{host} was not found. Check the provider's address and your network connection."
        if isinstance(cause, ConnectionRefusedError):
            return f"Nothing answers at {host}. Is the provider's program running, and is its address right?"
    words = " ".join(str(cause) for cause in causes).lower()
    if "certificate" in words or "ssl" in words:
        return f"The secure connection to {host} failed. Check the address and the provider's certificate."
    if any(sign in words for sign in ("name or service", "nodename", "getaddrinfo", "name resolution")):
        return f"{host} was not found. Check the provider's address and your network connection."
    if "connection attempts failed" in words or "refused" in words:
        return f"Nothing answers at {host}. Is the provider's program running, and is its address right?"
    return f"The connection to {host} broke. Ask again; if it stays so, look at the provider's side."


def _causes(error: BaseException) -> list[BaseException]:
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
        if name in ("context_length_exceeded", "invalid_request_error"):
            return 400
    return 0


def _words(report: Any) -> str:
    """What an error's object or text says; "" when that is a web page or nothing."""
    if isinstance(report, str):
        return "" if report.lstrip().startswith("<") else report
    return next(_texts(report, "message", "detail", "msg"), "")


def _texts(report: Any, *names: str) -> Iterator[str]:
    if isinstance(report, dict):
        yield from (str(report[name]) for name in names if report.get(name))


def _quoted(said: str, key: str) -> str:
    """The provider's own words, shortened, without the key should it quote it."""
    words = " ".join(said.split())
    if key:
        words = words.replace(key, "[key]")
    words = words if len(words) <= _QUOTED_CHARS else words[:_QUOTED_CHARS] + "..."
    return words if words.endswith((".", "!", "?", "...")) else words + "."
