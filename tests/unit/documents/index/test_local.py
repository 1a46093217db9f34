"""What any index promises (base.py), and that the local one survives kills and damage."""

import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from desktop_app.documents.index.base import IndexedFile
from desktop_app.documents.index.local import LocalIndex, LocalIndexes
from desktop_app.documents.search import Search
from tests.unit.documents.conftest import Library
from tests.unit.documents.searchable import EMBEDDER, add_searchable, take_out

MODEL = "m"


def unit(*axes: int) -> np.ndarray:
    vector = np.zeros(384, np.float32)
    vector[list(axes)] = 1
    return vector / np.linalg.norm(vector)


def file(file_id: str, *chunks: tuple[int, str, int]) -> IndexedFile:
    """Chunks of (id, text, axis of their one window)."""
    return IndexedFile(
        file_id,
        np.array([chunk for chunk, _, _ in chunks], np.int64),
        [text.split() for _, text, _ in chunks],
        np.array([unit(axis) * 127 for _, _, axis in chunks], np.int8).reshape(-1, 384),
        np.array([[row, row] for row in range(len(chunks))], np.int32).reshape(-1, 2),
    )


FIRST = file("f1", (1, "apple pear", 0), (2, "apple apple plum", 1))
SECOND = file("f2", (3, "plum cherry", 2))


@pytest.fixture
def index(tmp_path: Path) -> LocalIndex:
    index = LocalIndexes(tmp_path).open("vs", MODEL)
    assert index is not None
    return index


def test_a_new_index_is_empty_and_writes_nothing(index: LocalIndex, tmp_path: Path) -> None:
    assert index.seq == 0
    assert len(index.dense(unit(0), 10).chunks) == len(index.lexical({"apple": 1}, 10).chunks) == 0
    assert list(tmp_path.iterdir()) == []


def test_each_leg_finds_the_best_first(index: LocalIndex) -> None:
    index.update(["f1", "f2"], [FIRST, SECOND], 2)
    assert index.lexical({"apple": 1}, 10).chunks.tolist() == [2, 1]
    dense = index.dense(unit(2, 1), 2)
    assert set(dense.chunks.tolist()) == {2, 3}
    assert dense.scores == pytest.approx([0.707, 0.707], abs=0.01)
    assert index.dense(unit(0), 1).chunks.tolist() == [1]


def test_a_term_asked_for_twice_weighs_more(index: LocalIndex) -> None:
    index.update(["f1", "f2"], [file("f1", (1, "red", 0)), file("f2", (2, "blue", 1))], 1)
    assert index.lexical({"red": 1, "blue": 2}, 2).chunks.tolist() == [2, 1]
    assert index.lexical({"red": 2, "blue": 1}, 2).chunks.tolist() == [1, 2]


def test_a_chunk_has_the_score_of_its_best_window_and_a_window_all_its_chunks(index: LocalIndex) -> None:
    vectors = np.array([unit(0) * 127, unit(1) * 127], np.int8)
    owners = np.array([[0, 0], [1, 0], [1, 1]], np.int32)
    index.update(["f"], [IndexedFile("f", np.array([7, 8]), [[], []], vectors, owners)], 1)
    assert dict(zip(*(each.tolist() for each in index.dense(unit(0), 5)), strict=True)) == {7: 1.0, 8: 0.0}
    assert set(index.dense(unit(1), 5).chunks.tolist()) == {7, 8}


def test_an_update_replaces_what_was_there_of_a_file(index: LocalIndex) -> None:
    index.update(["f1", "f2"], [FIRST, SECOND], 2)
    assert not index.keeps_deleted
    index.update(["f1"], [file("f1", (9, "quince", 5))], 3)
    assert index.seq == 3
    assert index.keeps_deleted
    assert len(index.lexical({"apple": 1}, 10).chunks) == 0
    assert index.lexical({"quince": 1}, 10).chunks.tolist() == [9]
    assert set(index.dense(unit(0), 10).chunks.tolist()) == {3, 9}
    index.update(["f1", "f2"], [], 4)
    assert len(index.dense(unit(0), 10).chunks) == 0


