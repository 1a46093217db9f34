"""Which model files of the disk were added and how models are run, in the data folder's local-models.json."""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from desktop_app.settings.json_file import JsonFile


class SavedOptions(BaseModel):
    """None: chosen by itself."""

    context_tokens: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None


class SavedLocalModels(BaseModel):
    """`files`: paths by the models' ids; `options` by id too."""

    files: dict[str, str] = {}
    options: dict[str, SavedOptions] = {}


class LocalModelFile:
    """Both methods raise UnreadableFileError, `save` OSError too."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "local-models.json"
        self._file = JsonFile(self.path)

    def read(self) -> SavedLocalModels:
        try:
            return SavedLocalModels.model_validate(self._file.read())
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise self._file.unreadable(f"'{place}' is wrong ({first['msg']})") from error

    def save(self, models: SavedLocalModels) -> None:
        self._file.change(models.model_dump())
