"""What went wrong with a provider, in words and with what to do about it. No message ever holds the key."""

import socket
import ssl
from urllib.parse import urlsplit

import openai

from desktop_app.models.base import ModelError

_QUOTED_CHARS = 300
"""How much of a provider's own words is passed on."""


def explain(error: Exception, base_url: str, model: str, key: str) -> ModelError:
    """The ModelError for anything that the SDK raises while a provider answers."""
    host = urlsplit(base_url).netloc or base_url
    match error:
        case openai.APITimeoutError():
            return ModelError(
                f"{host} said nothing for too long. It may be overloaded: ask again, or raise the setting "
                "provider_timeout_s.",
                "server_error",
            )
        case openai.APIConnectionError():
            return ModelError(_no_connection(error, host), "server_error")
        case openai.APIStatusError():
            return _refusal(error, host, model, _said(error, key))
        case openai.APIError():
            return ModelError(f"{host} broke off its answer: {_said(error, key)} Ask again.", "server_error")
        case openai.OpenAIError():
            return ModelError(f"{host} broke off in the middle of its answer. Ask again.", "server_error")
        case _:
            return ModelError(
                f"{host} sent something that is no Chat Completions stream. Check the provider's address.",
                "server_error",
            )


def _refusal(error: openai.APIStatusError, host: str, model: str, said: str) -> ModelError:
    status = error.status_code
    if status == 401:
        return ModelError(
            f"{host} did not accept the key. Check the provider's key (DESKSIDE_PROVIDER_KEY).", "server_error"
        )
    if status == 403:
        return ModelError(f"{host} does not allow this with the given key: {said}", "server_error")
    if status == 404:
        return ModelError(
            f"{host} knows no model named '{model}', or its address is wrong: {said} Choose another model for the "
            "assistant, or check the provider's address.",
            "server_error",
        )
    if status == 429:
        return ModelError(
            f"{host} refuses for now, because too much was asked of it or its quota is used up: {said} "
            "Wait a little, or look at your plan there.",
            "rate_limit_exceeded",
        )
    if status >= 500:
        return ModelError(f"{host} has a problem of its own (HTTP {status}): {said} Ask again later.", "server_error")
    if "context" in said and ("length" in said or "window" in said):
        return ModelError(
            f"This conversation is longer than '{model}' can read. Start a new thread, or let the run keep only the "
            f"last messages. {host} says: {said}",
            "invalid_prompt",
        )
    return ModelError(f"{host} refused the request (HTTP {status}): {said}", "invalid_prompt")


def _no_connection(error: openai.APIConnectionError, host: str) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return f"The secure connection to {host} failed: {cause.reason or 'bad certificate'}. Check the address."
        if isinstance(cause, socket.gaierror):
            return f"{host} was not found. Check the provider's address and your network connection."
        if isinstance(cause, ConnectionRefusedError):
            return f"Nothing answers at {host}. Is the provider's program running, and is its address right?"
    words = " ".join(str(cause) for cause in _causes(error)).lower()
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


def _said(error: openai.APIError, key: str) -> str:
    """The provider's own words, shortened, without the key should it quote it."""
    body = error.body
    words = ""
    if isinstance(body, dict):
        inner = body.get("error", body)
        words = str(inner.get("message") or "") if isinstance(inner, dict) else str(inner)
    words = " ".join((words or error.message).split())
    if key:
        words = words.replace(key, "[key]")
    words = words if len(words) <= _QUOTED_CHARS else words[:_QUOTED_CHARS] + "..."
    return words if words.endswith((".", "!", "?", "...")) else words + "."
