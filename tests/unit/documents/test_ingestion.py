"""The queue: from bytes to searchable rows, in one transaction, whatever happens in between."""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from desktop_app.documents.chunking import header
from desktop_app.documents.embedder import Embedder
from desktop_app.documents.ingestion import MAX_ATTEMPTS, Ingestion
from desktop_app.documents.location import locate
from desktop_app.documents.model_files import ModelFiles, ModelFilesError
from desktop_app.settings.options import Settings
from desktop_app.store.tables import chunks, embeddings, files, index_changes, pages, vector_store_files, vector_stores
from tests.support.made_files import make_pdf
from tests.unit.documents.conftest import GatedEmbedder, HashEmbedder, Library, SlowEmbedder

MakeIngestion = Callable[..., Ingestion]
WORDS = "Some words that make a text of a certain length, sentence by sentence. "


async def until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


@pytest.fixture
def pdf(tmp_path: Path) -> bytes:
    return make_pdf(tmp_path / "made.pdf", [["The rent is 900 euros."], [], ["It is due in May."]]).read_bytes()


async def test_a_file_becomes_pages_embeddings_and_chunks(
    library: Library, make_ingestion: MakeIngestion, pdf: bytes, embedder: HashEmbedder
) -> None:
    file_id = library.add("lease.pdf", pdf)
    await make_ingestion().wait_for_store("vs_1", 20)
    row = library.store_file(file_id)
    assert (row["status"], row["last_error"]) == ("completed", None)
    assert row["usage_bytes"] > 0
    assert [(page["number"], page["start"], page["text"]) for page in library.rows(pages)] == [
        (1, 0, "The rent is 900 euros."),
        (2, 23, ""),
        (3, 24, "It is due in May."),
    ]
    [embedding] = library.rows(embeddings)
    assert np.frombuffer(embedding["spans"], "<i4").tolist() == [0, 41]
    assert len(np.frombuffer(embedding["vectors"], np.int8)) == 384
    assert embedder.embedded == [header("lease.pdf") + "The rent is 900 euros.\n\nIt is due in May."]
    [chunk] = library.rows(chunks)
    assert (chunk["start"], chunk["end"]) == (0, 41)
    [change] = library.rows(index_changes)
    assert (change["vector_store_id"], change["file_id"]) == ("vs_1", file_id)


async def test_a_place_in_the_text_is_found_on_its_page(
    library: Library, make_ingestion: MakeIngestion, pdf: bytes
) -> None:
    file_id = library.add("lease.pdf", pdf)
    await make_ingestion().wait_for_store("vs_1", 20)
    citation = locate(library.database, file_id, 24, 41)
    assert (citation.quote, citation.page, citation.page_label) == ("It is due in May.", 3, "page 3")
    assert len(citation.boxes) == 1


async def test_stages_and_progress_are_published(library: Library, make_ingestion: MakeIngestion, pdf: bytes) -> None:
    file_id = library.add("lease.pdf", pdf)
    ingestion = make_ingestion()
    seen = set[str]()

    def watch() -> bool:
        seen.add(ingestion.progress("vs_1", file_id)[0])
        return library.store_file(file_id)["status"] == "completed"

    await until(watch)
    assert {"reading"} <= seen <= {"waiting", "reading", "embedding"}
    assert ingestion.progress("vs_1", file_id) == ("waiting", 0.0)
    await until(lambda: len(library.changes) >= 3)
    assert {(change.kind, change.id, change.parent_id) for change in library.changes} == {
        ("vector_store_file", file_id, "vs_1")
    }


async def test_progress_is_published_at_most_five_times_a_second(
    library: Library, make_ingestion: MakeIngestion
) -> None:
    library.add("a.txt", (WORDS * 1500).encode())
    slow = SlowEmbedder(0.01)
    started = time.monotonic()
    await make_ingestion(lambda: slow).wait_for_store("vs_1", 20)
    assert len(slow.embedded) > 80
    assert len(library.changes) <= 4 + 5 * (time.monotonic() - started)


async def test_a_bad_file_fails_with_its_reason_and_the_others_go_on(
    library: Library, make_ingestion: MakeIngestion, pdf: bytes
) -> None:
    bad = library.add("bad.pdf", pdf[:300])
    good = library.add("good.pdf", pdf)
    await make_ingestion().wait_for_store("vs_1", 20)
    row = library.store_file(bad)
    assert row["status"] == "failed"
    assert row["last_error"]["code"] == "invalid_file"
    assert "cut off" in row["last_error"]["message"]
    assert library.store_file(good)["status"] == "completed"


