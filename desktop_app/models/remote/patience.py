"""How long a provider is waited for, and when it is asked again."""

import email.utils
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
import openai

from desktop_app.models.remote.faults import CutOffError, connection_fault, has_no_quota, refusal
from desktop_app.settings.options import Settings

MAX_PAUSE_S = 60.0
"""A provider that asks for a longer pause is not waited for: the person is told."""
_FIRST_PAUSE_S = 0.5
_MAX_BACKOFF_S = 8.0


@dataclass(frozen=True)
class Patience:
    """`first_word_s` until an answer begins, `silence_s` between its pieces; `retries` before it begins."""

    first_word_s: float = 180.0
    silence_s: float = 60.0
    retries: int = 3

    @classmethod
    def of(cls, settings: Settings) -> "Patience":
        return cls(settings.provider_first_word_timeout_s, settings.provider_timeout_s, settings.provider_retries)

    def pause(self, error: Exception, attempt: int) -> float | None:
        """Seconds until the request is worth another try; None when it is not. `attempt` counts from 0."""
        if attempt >= self.retries or not _passes(error):
            return None
        asked = _asked(error.response.headers) if isinstance(error, openai.APIStatusError) else None
        if asked is not None:
            return asked if asked <= MAX_PAUSE_S else None
        backoff = min(_FIRST_PAUSE_S * 2.0**attempt, _MAX_BACKOFF_S)
        return float(backoff * random.uniform(0.75, 1.25))


def _passes(error: Exception) -> bool:
    """Whether this may be better in a moment."""
    status, _ = refusal(error)
    if status:
        return (status in (408, 409, 429) or status >= 500) and not has_no_quota(error)
    return isinstance(error, CutOffError) or connection_fault(error) in ("refused", "late", "broken")


def _asked(headers: httpx2.Headers | Mapping[str, str]) -> float | None:
    """The pause in seconds that an answer's headers ask for."""
    given = headers.get("retry-after", "")
    for text, unit in ((headers.get("retry-after-ms", ""), 1000), (given, 1)):
        if text.isascii() and text.replace(".", "", 1).isdecimal():
            return float(text) / unit
    try:
        return max(0.0, email.utils.parsedate_to_datetime(given).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
