"""The providers that were set up and which model answers which name, in the data folder's settings.json.

Never a key: those are in `provider_keys`.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from desktop_app.settings.json_file import JsonFile

_Shape = TypeVar("_Shape")

PROVIDER_ID = r"^[a-z0-9][a-z0-9-]{0,39}$"
ENVIRONMENT = "environment"
"""The id of the provider that DESKSIDE_PROVIDER_URL names; it is in no file."""
RESERVED_IDS = (ENVIRONMENT, "local", "deskside")
"""What names other sources of answers."""


class SavedProvider(BaseModel):
    """A provider as the file has it; fields of a later version are kept."""

    model_config = ConfigDict(extra="allow")

    id: Annotated[str, Field(pattern=PROVIDER_ID)]
    name: str
    kind: str = "other"
    base_url: str
    wire: Literal["responses", "chat"] = "chat"


class SavedRouting(BaseModel):
    """`default_model` None: nobody has chosen yet."""

    model_config = ConfigDict(extra="allow")

    default_model: str | None = None
    names: dict[str, str] = {}


class ProviderFile:
    """Every method raises UnreadableFileError; the saving ones raise OSError too."""

    def __init__(self, data_dir: Path) -> None:
        self._file = JsonFile(data_dir / "settings.json")

    def providers(self) -> list[SavedProvider]:
        """In the order in which they were set up."""
        return self._read("providers", TypeAdapter(list[SavedProvider]), [])

    def save_providers(self, providers: Sequence[SavedProvider]) -> None:
        self._file.change({"providers": [provider.model_dump() for provider in providers]})

    def routing(self) -> SavedRouting:
        return self._read("routing", TypeAdapter(SavedRouting), SavedRouting())

    def save_routing(self, routing: SavedRouting) -> None:
        self._file.change({"routing": routing.model_dump()})

    def _read(self, name: str, shape: TypeAdapter[_Shape], default: _Shape) -> _Shape:
        content = self._file.read()
        if name not in content:
            return default
        try:
            return shape.validate_python(content[name])
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in (name, *first["loc"]))
            raise self._file.unreadable(f"'{place}' is wrong ({first['msg']})") from error


def is_provider_id(text: str) -> bool:
    return re.fullmatch(PROVIDER_ID, text) is not None and text not in RESERVED_IDS
