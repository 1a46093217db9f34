"""Links to the interpreter's files are annotated while the answer grows, however it is cut, and only those."""

import pytest

from desktop_app.runs.answer import Answer
from desktop_app.runs.channel import RunChannel
from desktop_app.runs.citations import Citer, CitingWriter
from desktop_app.runs.found import Found
from desktop_app.runs.saver import TextSaver
from tests.unit.runs.conftest import House, embed, text_of

FILES = {"report.csv": "file-1", "report.csv.gz": "file-2", "my chart.png": "file-3", "out/Übersicht.txt": "file-4"}


async def written(house: House, *pieces: str) -> list[tuple[str, str]]:
    """What is annotated, in the order of the text."""
    channel = RunChannel()
    answer = Answer("msg_1", channel, TextSaver(house.database))
    writer = CitingWriter(answer, 0, Found(), Citer(house.database, embed), FILES)
    for piece in pieces:
        await writer.add(piece)
    await writer.finish()
    channel.close()
    assert answer.text == "".join(pieces) == text_of([event async for event in channel.subscribe()])
    for each in answer.annotations:
        assert answer.text[each["start_index"] : each["end_index"]] == each["text"]
    ordered = sorted(answer.annotations, key=lambda each: each["start_index"])
    return [(each["text"].removeprefix("sandbox:/mnt/data/"), each["file_path"]["file_id"]) for each in ordered]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[report](sandbox:/mnt/data/report.csv)", [("report.csv", "file-1")]),
        ("Here: sandbox:/mnt/data/report.csv.", [("report.csv", "file-1")]),
        ("sandbox:/mnt/data/report.csv", [("report.csv", "file-1")]),
        ("[r](sandbox:/mnt/data/report.csv.gz), then", [("report.csv.gz", "file-2")]),
        ("![c](sandbox:/mnt/data/my chart.png)", [("my chart.png", "file-3")]),
        ("![c](sandbox:/mnt/data/my%20chart.png)", [("my%20chart.png", "file-3")]),
        ("😀 `sandbox:/mnt/data/out/Übersicht.txt`", [("out/Übersicht.txt", "file-4")]),
        (
            "[a](sandbox:/mnt/data/report.csv) [b](sandbox:/mnt/data/report.csv)",
            [("report.csv", "file-1"), ("report.csv", "file-1")],
        ),
        ("sandbox:/mnt/data/sandbox:/mnt/data/report.csv", [("report.csv", "file-1")]),
        ("[r](sandbox:/mnt/data/other.csv)", []),
        ("[r](sandbox:/mnt/data/report.csvx)", []),
        ("[r](sandbox:/mnt/data/report.csv.zip)", []),
        ("[r](sandbox:/mnt/data/report)", []),
        ("sandbox:/mnt/data/", []),
        ("/mnt/data/report.csv", []),
    ],
)
async def test_links_are_found_however_they_are_cut(house: House, text: str, found: list[tuple[str, str]]) -> None:
    assert await written(house, text) == found
    assert await written(house, *text) == found
    for cut in range(1, len(text)):
        assert await written(house, text[:cut], text[cut:]) == found
