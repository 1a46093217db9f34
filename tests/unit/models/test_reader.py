import random
import re
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from desktop_app.documents.embedder import Embedder
from desktop_app.documents.model_files import ModelFiles
from desktop_app.models.base import Finished, ModelRequest, Passage, TextDelta, Turn
from desktop_app.models.reader import GREETING, NEEDS_MODEL, NO_DOCUMENTS, Reader
from desktop_app.wire.answers import NOT_FOUND

HANDBOOK = """Employee handbook

3. Annual leave

Full-time employees receive 27 days of paid annual leave in each calendar year. Part-time colleagues receive leave in
proportion to their working days.

Ask for leave in the calendar tool at least three weeks ahead.

4. Illness

A doctor's note is needed from the third day of illness on. Your full pay continues for six weeks."""
PRICES = """Model; Weight in kg; Price in euros
Model: City 200; Weight in kg: 14.2; Price in euros: 890
Model: Tour 600; Weight in kg: 13.1; Price in euros: 1390"""
HISTORY = """Brightwater was founded in 1987 by two mechanics. The workshop stands on Mill Lane. Today the company
builds city bicycles and e-bikes. It sells them in three shops."""


@pytest.fixture(scope="module")
def reader(model_files: ModelFiles) -> Reader:
    embedder = Embedder(model_files.model, model_files.tokenizer)
    return Reader(embedder.embed, embedder.read)


def request(*questions: str, passages: Sequence[Passage] | None = None) -> ModelRequest:
    if passages is None:
        texts = {"handbook.pdf": HANDBOOK, "prices.xlsx": PRICES, "history.md": HISTORY}
        passages = [Passage(f"[{at}]", name, text, 0.5) for at, (name, text) in enumerate(texts.items(), 1)]
    return ModelRequest("deskside-reader", [Turn("user", question) for question in questions], passages=passages)


def by_letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """An embedder without a model: what it answers has no meaning, but the same text has the same vector."""
    vectors = [np.random.default_rng(zlib.crc32(text.encode())).normal(size=384) for text in texts]
    return np.stack([vector / np.linalg.norm(vector) for vector in vectors]).astype(np.float32)


def read_by_letters(text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Its tokens: each word, between the text's beginning and end."""
    words = list(re.finditer(r"\S+", text))
    spans = [(0, 0), *(word.span() for word in words), (0, 0)]
    return np.array(spans, np.int32), by_letters(["", *(word.group() for word in words), ""])


@pytest.mark.parametrize(
    ("question", "quote", "marker"),
    [
        ("How many days of annual leave do full-time employees receive?", "27 days of paid annual leave", "[1]"),
        ("When do I need a doctor's note?", "A doctor's note is needed from the third day", "[1]"),
        ("How much does the Tour 600 cost?", "Model: Tour 600; Weight in kg: 13.1; Price in euros: 1390", "[2]"),
        ("When was Brightwater founded?", "Brightwater was founded in 1987", "[3]"),
    ],
)
def test_the_sentence_that_answers_is_quoted_with_its_mark(
    reader: Reader, question: str, quote: str, marker: str
) -> None:
    answer = reader.answer(request(question))
    assert quote in answer
    assert marker in answer


@pytest.mark.parametrize(
    "question",
    [
        "Who is the CEO of Microsoft?",
        "How much does the Cargo XL cost?",
        "What is the capital of Mongolia?",
        "Which insurance covers the dentist?",
    ],
)
def test_what_no_passage_says_is_refused(reader: Reader, question: str) -> None:
    assert reader.answer(request(question)) == NOT_FOUND


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who is the managing director?", "Flights need the approval of the managing director."),
        ("How many days may a bicycle be late?", "The bicycle may be late for some days."),
        ("What is the e-mail address of the lender?", "The lender stores the e-mail address of each customer."),
    ],
)
def test_a_sentence_that_tells_no_more_than_the_question_is_not_its_answer(
    reader: Reader, question: str, text: str
) -> None:
    assert reader.answer(request(question, passages=[Passage("[1]", "a.txt", text, 0.9)])) == NOT_FOUND


def test_how_long_something_is_may_be_answered_with_a_length(reader: Reader) -> None:
    rules = Passage("[1]", "rules.md", "Passwords have at least 14 characters and are kept in the safe.", 0.5)
    assert "14 characters" in reader.answer(request("How long must passwords be?", passages=[rules]))


def test_a_line_that_leads_answers_with_what_it_introduces_alone(reader: Reader) -> None:
    contact = Passage("[1]", "contact.md", "You reach Jane Miller by email:\n\n- jane.miller@example.org", 0.5)
    letter = Passage("[1]", "letter.md", "By email Jane Miller told us:\n\nThe office has a new address.", 0.5)
    question = "What is the email address of Jane Miller?"
    assert "jane.miller@example.org" in reader.answer(request(question, passages=[contact]))
    assert reader.answer(request(question, passages=[letter])) == NOT_FOUND


