"""What went wrong with a provider, in words and with what to do about it. No message ever holds the key."""

import openai

from desktop_app.models.base import ModelError
from desktop_app.models.remote.endpoint import Endpoint
from desktop_app.models.remote.faults import (
    CutOffError,
    NoAnswerError,
    ReportedError,
    SilenceError,
    TooLongAnswerError,
    connection_fault,
    is_about_images,
    is_too_long,
    refusal,
)
from desktop_app.models.remote.wire import Wire

_QUOTED_CHARS = 300
"""How much of a provider's own words is passed on."""


def explain(error: Exception, endpoint: Endpoint, model: str = "", wire: Wire | None = None) -> ModelError:
    """The ModelError for one of the `FAULTS`; without a model and a wire, of the list of models."""
    host = endpoint.host
    who = f"{host}, asked for '{model}'," if model else host
    status, said = refusal(error)
    if wire is not None and wire.instead and (status in (404, 405, 501) or isinstance(error, NoAnswerError)):
        words = f": {quoted(said, endpoint.key)}" if said else "."
        return _broken(f"{who} did not answer over {wire.name}{words} {wire.instead}")
    if status:
        return _refusal(status, endpoint, who, model, quoted(said, endpoint.key))
    match error:
        case SilenceError():
            return _broken(
                f"{who} said nothing for too long. It may be overloaded: ask again, or raise the setting "
                f"{error.setting}."
            )
        case ReportedError():
            return _broken(f"{who} broke off its answer: {quoted(said, endpoint.key)} Ask again.")
        case CutOffError():
            return _broken(f"{who} broke off in the middle of its answer. Ask again.")
        case TooLongAnswerError():
            return _broken(f"The model '{model}' at {host} did not stop writing, and was stopped. Ask in other words.")
        case NoAnswerError() | openai.APIResponseValidationError():
            expected = f"{wire.name} stream" if wire else "list of models"
            return _broken(f"{host} sent something that is no {expected}. Check the provider's address.")
        case _:
            return _broken(_no_connection(error, host))


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
    if is_too_long(said):
        return ModelError(
            f"This conversation is longer than '{model}' can read. Start a new thread, or let the run keep only the "
            f"last messages. {host} says: {said}",
            "invalid_prompt",
            too_long=True,
        )
    if is_about_images(said):
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
    match connection_fault(error):
        case "certificate":
            return f"The secure connection to {host} failed. Check the address and the provider's certificate."
        case "not found":
            return f"{host} was not found. Check the provider's address and your network connection."
        case "refused":
            return f"Nothing answers at {host}. Is the provider's program running, and is its address right?"
        case "late":
            return f"{host} can't be reached. Check the provider's address and your network connection."
        case _:
            return f"The connection to {host} broke. Ask again; if it stays so, look at the provider's side."


def quoted(said: str, key: str) -> str:
    """The provider's own words, shortened, without the key should it quote it."""
    words = " ".join(said.split())
    if key:
        words = words.replace(key, "[key]")
    words = words if len(words) <= _QUOTED_CHARS else words[:_QUOTED_CHARS] + "..."
    return words if words.endswith((".", "!", "?", "...")) else words + "."
