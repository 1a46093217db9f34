import pytest

from desktop_app.documents.fusion import FEW, fuse


def ranking(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda chunk: -scores[chunk])


def test_nothing_found_is_nothing() -> None:
    assert fuse({}, {}) == {}


def test_a_single_candidate_has_its_cosine_as_score() -> None:
    assert fuse({1: 0.6}, {}) == {1: pytest.approx(0.6)}


def test_of_two_good_candidates_the_second_keeps_most_of_its_score() -> None:
    scores = fuse({1: 0.8, 2: 0.7}, {1: 5.0, 2: 4.5})
    assert scores[1] == pytest.approx(0.8)
    assert 0.6 < scores[2] < 0.8


@pytest.mark.parametrize("count", [FEW - 5, FEW * 3])
def test_scores_lie_in_0_to_1_and_both_legs_count(count: int) -> None:
    dense = {chunk: 0.5 - chunk / 1000 for chunk in range(count)}
    alone = fuse(dense, {})
    assert ranking(alone) == list(range(count))
    both = fuse(dense, {3: 9.0, 900: 8.0})
    assert ranking(both)[0] == 3
    assert 900 in both
    assert all(0 <= score <= 0.5 + 1e-9 for score in both.values())


@pytest.mark.parametrize("count", [3, 40])
def test_candidates_that_are_all_alike_share_one_score(count: int) -> None:
    scores = fuse(dict.fromkeys(range(count), 0.4), dict.fromkeys(range(count), 2.0))
    assert list(scores.values()) == [pytest.approx(0.4)] * count


def test_cosines_below_0_and_missing_vectors_do_no_harm() -> None:
    assert fuse({1: -0.2, 2: -0.3}, {}) == {1: 0.0, 2: 0.0}
    assert fuse({}, {1: 3.0, 2: 1.5}) == {1: pytest.approx(0.5), 2: pytest.approx(0.25)}