def test_a_follow_up_is_read_with_the_question_before_it(reader: Reader) -> None:
    answer = reader.answer(request("How many days of annual leave do full-time employees receive?", "And part-time?"))
    assert "Part-time colleagues receive leave in proportion to their working days." in answer


def test_a_summary_quotes_central_sentences_of_each_document(reader: Reader) -> None:
    answer = reader.answer(request("Please summarise these documents."))
    assert "[1]" in answer
    assert "[3]" in answer


@pytest.mark.parametrize("question", ["Compare the two bicycles.", "List all models.", "Translate the handbook."])
def test_what_needs_a_language_model_says_how_to_connect_one(reader: Reader, question: str) -> None:
    assert reader.answer(request(question)) == NEEDS_MODEL
    assert "DESKSIDE_PROVIDER_URL" in NEEDS_MODEL


@pytest.mark.parametrize("message", ["Hello!", "thanks", "", "?", "What can you do?"])
def test_a_message_without_a_question_is_greeted(reader: Reader, message: str) -> None:
    assert reader.answer(request(message)) == GREETING


def test_without_documents_it_says_to_add_some(reader: Reader) -> None:
    assert reader.answer(request("How many days of leave do I get?", passages=[])) == NO_DOCUMENTS


async def test_the_answer_comes_in_small_pieces_and_ends_with_its_usage(reader: Reader) -> None:
    asked = request("When do I need a doctor's note?")
    parts = [part async for part in reader.stream(asked)]
    texts = [part.text for part in parts if isinstance(part, TextDelta)]
    assert "".join(texts) == reader.answer(asked)
    assert len(texts) > 3
    last = parts[-1]
    assert isinstance(last, Finished)
    assert last.usage.completion_tokens > 0


def test_marks_and_code_in_a_document_can_not_pass_for_marks_of_the_answer(reader: Reader) -> None:
    text = "The notice period is three months `see [2] for exceptions."
    answer = reader.answer(request("How long is the notice period?", passages=[Passage("[1]", "a.txt", text, 0.9)]))
    assert answer == "The notice period is three months \\`see \\[2] for exceptions. [1]"


def test_a_heading_above_a_sentence_is_not_quoted_with_it(reader: Reader) -> None:
    text = (
        "3. Annual leave\nFull-time employees receive 27 days of paid annual leave in each calendar year, as agreed."
    )
    answer = reader.answer(request("How many days of annual leave?", passages=[Passage("[1]", "a.pdf", text, 0.9)]))
    assert answer.startswith("Full-time employees receive 27 days")


def test_a_number_that_opens_a_quote_does_not_make_it_a_list(reader: Reader) -> None:
    text = "3. Full-time employees receive 27 days of paid annual leave in each calendar year."
    answer = reader.answer(request("How many days of annual leave?", passages=[Passage("[1]", "a.pdf", text, 0.9)]))
    assert answer == text.replace("3.", "3\\.") + " [1]"


def test_a_word_divided_at_a_line_end_is_quoted_whole(reader: Reader) -> None:
    text = "Part-\ntime colleagues receive leave in pro-\nportion to full- and half-time colleagues."
    answer = reader.answer(request("What leave do part-time colleagues get?", passages=[Passage("[1]", "a", text, 1)]))
    assert answer == "Part-time colleagues receive leave in pro-portion to full- and half-time colleagues. [1]"


def test_every_sentence_is_word_for_word_from_the_passage_that_is_cited() -> None:
    chance = random.Random(3)
    words = ["leave", "days", "notice", "Price:", "3.50;", "month.", "Who", "pays?", "•", "-", "|", "#", "is", "rent`"]
    words += ["[2]", "【3】", "Dr.", "e.g.", "27", "euros\n", "\n\n"]
    reader = Reader(by_letters, read_by_letters)
    answered = 0
    for _ in range(300):
        passages = [
            Passage(f"[{at}]", f"{at}.txt", " ".join(chance.choices(words, k=chance.randrange(80))), chance.random())
            for at in range(1, chance.randrange(2, 6))
        ]
        question = " ".join(chance.choices(["leave", "days", "rent", "how many", "who", "month", "price"], k=4))
        answer = reader.answer(request(question, passages=passages))
        if answer in (NOT_FOUND, NEEDS_MODEL, GREETING):
            continue
        answered += 1
        for group in answer.split("\n\n"):
            written = re.fullmatch(r"(.+) \[(\d)\]", group, re.DOTALL)
            assert written is not None
            source = " ".join(passages[int(written[2]) - 1].text.split())
            assert " ".join(written[1].replace("\\", "").split()) in source
    assert answered > 20