def test_only_the_files_asked_for_are_searched(index: LocalIndex) -> None:
    many = [file(f"x{number}", (100 + number, "plum", 2)) for number in range(1500)]
    index.update([], [FIRST, SECOND, *many], 2)
    for asked, chunks in (({"f1"}, {1, 2}), ({"f2"}, {3}), (set(), set()), ({"unknown"}, set())):
        assert set(index.dense(unit(2), 50, asked).chunks.tolist()) == chunks
    assert index.lexical({"plum": 1, "apple": 1}, 10, {"f1"}).chunks.tolist() == [2, 1]
    assert len(index.lexical({"plum": 1}, 10, set()).chunks) == 0


def test_a_filter_does_not_change_scores(index: LocalIndex) -> None:
    index.update([], [FIRST, SECOND], 2)
    everything = dict(zip(*(each.tolist() for each in index.lexical({"plum": 1}, 10)), strict=True))
    assert index.lexical({"plum": 1}, 10, {"f2"}).scores.tolist() == [pytest.approx(everything[3])]


def test_windows_without_length_and_files_without_windows_do_no_harm(index: LocalIndex) -> None:
    blank = IndexedFile("b", np.array([5]), [["word"]], np.zeros((1, 384), np.int8), np.array([[0, 0]], np.int32))
    empty = IndexedFile("e", np.empty(0, np.int64), [], np.empty((0, 64), np.int8), np.empty((0, 2), np.int32))
    index.update([], [blank, empty, FIRST], 1)
    index.update(["e"], [empty], 2)
    assert set(index.dense(unit(0), 10).chunks.tolist()) == {1, 2}
    assert index.lexical({"word": 1}, 10).chunks.tolist() == [5]


def test_the_parts_of_many_small_updates_stay_few(index: LocalIndex) -> None:
    for number in range(40):
        index.update([], [file(f"f{number}", (number, f"word{number}", number))], number + 1)
    assert len(list(index.folder.glob("*.npy"))) <= 6
    for number in range(40):
        assert index.dense(unit(number), 1).chunks.tolist() == [number]
        assert index.lexical({f"word{number}": 1}, 1).chunks.tolist() == [number]


def test_an_index_opened_again_is_the_same(index: LocalIndex, tmp_path: Path) -> None:
    index.update([], [FIRST, SECOND], 7)
    again = LocalIndexes(tmp_path).open("vs", MODEL)
    assert again is not None
    assert (again.seq, again.model) == (7, MODEL)
    assert again.dense(unit(2), 1).chunks.tolist() == [3]
    assert again.lexical({"apple": 1}, 10).chunks.tolist() == [2, 1]


def test_an_open_index_writes_nothing_on_its_own(index: LocalIndex) -> None:
    index.update([], [FIRST], 1)
    lexical = index.folder / "lexical"
    time.sleep(1.0)  # once, just after it was opened, it looks at its folder
    shutil.copytree(lexical, lexical.with_name("copy"))
    shutil.rmtree(lexical)
    lexical.mkdir()
    meta = (lexical.with_name("copy") / "meta.json").read_text()
    (lexical / "meta.json").write_text(meta + " ")
    time.sleep(1.5)  # this file it would look at every half second
    assert [path.name for path in lexical.iterdir()] == ["meta.json"]


def test_another_models_index_is_replaced_by_an_empty_one(index: LocalIndex, tmp_path: Path) -> None:
    index.update([], [FIRST], 7)
    other = LocalIndexes(tmp_path).open("vs", "another")
    assert other is not None
    assert other.seq == 0
    assert not (tmp_path / "vs").exists()