async def test_files_added_later_are_taken_after_a_wake(library: Library, make_ingestion: MakeIngestion) -> None:
    ingestion = make_ingestion()
    await asyncio.sleep(0.2)
    file_id = library.add("a.txt", b"text")
    ingestion.wake()
    await until(lambda: library.store_file(file_id)["status"] == "completed")


async def test_the_same_file_in_a_second_store_is_not_read_again(
    library: Library, make_ingestion: MakeIngestion, pdf: bytes, embedder: HashEmbedder
) -> None:
    library.add_store("vs_2")
    file_id = library.add("lease.pdf", pdf)
    library.enqueue(file_id, "vs_2", chunking=(100, 50))
    ingestion = make_ingestion()
    await ingestion.wait_for_store("vs_1", 20)
    await ingestion.wait_for_store("vs_2", 20)
    assert len(embedder.embedded) == 1
    assert {row["vector_store_id"] for row in library.rows(chunks)} == {"vs_1", "vs_2"}
    assert library.store_file(file_id, "vs_2")["usage_bytes"] == library.store_file(file_id, "vs_1")["usage_bytes"]


async def test_chunks_have_the_size_that_the_store_file_asks_for(
    library: Library, make_ingestion: MakeIngestion
) -> None:
    file_id = library.add_file("a.txt", (WORDS * 100).encode())
    library.enqueue(file_id, chunking=(200, 100))
    await make_ingestion().wait_for_store("vs_1", 20)
    tokens = HashEmbedder().tokens
    [page] = library.rows(pages)
    sizes = [len(tokens(page["text"][row["start"] : row["end"]])) for row in library.rows(chunks)]
    assert len(sizes) > 10
    assert max(sizes) <= 200


async def test_a_file_deleted_while_it_is_embedded_leaves_nothing(
    library: Library, make_ingestion: MakeIngestion
) -> None:
    file_id = library.add("a.txt", (WORDS * 50).encode())

    gated = GatedEmbedder()
    ingestion = make_ingestion(lambda: gated)
    await until(gated.reached.is_set)
    library.execute(files.delete().where(files.c.id == file_id))
    gated.opened.set()
    next_file = library.add("b.txt", b"next")
    ingestion.wake()
    await until(lambda: library.store_file(next_file)["status"] == "completed")
    assert {row["file_id"] for row in library.rows(pages)} == {next_file}
    assert {row["file_id"] for row in library.rows(index_changes)} == {next_file}


async def test_a_store_deleted_while_indexing_leaves_nothing(library: Library, make_ingestion: MakeIngestion) -> None:

    gated = GatedEmbedder()
    library.add("a.txt", (WORDS * 50).encode())
    ingestion = make_ingestion(lambda: gated)
    await until(gated.reached.is_set)
    library.execute(vector_stores.delete())
    gated.opened.set()
    await ingestion.stop()
    assert library.leftovers() == 0


async def test_a_cancelled_file_is_left_alone(library: Library, make_ingestion: MakeIngestion) -> None:

    gated = GatedEmbedder()
    file_id = library.add("a.txt", (WORDS * 50).encode())
    ingestion = make_ingestion(lambda: gated)
    await until(gated.reached.is_set)
    library.execute(vector_store_files.update().values(status="cancelled"))
    gated.opened.set()
    await ingestion.stop()
    assert library.store_file(file_id)["status"] == "cancelled"
    assert library.leftovers() == 0


async def test_bytes_that_are_gone_fail_the_file(library: Library, make_ingestion: MakeIngestion) -> None:
    file_id = library.add("a.txt", b"text")
    library.blobs.delete(library.rows(files)[0]["sha256"])
    await make_ingestion().wait_for_store("vs_1", 20)
    assert library.store_file(file_id)["last_error"]["code"] == "server_error"
    assert "missing" in library.store_file(file_id)["last_error"]["message"]


async def test_missing_model_files_are_the_reason(library: Library, make_ingestion: MakeIngestion) -> None:
    def no_embedder() -> object:
        raise ModelFilesError("The model files for search could not be fetched. Connect once to the internet.")

    file_id = library.add("a.txt", b"text")
    await make_ingestion(no_embedder).wait_for_store("vs_1", 20)
    assert library.store_file(file_id)["last_error"] == {
        "code": "server_error",
        "message": "The model files for search could not be fetched. Connect once to the internet.",
    }
    assert library.leftovers() == 0


async def test_an_embedder_that_breaks_fails_its_file_only(library: Library, make_ingestion: MakeIngestion) -> None:
    class BrokenEmbedder(HashEmbedder):
        def embed(self, texts):  # type: ignore[no-untyped-def]
            if "bad" in texts[0]:
                raise RuntimeError("out of order")
            return super().embed(texts)

    broken = BrokenEmbedder()
    bad, good = library.add("bad.txt", b"text"), library.add("good.txt", b"text")
    await make_ingestion(lambda: broken).wait_for_store("vs_1", 20)
    assert "out of order" in library.store_file(bad)["last_error"]["message"]
    assert library.store_file(good)["status"] == "completed"


