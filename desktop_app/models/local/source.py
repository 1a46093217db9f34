"""The models of this computer as a source of answers, and all that can be done with them."""

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from desktop_app.models.base import Model, ModelError
from desktop_app.models.local.catalogue import catalogue
from desktop_app.models.local.downloads import Downloads
from desktop_app.models.local.host import ModelHost
from desktop_app.models.local.library import Installed, ModelLibrary, Unusable
from desktop_app.models.source import THIS_COMPUTER, ListedModel, Listing
from desktop_app.settings.local_models import LocalModelFile
from desktop_app.wire.errors import ApiError, not_found
from desktop_app.wire.models import CatalogueEntry, Download, LocalModel, LocalModels, LocalOptions

_NOT_HERE = (
    "The part that runs language models on this computer (xllamacpp) is missing: there is none for this system, or "
    "Deskside was installed without it. Install Deskside again, or connect to a provider."
)


class LocalSource:
    """Belongs to the event loop. See `models.source.Source`.

    `changed(id)` is called from any thread when a model, or the download of one, has changed. Methods raise ApiError.
    """

    id = "local"
    name = "Local models"
    where = THIS_COMPUTER
    runs_here = True

    def __init__(self, folder: Path, data_dir: Path, idle_s: float, changed: Callable[[str], None]) -> None:
        self._library = ModelLibrary(folder, LocalModelFile(data_dir), catalogue())
        self._host = ModelHost(idle_s, changed)
        self._downloads = Downloads(folder, catalogue(), changed)
        self._changed = changed

    async def listing(self, *, refresh: bool = False) -> Listing:
        """Those that can be loaded."""
        if not _is_available():
            return Listing()
        models = await asyncio.to_thread(self._library.models)
        return Listing([_listed(model) for model in models if isinstance(model, Installed)])

    async def model(self, name: str) -> Model:
        """Raises ModelError."""
        if not _is_available():
            raise ModelError(_NOT_HERE, "server_error")
        try:
            installed = await asyncio.to_thread(self._library.find, name)
        except ApiError as error:
            raise ModelError(error.message, "server_error") from error
        from desktop_app.models.local.model import GgufModel  # it takes the SDK, which a start has no need of

        return GgufModel(self._host, installed)

    async def overview(self) -> LocalModels:
        models = await asyncio.to_thread(self._library.models)
        return LocalModels(
            models=[self._shown(model) for model in models],
            catalogue=[
                CatalogueEntry(**known.model_dump(include=set(CatalogueEntry.model_fields))) for known in catalogue()
            ],
            downloads=await asyncio.to_thread(self._downloads.states),
            available=_is_available(),
            reason="" if _is_available() else _NOT_HERE,
        )

    async def add(self, path: Path) -> LocalModel:
        """A .gguf file of this machine, used where it is."""
        added = await asyncio.to_thread(self._library.add, path)
        self._changed(added.id)
        return self._shown(added)

    async def remove(self, model_id: str) -> None:
        """Forget a file that was added, which stays where it is; delete one of the models folder."""
        if self._host.answers(model_id):
            raise ApiError("This model is answering a question. Stop it, or wait until it is done; then remove it.")
        await self._host.unload(model_id)
        await asyncio.to_thread(self._library.remove, model_id)

    async def set_options(self, model_id: str, options: LocalOptions) -> LocalModel:
        """They hold from the next question on."""
        await asyncio.to_thread(self._library.set_options, model_id, options)
        self._host.forget_failure(model_id)
        self._changed(model_id)
        return self._shown(await asyncio.to_thread(self._library.find, model_id))

    def start_download(self, catalogue_id: str) -> Download:
        """Fetch a model of the catalogue, or go on with it."""
        try:
            return self._downloads.start(catalogue_id)
        except KeyError as error:
            raise not_found("model of the catalogue", catalogue_id) from error

    def cancel_download(self, catalogue_id: str) -> Download:
        """Give a download up, with what came of it."""
        try:
            return self._downloads.cancel(catalogue_id)
        except KeyError as error:
            raise not_found("download", catalogue_id) from error

    async def close(self) -> None:
        await self._host.close()

    def _shown(self, model: Installed | Unusable) -> LocalModel:
        common = LocalModel(id=model.id, name=model.name, path=str(model.path), bytes=model.bytes)
        if isinstance(model, Unusable):
            return common.model_copy(update={"state": "failed", "error": model.error})
        state, error = self._host.state(model.id)
        return common.model_copy(
            update={
                "licence": model.licence,
                "context_tokens": model.header.context_tokens,
                "state": state,
                "error": error,
                "options": model.options,
                "chosen": self._host.chosen_for(model.id),
            }
        )


def _listed(model: Installed) -> ListedModel:
    return ListedModel(
        name=model.id,
        owned_by=THIS_COMPUTER,
        context_tokens=model.header.context_tokens,
        input_price=0.0,
        output_price=0.0,
        sees_images=False,
        calls_tools=model.header.calls_tools,
    )


def _is_available() -> bool:
    return find_spec("xllamacpp") is not None
