from typing import Any

import pytest

from desktop_app.documents.filters import FilterError, compile_filter

FILE = {"year": 2024, "name": "lease", "draft": False, "score": 1.5}


def compare(kind: str, key: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "value": value}


@pytest.mark.parametrize(
    ("kind", "key", "value", "passes"),
    [
        ("eq", "year", 2024, True),
        ("eq", "year", 2024.0, True),
        ("eq", "year", "2024", False),
        ("eq", "draft", False, True),
        ("eq", "draft", 0, False),
        ("eq", "missing", "x", False),
        ("eq", "draft", True, False),
        ("ne", "draft", True, True),
        ("gt", "draft", False, False),
        ("gte", "draft", False, True),
        ("in", "draft", [0], False),
        ("nin", "draft", [0], True),
        ("ne", "year", 2023, True),
        ("ne", "year", 2024, False),
        ("ne", "missing", 1, True),
        ("ne", "name", 1, True),
        ("gt", "year", 2023, True),
        ("gt", "year", 2024, False),
        ("gte", "year", 2024, True),
        ("lt", "score", 2, True),
        ("lte", "score", 1.5, True),
        ("lt", "name", "m", True),
        ("gt", "name", 1, False),
        ("gt", "draft", -1, False),
        ("gt", "missing", 1, False),
        ("lt", "missing", 1, False),
        ("in", "year", [2023, 2024], True),
        ("in", "year", [], False),
        ("in", "missing", [1], False),
        ("nin", "year", [2023], True),
        ("nin", "year", [2024], False),
        ("nin", "missing", [1], True),
    ],
)
def test_comparisons(kind: str, key: str, value: Any, passes: bool) -> None:
    assert compile_filter(compare(kind, key, value))(FILE) is passes


def test_compounds_nest() -> None:
    recent = compare("gte", "year", 2024)
    lease, offer = compare("eq", "name", "lease"), compare("eq", "name", "offer")
    either = {"type": "or", "filters": [offer, {"type": "and", "filters": [recent, lease]}]}
    assert compile_filter(either)(FILE)
    assert not compile_filter(either)({"year": 2023, "name": "lease"})
    assert compile_filter({"type": "and", "filters": []})({})
    assert not compile_filter({"type": "or", "filters": []})({})


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({}, "filters.type"),
        ({"type": "eq"}, "filters.key"),
        ({"type": "eq", "key": 1, "value": 1}, "filters.key"),
        ({"type": "eq", "key": "year"}, "filters.value"),
        (compare("like", "year", 1), "filters.type"),
        (compare("in", "year", 2024), "filters.value"),
        (compare("nin", "draft", [True]), "filters.value"),
        (compare("in", "year", [[1]]), "filters.value"),
        (compare("eq", "year", [2024]), "filters.value"),
        (compare("gt", "year", None), "filters.value"),
        (compare("eq", "year", {"x": 1}), "filters.value"),
        (compare("eq", "year", 1) | {"more": 1}, "filters.more"),
        ({"type": "and"}, "filters.filters"),
        ({"type": "and", "filters": {}}, "filters.filters"),
        ({"type": "or", "filters": ["x"]}, "filters.filters[0].type"),
        ({"type": "and", "filters": [compare("eq", "a", 1), compare("like", "a", 1)]}, "filters.filters[1].type"),
        (
            {"type": "and", "filters": [{"type": "or", "filters": [compare("lt", "a", [])]}]},
            "filters.filters[0].filters[0].value",
        ),
        ({"type": ["eq"], "key": "a", "value": 1}, "filters.type"),
    ],
)
def test_what_is_no_filter_is_refused_in_words(wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(FilterError, match=r"\.$") as caught:
        compile_filter(wrong)
    assert caught.value.param == param