async def test_a_file_that_ended_the_service_again_and_again_is_left_out(
    library: Library, make_ingestion: MakeIngestion
) -> None:
    file_id = library.add("a.txt", b"text")
    library.execute(vector_store_files.update().values(attempts=MAX_ATTEMPTS))
    await make_ingestion().wait_for_store("vs_1", 20)
    assert library.store_file(file_id)["status"] == "failed"
    assert f"{MAX_ATTEMPTS} times" in library.store_file(file_id)["last_error"]["message"]


async def test_stopping_keeps_files_in_the_queue_and_counts_no_attempt(
    library: Library, make_ingestion: MakeIngestion
) -> None:
    slow = SlowEmbedder(0.05)
    file_id = library.add("a.txt", (WORDS * 2000).encode())
    ingestion = make_ingestion(lambda: slow)
    await until(lambda: len(slow.embedded) > 3)
    await ingestion.stop()
    row = library.store_file(file_id)
    assert (row["status"], row["attempts"]) == ("in_progress", 0)
    assert library.leftovers() == 0
    await make_ingestion().wait_for_store("vs_1", 20)
    assert library.store_file(file_id)["status"] == "completed"


async def test_waiting_for_a_store_ends_at_the_timeout(library: Library) -> None:
    file_id = library.add("a.txt", b"text")
    idle = Ingestion(library.database, library.blobs, Settings(), HashEmbedder, library.changes.append)  # type: ignore[arg-type]
    started = time.monotonic()
    await idle.wait_for_store("vs_1", 0.3)
    assert time.monotonic() - started >= 0.3
    assert library.store_file(file_id)["status"] == "in_progress"


async def test_many_small_files_are_taken_once_each(
    library: Library, make_ingestion: MakeIngestion, embedder: HashEmbedder
) -> None:
    for number in range(300):
        library.add(f"{number}.txt", f"Note number {number}.".encode())
    await make_ingestion(ingest_workers=4).wait_for_store("vs_1", 60)
    assert {row["status"] for row in library.rows(vector_store_files)} == {"completed"}
    assert len(embedder.embedded) == 300


async def test_the_real_embedder_makes_a_document_findable(
    library: Library, make_ingestion: MakeIngestion, model_files: ModelFiles, pdf: bytes
) -> None:
    embedder = Embedder(model_files.model, model_files.tokenizer)
    lease = library.add("lease.pdf", pdf)
    recipe = library.add("recipe.md", b"Stir the eggs into the flour and bake the cake for an hour.")
    await make_ingestion(lambda: embedder).wait_for_store("vs_1", 60)
    [question] = embedder.embed(["How much do I pay for the flat each month?"])
    scores = {}
    for row in library.rows(embeddings):
        assert row["model"] == embedder.model_id
        [vector] = np.frombuffer(row["vectors"], np.int8).reshape(-1, 384).astype(np.float32)
        scores[row["file_id"]] = float(vector @ question / np.linalg.norm(vector))
    assert scores[lease] > scores[recipe]


async def test_a_killed_service_goes_on_where_it_was(library: Library, make_ingestion: MakeIngestion) -> None:
    """A real process is killed while it embeds: nothing of the file is there, and the next start finishes it."""
    file_id = library.add("a.txt", (WORDS * 500).encode())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", INGEST_FOR_EVER, str(library.database.path.parent), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"embedding\n"
    process.kill()
    await process.wait()
    row = library.store_file(file_id)
    assert (row["status"], row["attempts"]) == ("in_progress", 1)
    assert library.leftovers() == 0
    await make_ingestion().wait_for_store("vs_1", 20)
    assert library.store_file(file_id)["status"] == "completed"


INGEST_FOR_EVER = """
import sys, time
from pathlib import Path
from desktop_app.documents.chunking import header
from desktop_app.documents.embedder import Embedder
from desktop_app.documents.ingestion import Ingestion
from desktop_app.settings.options import Settings
from desktop_app.settings.paths import DataDir
from desktop_app.store.blobs import Blobs
from desktop_app.store.database import Database
from tests.unit.documents.conftest import SlowEmbedder

class Telling(SlowEmbedder):
    def embed(self, texts):
        print("embedding", flush=True)
        return super().embed(texts)

data_dir = DataDir(Path(sys.argv[1]))
embedder = Telling(0.2)
blobs = Blobs(data_dir.files)
Ingestion(Database(data_dir.database), blobs, Settings(), lambda: embedder, lambda change: None).start()
time.sleep(60)
"""
