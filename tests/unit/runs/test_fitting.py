"""How much of a thread a model is sent: what is left out, in which order, and when a run is over its limit."""

from typing import Any

import pytest

from desktop_app.models.base import Image, Passage, Turn
from desktop_app.runs import fitting
from desktop_app.runs.fitting import Fitting, estimate

SYSTEM = [Turn("system", "s" * 40)]
HISTORY = [Turn("user" if number % 2 == 0 else "assistant", f"{number}" * 400) for number in range(5)]
DONE = [Turn("tool", "t" * 40)]


def _run(most: int | None = None, strategy: str = "auto") -> dict[str, Any]:
    return {"max_prompt_tokens": most, "truncation_strategy": {"type": strategy}}


def _turns(run: dict[str, Any], used: int = 0, passages: tuple[Passage, ...] = ()) -> list[Turn] | None:
    return Fitting(run, HISTORY).turns(SYSTEM, DONE, passages, used)


def test_the_oldest_turns_are_left_out_where_the_limit_is_short() -> None:
    assert _turns(_run()) == [*SYSTEM, *HISTORY, *DONE]
    assert _turns(_run(10_000)) == [*SYSTEM, *HISTORY, *DONE]
    two_fit = estimate([*SYSTEM, *HISTORY[3:], *DONE])
    assert _turns(_run(two_fit)) == [*SYSTEM, *HISTORY[3:], *DONE]
    assert _turns(_run(two_fit - 1)) == [*SYSTEM, HISTORY[4], *DONE]


def test_what_the_run_used_and_found_counts_against_its_limit() -> None:
    all_fit = estimate([*SYSTEM, *HISTORY, *DONE])
    assert _turns(_run(all_fit + 50), used=50) == [*SYSTEM, *HISTORY, *DONE]
    assert _turns(_run(all_fit + 50), used=51) == [*SYSTEM, *HISTORY[1:], *DONE]
    found = (Passage("[1]", "a.txt", "x" * 400, 0.5),)
    assert _turns(_run(all_fit + 50), passages=found) == [*SYSTEM, *HISTORY[1:], *DONE]


def test_a_question_over_the_limit_is_not_asked_and_without_a_limit_it_is() -> None:
    least = estimate([*SYSTEM, HISTORY[4], *DONE])
    assert _turns(_run(least)) is not None
    assert _turns(_run(least - 1)) is None
    asked = [Turn("user", "x" * 1_000_000)]
    assert Fitting(_run(), asked).turns(SYSTEM, [], (), 0) == [*SYSTEM, *asked]


@pytest.mark.parametrize(("strategy", "kept"), [("auto", 1), ("last_messages", 5)])
def test_without_a_limit_auto_leaves_out_what_no_model_reads(
    monkeypatch: pytest.MonkeyPatch, strategy: str, kept: int
) -> None:
    monkeypatch.setattr(fitting, "PROMPT_TOKENS", 150)
    assert _turns(_run(strategy=strategy)) == [*SYSTEM, *HISTORY[-kept:], *DONE]


def test_what_a_model_could_not_read_is_halved_until_only_the_question_is_left() -> None:
    fitted = Fitting(_run(), HISTORY)
    counts = []
    while True:
        turns = fitted.turns(SYSTEM, [], (), 0)
        assert turns is not None
        counts.append(len(turns) - 1)
        if not fitted.can_shorten():
            break
    assert counts == [5, 2, 1]
    kept = Fitting(_run(strategy="last_messages"), HISTORY)
    kept.turns(SYSTEM, [], (), 0)
    assert not kept.can_shorten()


def test_an_image_counts_as_the_tokens_that_it_costs() -> None:
    seen = Turn("user", "Look", images=(Image("https://example.org/a.png"),))
    assert estimate([seen]) > estimate([Turn("user", "Look")]) + 500
