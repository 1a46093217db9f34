"""`deskside ask`, run as a person runs it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from desktop_app.documents.model_files import ModelFiles
from desktop_app.settings.paths import resources_dir
from desktop_app.settings.program import program_command
from desktop_app.wire.answers import NOT_FOUND

SAMPLES = resources_dir() / "samples"
HANDBOOK = SAMPLES / "employee-handbook.pdf"


@pytest.fixture(autouse=True)
def search_model_is_there(model_files: ModelFiles) -> None: ...


def ask(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        program_command("ask", *map(str, arguments)),
        capture_output=True,
        text=True,
        timeout=180,
        env=os.environ | environment,
        check=False,
    )


def test_it_answers_and_says_on_which_page_it_stands() -> None:
    asked = ask("--file", HANDBOOK, "How many days of annual leave do I get?")
    answer, _, citations = asked.stdout.partition("\n\n[1] ")
    assert asked.returncode == 0, asked.stderr
    assert "27 days of paid annual leave" in answer
    assert "[1]" in answer
    assert citations.startswith('employee-handbook.pdf, page 4: "')
    assert "27 days of paid annual leave" in citations


def test_json_gives_one_object_whose_quotes_stand_at_their_places() -> None:
    asked = ask("--json", "--file", SAMPLES / "city-400-manual.md", "How long is the guarantee on the frame?")
    result = json.loads(asked.stdout)
    assert set(result) == {"answer", "citations"}
    assert "ten years" in result["answer"]
    text = (SAMPLES / "city-400-manual.md").read_text(encoding="utf-8")
    for citation in result["citations"]:
        assert set(citation) == {"file", "page", "quote", "start", "end"}
        assert citation["page"] is None
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_a_folder_is_read_whole_and_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(HANDBOOK.read_bytes()[:900])
    (tmp_path / "Bedienungsanleitung 契約.md").write_bytes((SAMPLES / "city-400-manual.md").read_bytes())
    asked = ask("--file", tmp_path, "What does the message E11 mean?")
    assert asked.returncode == 0
    assert "battery is not locked in" in asked.stdout
    assert "[1] Bedienungsanleitung 契約.md:" in asked.stdout
    assert asked.stderr.startswith("broken.pdf: This PDF is damaged")


def test_a_quote_is_printed_without_the_escapes_that_markdown_needs(tmp_path: Path) -> None:
    document = tmp_path / "terms.txt"
    document.write_text("3. The notice period is three months `see [2] for exceptions.\n")
    printed = ask("--file", document, "How long is the notice period?").stdout.partition("\n")[0]
    assert printed == "3. The notice period is three months `see [2] for exceptions. [1]"


def test_what_the_documents_do_not_say_is_refused() -> None:
    asked = ask("--file", HANDBOOK, "What is the name of the managing director's dog?")
    assert (asked.returncode, asked.stdout.strip()) == (4, NOT_FOUND)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "QUESTION"),
        (["  "], "The question is empty"),
        (["--file", "no-such-file.pdf", "Why?"], "There is no such file"),
        (["--nonsense", "Why?"], "unrecognized arguments"),
    ],
)
def test_bad_usage_is_told_and_exits_with_2(arguments: list[str], words: str) -> None:
    asked = ask(*arguments)
    assert asked.returncode == 2
    assert words in asked.stderr
    assert "Traceback" not in asked.stderr


def test_a_library_without_documents_says_what_to_do(tmp_path: Path) -> None:
    asked = ask("Why?", DESKSIDE_DATA_DIR=str(tmp_path / "library"))
    assert asked.returncode == 2
    assert "--file" in asked.stderr


def test_a_provider_that_is_down_is_an_error_in_words() -> None:
    asked = ask("--file", HANDBOOK, "How long?", DESKSIDE_PROVIDER_URL="http://127.0.0.1:9/v1")
    assert asked.returncode == 1
    assert "127.0.0.1:9" in asked.stderr
    assert "Traceback" not in asked.stderr