def test_an_update_that_breaks_off_changes_nothing(index: LocalIndex, tmp_path: Path) -> None:
    index.update([], [FIRST], 1)

    def breaking() -> object:
        yield SECOND
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="gone"):
        index.update(["f1"], breaking(), 2)  # type: ignore[arg-type]  # a generator is an iterable
    for each in (index, LocalIndexes(tmp_path).open("vs", MODEL)):
        assert each is not None
        assert each.seq == 1
        assert each.lexical({"apple": 1, "cherry": 1}, 10).chunks.tolist() == [2, 1]
    index.update(["f2"], [SECOND], 2)
    assert index.lexical({"cherry": 1}, 10).chunks.tolist() == [3]


def test_a_renewed_index_takes_the_place_of_the_old_one_only_when_it_is_filled(tmp_path: Path) -> None:
    indexes = LocalIndexes(tmp_path)
    index = indexes.open("vs", MODEL)
    assert index is not None
    index.update([], [FIRST], 1)

    def fail(_: object) -> None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        indexes.renew("vs", fail)
    assert indexes.open("vs") is index
    indexes.renew("vs", lambda new: new.update([], [SECOND], 2))
    renewed = indexes.open("vs")
    assert renewed is not None
    assert renewed.dense(unit(2), 5).chunks.tolist() == [3]
    assert len(list((tmp_path / "vs").iterdir())) == 1


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _scribble(path: Path) -> None:
    path.write_bytes(b"\xff" * 64 + path.read_bytes()[64:])


@pytest.mark.parametrize("damage", [Path.unlink, _truncate, _scribble, lambda path: path.write_bytes(b"")])
def test_a_damaged_index_is_made_again(library: Library, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    files = [add_searchable(library, f"{word}.txt", f"This is about {word}.") for word in ("apples", "pears")]
    pristine = tmp_path / "pristine"
    _found(library, pristine)
    names = [path.relative_to(pristine) for path in pristine.rglob("*") if path.is_file()]
    assert len(names) > 8
    for number, name in enumerate(names):
        place = tmp_path / f"damaged {number}"
        shutil.copytree(pristine, place)
        damage(place / name)
        assert _found(library, place) == files[:1], name


def _found(library: Library, index_dir: Path) -> list[str]:
    search = Search(library.database, index_dir, lambda: EMBEDDER)  # type: ignore[arg-type, return-value]  # quick
    return [hit.file_id for hit in search.search(["vs_1"], ["about apples"], 1)]


KILLED = """
    import sys
    from pathlib import Path
    from desktop_app.documents.search import Search
    from desktop_app.store.blobs import Blobs
    from desktop_app.store.database import Database
    from tests.unit.documents.conftest import Library
    from tests.unit.documents.searchable import EMBEDDER, add_searchable, take_out

    root = Path(sys.argv[1])
    library = Library(Database(root / "deskside.sqlite3"), Blobs(root / "files"), count=100)
    search = Search(library.database, root / "index", lambda: EMBEDDER)
    number = 0
    while True:
        number += 1
        gone = add_searchable(library, f"gone{number}.txt", "apples that will go")
        search.search(["vs_1"], ["apples"], 10)
        take_out(library, gone)
        search.search(["vs_1"], ["apples"], 10)
        search.purge("vs_1")
        stays = add_searchable(library, f"stays{number}.txt", f"plums that stay {number}")
        print(stays, flush=True)
"""


@pytest.mark.parametrize("lines", [2, 3, 5])
def test_after_a_kill_in_mid_update_all_is_found_and_nothing_else(library: Library, lines: int) -> None:
    root = library.database.path.parent
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(root)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[4],
    ) as process:
        assert process.stdout is not None
        stays = [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
        process.wait()
        stays += process.stdout.read().split()
    assert all(stays)
    with library.database.read() as connection:
        searchable = {row.file_id for row in connection.exec_driver_sql("SELECT file_id FROM chunks")}
    search = Search(library.database, root / "index", lambda: EMBEDDER)  # type: ignore[arg-type, return-value]  # quick
    search.tidy()
    found = {hit.file_id for hit in search.search(["vs_1"], ["apples plums"], 50)}
    assert set(stays) <= found == searchable
    for file_id in found:
        take_out(library, file_id)
    assert search.search(["vs_1"], ["apples plums"], 50) == []
