"""Which GGUF files are there, how they are called, and how they are run."""

from pathlib import Path

import psutil
import pytest

from desktop_app.models.local.catalogue import catalogue
from desktop_app.models.local.gguf import read_header
from desktop_app.models.local.library import Installed, ModelLibrary, Unusable
from desktop_app.models.local.options import LEAST_CONTEXT, USUAL_CONTEXT, choose, physical_cores
from desktop_app.settings.local_models import LocalModelFile
from desktop_app.wire.errors import ApiError
from desktop_app.wire.models import LocalOptions
from tests.support.gguf import FIELDS, gguf


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


@pytest.fixture
def library(models: Path) -> ModelLibrary:
    return opened(models)


def opened(models: Path) -> ModelLibrary:
    return ModelLibrary(models, LocalModelFile(models.parent), catalogue())


def made(path: Path, content: bytes = gguf()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_files_of_the_models_folder_are_there_by_themselves(models: Path, library: ModelLibrary) -> None:
    made(models / "My Model (Q4_K_M).gguf")
    made(models / catalogue()[0].file)
    made(models / "notes.txt")
    made(models / "unfinished.gguf.whole.part")
    named = {model.id: model.name for model in library.models()}
    assert named == {"my-model-q4-k-m": "My Model (Q4_K_M)", catalogue()[0].id: catalogue()[0].name}


def test_a_file_of_the_disk_is_added_by_its_path_and_stays_there(tmp_path: Path, models: Path) -> None:
    path = made(tmp_path / "elsewhere" / "Tiny.gguf")
    added = opened(models).add(path)
    assert (added.id, added.name, added.path, added.bytes) == ("tiny", "Tiny", path, path.stat().st_size)
    assert opened(models).find("tiny") == added
    opened(models).remove("tiny")
    assert opened(models).models() == []
    assert path.exists()


def test_the_same_file_is_added_once_and_another_of_its_name_gets_an_id_of_its_own(
    tmp_path: Path, library: ModelLibrary
) -> None:
    first, second = made(tmp_path / "a" / "tiny.gguf"), made(tmp_path / "b" / "tiny.gguf")
    assert [library.add(path).id for path in (first, first, second, second)] == ["tiny", "tiny", "tiny-2", "tiny-2"]
    (tmp_path / "c").symlink_to(tmp_path / "a")
    assert library.add(tmp_path / "c" / "tiny.gguf").id == "tiny"


@pytest.mark.parametrize("path", ["tiny.gguf", "", "~/tiny.gguf", "/nul\0.gguf", "/not/there.gguf", "/" + "x" * 4000])
def test_what_is_no_file_is_not_added(library: ModelLibrary, path: str) -> None:
    with pytest.raises(ApiError) as refused:
        library.add(Path(path))
    assert (refused.value.status, refused.value.param) == (400, "path")


def test_a_truncated_file_is_not_added_and_says_why_where_it_lies_in_the_folder(
    tmp_path: Path, models: Path, library: ModelLibrary
) -> None:
    with pytest.raises(ApiError, match=r"tiny\.gguf is not whole"):
        library.add(made(tmp_path / "tiny.gguf", gguf(missing=10)))
    made(models / "broken.gguf", gguf(missing=10))
    (broken,) = library.models()
    assert isinstance(broken, Unusable)
    assert "10 bytes are missing" in broken.error
    with pytest.raises(ApiError, match="10 bytes are missing"):
        library.find("broken")
    made(models / "broken.gguf")
    assert isinstance(library.find("broken"), Installed)


def test_a_file_that_went_away_says_so(tmp_path: Path, library: ModelLibrary) -> None:
    path = made(tmp_path / "tiny.gguf")
    library.add(path)
    path.unlink()
    (gone,) = library.models()
    assert isinstance(gone, Unusable)
    assert gone.error == f"There is no file {path}."


def test_a_model_of_the_folder_is_deleted_with_its_file(models: Path, library: ModelLibrary) -> None:
    path = made(models / "tiny.gguf")
    library.remove("tiny")
    assert not path.exists()
    with pytest.raises(ApiError) as refused:
        library.remove("tiny")
    assert refused.value.status == 404


def test_options_are_kept(models: Path, library: ModelLibrary) -> None:
    made(models / "tiny.gguf")
    library.set_options("tiny", LocalOptions(threads=3))
    assert opened(models).find("tiny").options == LocalOptions(threads=3)
    library.set_options("tiny", LocalOptions())
    assert opened(models).find("tiny").options == LocalOptions()
    with pytest.raises(ApiError, match="no local model 'other'"):
        library.set_options("other", LocalOptions())


@pytest.mark.parametrize("content", ["{", "[]", '{"files": {"a": 1}}', '{"options": {"a": {"threads": "many"}}}'])
def test_a_broken_file_of_settings_is_named_and_left_alone(models: Path, library: ModelLibrary, content: str) -> None:
    path = models.parent / "local-models.json"
    path.write_text(content)
    with pytest.raises(ApiError, match=r"local-models\.json can't be read"):
        library.models()
    with pytest.raises(ApiError, match=r"local-models\.json can't be read"):
        library.add(made(models.parent / "tiny.gguf"))
    assert path.read_text() == content


def test_the_context_is_what_the_model_reads_and_the_memory_holds(tmp_path: Path) -> None:
    def chosen(context: int, heads: int) -> int:
        fields = FIELDS | {"llama.context_length": context, "llama.block_count": 1}
        header = read_header(made(tmp_path / "m.gguf", gguf(fields | {"llama.attention.head_count_kv": heads})))
        return choose(header, 0, LocalOptions()).context_tokens

    assert chosen(4096, 1) == 4096
    assert chosen(1_000_000, 1) == USUAL_CONTEXT
    assert chosen(1_000_000, 1_000_000_000) == LEAST_CONTEXT
    assert chosen(512, 1_000_000_000) == 512
    room = psutil.virtual_memory().total // (10_000 * 2 * 32)
    assert LEAST_CONTEXT <= chosen(1_000_000, room) <= 10_000


def test_what_a_person_has_set_is_not_chosen(tmp_path: Path) -> None:
    header = read_header(made(tmp_path / "m.gguf"))
    options = LocalOptions(context_tokens=300, threads=7, gpu_layers=5)
    chosen = choose(header, 1 << 50, options)
    assert (chosen.context_tokens, chosen.threads, chosen.gpu_layers) == (300, 7, 5)
    assert 1 <= physical_cores() <= (psutil.cpu_count() or 1)
