"""The short list of models that can be downloaded (`resources/models.json`)."""

from functools import cache

from pydantic import BaseModel, TypeAdapter

from desktop_app.settings.paths import resources_dir
from desktop_app.wire.models import CatalogueEntry


class InWheel(BaseModel):
    """The wheel of the Python package index that holds a model's file."""

    project: str
    file: str
    folder: str


class Known(CatalogueEntry):
    """`file`: its name in the models folder. `bytes` is exact where a `sha256` stands, else about right.

    Without a `wheel` the file is at `source`.
    """

    file: str
    sha256: str = ""
    wheel: InWheel | None = None


@cache
def catalogue() -> tuple[Known, ...]:
    return TypeAdapter(tuple[Known, ...]).validate_json((resources_dir() / "models.json").read_bytes())
