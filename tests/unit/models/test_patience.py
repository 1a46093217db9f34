"""A provider that refuses for the moment is asked again, one that is silent is not waited for without end."""

import email.utils
import gzip
import time
from typing import Any

import httpx2
import openai
import pytest

from desktop_app.models.base import Finished, ModelError, ModelPart, TextDelta, Usage, Waiting
from desktop_app.models.remote import patience as patience_of
from desktop_app.models.remote.patience import Patience
from tests.support.remote import parts_of, question, remote_model, remote_provider
from tests.support.scripted_provider import ScriptedProvider, Turn

FINE: list[ModelPart] = [TextDelta("Fine."), Finished("stop", Usage(100, 20))]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience_of, "_FIRST_PAUSE_S", 0.01)


async def _answer(*turns: Turn, patience: Patience | None = None) -> tuple[list[ModelPart], int]:
    """The parts, and how often the provider was asked."""
    with ScriptedProvider(turns) as provider:
        async with remote_model(provider.base_url, patience=patience or Patience(retries=3)) as model:
            return list(await parts_of(model)), len(provider.requests)


@pytest.mark.parametrize(
    "fault",
    [
        Turn(status=429, error="slow down"),
        Turn(status=408, error="late"),
        Turn(status=409, error="busy"),
        Turn(status=500, error="oops"),
        Turn(status=503, error="oops", headers={"Retry-After": "0"}),
        Turn(status=529, error="overloaded"),
        Turn(drop=True),
        Turn("one two", drop_after=0),
        Turn(raw='data: {"error": {"message": "Overloaded", "code": 529}}\n\n'),
        Turn(raw='data: {"choices": [{"delta": {"role": "assistant"}}]}\n\n'),
    ],
)
async def test_what_may_pass_is_tried_again_until_an_answer_begins(fault: Turn) -> None:
    assert await _answer(fault, fault, Turn("Fine.")) == ([Waiting(), Waiting(), *FINE], 3)


@pytest.mark.parametrize(
    "fault",
    [
        Turn(status=400, error="bad"),
        Turn(status=401, error="key"),
        Turn(status=402, error="money"),
        Turn(status=404, error="model"),
        Turn(status=429, error="You exceeded your current quota", code="insufficient_quota"),
        Turn(status=429, error="later", headers={"Retry-After": "3600"}),
        Turn(raw='data: {"error": {"message": "No money", "code": "insufficient_quota"}}\n\n'),
        Turn(page="<html>Hello</html>"),
        Turn("one two three", drop_after=2),
    ],
)
async def test_what_does_not_pass_is_told_at_once(fault: Turn) -> None:
    with ScriptedProvider([fault, Turn("Fine.")]) as provider:
        async with remote_model(provider.base_url, patience=Patience(retries=3)) as model:
            with pytest.raises(ModelError):
                await parts_of(model)
        assert len(provider.requests) == 1


async def test_the_last_refusal_is_told_when_the_tries_are_used_up() -> None:
    turns = [Turn(status=503, error="first"), Turn(status=503, error="second")]
    with pytest.raises(ModelError, match="second"):
        await _answer(*turns, patience=Patience(retries=1))


def _refusal(**headers: str) -> openai.APIStatusError:
    response = httpx2.Response(429, headers=headers, request=httpx2.Request("POST", "http://localhost/"))
    return openai.APIStatusError("slow down", response=response, body=None)


def test_a_provider_is_waited_for_as_long_as_it_asks() -> None:
    patience = Patience(retries=3)
    assert patience.pause(_refusal(**{"Retry-After": "7"}), 0) == 7
    assert patience.pause(_refusal(**{"retry-after-ms": "250", "Retry-After": "7"}), 0) == 0.25
    at = email.utils.formatdate(time.time() + 20, usegmt=True)
    asked = patience.pause(_refusal(**{"Retry-After": at}), 0)
    assert asked is not None
    assert 0 < asked <= 20
    assert patience.pause(_refusal(**{"Retry-After": email.utils.formatdate(0, usegmt=True)}), 0) == 0


@pytest.mark.parametrize("given", ["soon", "", "-5", "1e9", "1.2.3", "Mon, 99 Foo 2020"])
def test_a_pause_that_is_none_is_one_of_our_own(given: str) -> None:
    pauses = [Patience(retries=9).pause(_refusal(**{"Retry-After": given}), attempt) for attempt in range(9)]
    assert all(pause is not None and 0 < pause < patience_of.MAX_PAUSE_S for pause in pauses)


@pytest.mark.parametrize(
    ("turn", "setting", "text"),
    [
        (Turn("late", hang=30), "provider_first_word_timeout_s", []),
        (Turn("one two", hang_after=0), "provider_first_word_timeout_s", []),
        (Turn(raw=": still here\n\n", cut=True, hang_behind=True), "provider_first_word_timeout_s", []),
        (Turn("one two", hang_after=1), "provider_timeout_s", [TextDelta("one ")]),
    ],
)
async def test_silence_is_told_with_the_setting_that_says_how_long_it_may_be(
    turn: Turn, setting: str, text: list[Any]
) -> None:
    parts: list[ModelPart] = []
    patience = Patience(first_word_s=0.3, silence_s=0.2, retries=3)
    with ScriptedProvider([turn]) as provider:
        async with remote_model(provider.base_url, patience=patience) as model:
            with pytest.raises(ModelError, match=setting):
                async for part in model.stream(question()):
                    parts.append(part)
        assert len(provider.requests) == 1
        assert provider.wait_until_left() or turn.hang
    assert parts == text


async def test_a_first_word_may_take_longer_than_later_ones() -> None:
    parts, _ = await _answer(Turn("Fine.", hang=0.6), patience=Patience(first_word_s=30, silence_s=0.2))
    assert parts == FINE


async def test_a_packed_answer_is_unpacked_within_bounds() -> None:
    raw = 'data: {"choices": [{"delta": {"content": "Fine."}, "finish_reason": "stop"}]}\n\n'
    parts, _ = await _answer(Turn(raw=raw, packed=gzip.compress(raw.encode())))
    assert parts[0] == TextDelta("Fine.")


@pytest.mark.parametrize("status", [200, 400])
async def test_a_bomb_is_no_answer(status: int) -> None:
    bomb = gzip.compress(b"data: " + b" " * 300_000_000, compresslevel=1)
    with pytest.raises(ModelError, match="no Chat Completions stream"):
        await _answer(Turn(raw="", status=status, packed=bomb))


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "x"])
async def test_a_packing_that_was_not_asked_for_is_no_answer(packing: str) -> None:
    with pytest.raises(ModelError, match="no Chat Completions stream"):
        await _answer(Turn(raw="", packed=b"\x00" * 100, packing=packing))


async def test_bytes_that_are_not_packed_though_they_say_so_are_no_answer() -> None:
    with pytest.raises(ModelError, match="no Chat Completions stream"):
        await _answer(Turn(raw="", packed=b"These words are no gzip."))


async def test_a_list_of_models_without_end_is_not_read_to_its_end() -> None:
    with ScriptedProvider([Turn("Fine.")], models='{"data": [' + " " * 20_000_000) as provider:
        async with remote_provider(provider.base_url) as remote:
            with pytest.raises(ModelError, match="no list of models"):
                await remote.list_models()
