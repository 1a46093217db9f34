import pytest

from desktop_app.documents.analyser import MAX_QUERY_TERMS, analyse, query_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The Employees' running-days: 27", ["the", "employe", "run", "day", "27"]),
        ("snake_case C++ e.g. AND", ["snake", "case", "c", "e", "g", "and"]),
        ("ﬁles Ｆｕｌｌ", ["file", "full"]),
        ("Größe ΑΒΓ", ["größe", "αβγ"]),
        ("東京都に住む", ["東京", "京都", "都に", "に住", "住む"]),
        ("第3章 café", ["第", "3", "章", "café"]),
        ("", []),
        ("?!— \x00 👍", []),
    ],
)
def test_text_becomes_terms(text: str, terms: list[str]) -> None:
    assert analyse(text) == terms


def test_a_question_and_the_text_that_answers_it_share_terms() -> None:
    assert set(query_terms("When are invoices archived?")) <= set(analyse("We archive every invoice."))


def test_stop_words_go_only_if_something_remains() -> None:
    assert dict(query_terms("What is the notice period?")) == {"notic": 1, "period": 1}
    assert dict(query_terms("to be or not to be")) == {"to": 2, "be": 2, "or": 1, "not": 1}


def test_a_repeated_word_counts_as_often_as_it_stands() -> None:
    assert query_terms("leave leaving policy")["leav"] == 2


def test_a_question_has_at_most_64_terms_of_bounded_length() -> None:
    terms = query_terms(" ".join(f"word{number}" for number in range(5000)) + " " + "x" * 100_000)
    assert len(terms) == MAX_QUERY_TERMS
    assert max(map(len, query_terms("x" * 100_000))) <= 64
