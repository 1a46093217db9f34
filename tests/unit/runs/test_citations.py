"""Marks become citations while the text comes: what they cite, where they stand, what happens when it is cut off."""

import pytest

from desktop_app.documents.passages import SearchHit
from desktop_app.runs.answer import Answer
from desktop_app.runs.channel import RunChannel
from desktop_app.runs.citations import Citer, CitingWriter
from desktop_app.runs.found import Found
from desktop_app.runs.saver import TextSaver
from desktop_app.store.tables import files
from desktop_app.wire.answers import NOT_FOUND
from tests.unit.runs.conftest import House, embed, text_of

LEASE = (
    "The monthly rent is 89 euros. The deposit is 250 euros. It is returned within 21 days. Theft is reported to the "
    "police within 24 hours."
)
DOGS = "Dogs are not allowed in the courtyard. Cats may roam the garden."


class Writing:
    """A writer over two documents, and what came out of it."""

    def __init__(self, house: House, *documents: str) -> None:
        house.add_documents(*(documents or (LEASE, DOGS)))
        self.channel = RunChannel()
        found = Found()
        found.hits, found.searched = list(house.search.hits), True
        answer = Answer("msg_1", self.channel, TextSaver(house.database))
        self.writer = CitingWriter(answer, 3, found, Citer(house.database, embed))

    async def write(self, *pieces: str, complete: bool = True) -> list[str]:
        """The quotes cited, in the order of their marks in the text."""
        for piece in pieces:
            await self.writer.add(piece)
        await self.writer.finish(complete=complete)
        self.channel.close()
        answer = self.writer.answer
        assert text_of([event async for event in self.channel.subscribe()]) == answer.text
        for annotation in answer.annotations:
            assert answer.text[annotation["start_index"] : annotation["end_index"]] == annotation["text"]
        ordered = sorted(answer.annotations, key=lambda annotation: annotation["start_index"])
        assert len(ordered) == answer.text.count("【")
        return [annotation["file_citation"]["quote"] for annotation in ordered]


@pytest.fixture
def writing(house: House) -> Writing:
    return Writing(house)


DEPOSIT, RENT, RETURN = "The deposit is 250 euros.", "The monthly rent is 89 euros.", "It is returned within 21 days."


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("The deposit is 250 euros [1].", [DEPOSIT]),
        ("The deposit is 250 euros. [1]", [DEPOSIT]),
        ("The rent is 89 euros [1] and the deposit is 250 euros [1].", [RENT, DEPOSIT]),
        ("[1] The deposit is 250 euros.", [DEPOSIT]),
        ("[1] The deposit is 250 euros.\nDogs are not allowed in the courtyard [2].", [DEPOSIT, DOGS[:38]]),
        ("According to [1], the deposit is 250 euros.", [DEPOSIT]),
        ("The deposit is 250 euros.\n[1]", [DEPOSIT]),
        ("- The rent is 89 euros [1]\n- The deposit is 250 euros [1]\n", [RENT, DEPOSIT]),
        ("It costs **89 euros** of monthly rent[1].", [RENT]),
        ("No dogs are allowed in the courtyard [2][1].", [DOGS[:38], LEASE]),
        ("The deposit is 999 euros [1].", [LEASE]),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_mark_cites_the_words_it_stands_with(
    writing: Writing, text: str, quotes: list[str], size: int
) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert await writing.write(*pieces) == quotes


async def test_a_passage_is_marked_as_a_whole_when_no_sentence_is_sure(writing: Writing) -> None:
    await writing.write("The deposit is 999 euros [1].")
    assert writing.writer.answer.annotations[0]["file_citation"]["exact"] is False


async def test_an_answer_that_cites_nothing_is_cited_at_its_end(writing: Writing) -> None:
    text = "The deposit is 250 euros. I wish you a nice day. Dogs are not allowed in the courtyard."
    assert await writing.write(text) == [DEPOSIT, DOGS[:38]]
    assert writing.writer.answer.text == f"{text} 【3:0†vs_1-1.txt】【3:1†vs_1-2.txt】"


@pytest.mark.parametrize("text", [NOT_FOUND, "The deposit is 300 euros.", "Hello! How are you today?", "Dogs."])
async def test_what_the_documents_do_not_say_gets_no_citation(writing: Writing, text: str) -> None:
    assert await writing.write(text) == []


async def test_an_answer_that_is_cut_off_gets_no_citations_of_ours(writing: Writing) -> None:
    assert await writing.write("The deposit is 250 euros. [", complete=False) == []
    assert writing.writer.answer.text == "The deposit is 250 euros. ["


async def test_a_document_deleted_meanwhile_is_cited_by_name_only(house: House, writing: Writing) -> None:
    with house.database.write() as connection:
        connection.execute(files.delete())
    assert await writing.write("The deposit is 250 euros [1].") == [""]


async def test_a_file_name_cannot_break_the_mark(house: House, writing: Writing) -> None:
    hit = writing.writer._hits[0]
    writing.writer._hits[0] = SearchHit(**{**vars(hit), "file_name": "a】b【.pdf"})
    await writing.write("The deposit is 250 euros [1].")
    assert writing.writer.answer.annotations[0]["text"] == "【3:0†a)b(.pdf】"


async def test_of_a_passage_over_several_pages_the_page_that_speaks_of_it_is_cited(house: House) -> None:
    expenses = "Expenses. We refund hotels and trains. " * 9
    writing = Writing(
        house, f"{expenses}\fLeave of employees is regulated here. Employees take leave in days.\f{expenses}"
    )
    (quote,) = await writing.write("Employees have 27 days of annual leave [1].")
    citation = writing.writer.answer.annotations[0]["file_citation"]
    assert (citation["page"], citation["exact"]) == (2, False)
    assert quote.startswith("Leave of employees")


async def test_words_taken_over_as_they_are_are_cited_in_full(house: House) -> None:
    stretch = "The deposit is\n250 euros. It is returned within\n21 days."
    writing = Writing(house, f"Terms\n\n{stretch} The rent is 89 euros.")
    (quote,) = await writing.write("The deposit is 250 euros. It is returned within 21 days. [1]")
    assert quote == stretch
