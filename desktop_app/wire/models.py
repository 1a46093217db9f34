"""What our own routes say about where answers come from: providers, their models, and local models.

No object here ever holds a key: `KeyState` says where one is kept and how it ends.
"""

from typing import Literal

from pydantic import BaseModel, SecretStr

Wire = Literal["responses", "chat"]
"""How a provider is spoken to: OpenAI's Responses API, or Chat Completions."""

Dialect = Literal["openai", "azure", "openrouter", "ollama", "lmstudio", "vllm", "llamacpp", "other"]
"""What kind of provider it is: decides its defaults."""


class KeyState(BaseModel):
    """Where a provider's key is. `ending`: its last four characters, "" for a short key."""

    place: Literal["none", "keyring", "session", "environment"] = "none"
    ending: str = ""


class Preset(BaseModel):
    """What a new provider of this kind begins with. `key_page`: where a key is made; "" where none is needed."""

    kind: Dialect
    name: str
    base_url: str
    wire: Wire
    needs_key: bool
    key_page: str = ""
    hint: str = ""


class Provider(BaseModel):
    """A provider as it is set up. `id` is short, lower case, without "/": "openai", "ollama", "company-2".

    `runs_here`: its address is this machine's own, so no question leaves it.
    """

    object: Literal["deskside.provider"] = "deskside.provider"
    id: str
    name: str
    kind: Dialect = "other"
    base_url: str
    wire: Wire = "chat"
    key: KeyState = KeyState()
    runs_here: bool = False


class ProviderChange(BaseModel):
    """Body of `PUT /v1/deskside/providers/{id}` and of a connection test. `key`: None keeps the present one."""

    name: str = ""
    kind: Dialect = "other"
    base_url: str
    wire: Wire = "chat"
    key: SecretStr | None = None


class ProviderList(BaseModel):
    """`GET /v1/deskside/providers`: those that are set up, and what a new one can begin with."""

    data: list[Provider] = []
    presets: list[Preset] = []


class ConnectionTest(BaseModel):
    """What became of a try. `message` says in a sentence what is wrong, `remedy` what to do; "" when all is well."""

    object: Literal["deskside.connection_test"] = "deskside.connection_test"
    ok: bool
    message: str
    remedy: str = ""
    models: list[str] = []


class FoundServer(BaseModel):
    """A model server that was found running on this machine and is not set up yet."""

    kind: Dialect
    name: str
    base_url: str
    models: list[str] = []


class FoundServers(BaseModel):
    """`GET /v1/deskside/providers/found`."""

    data: list[FoundServer] = []


class ModelExtension(BaseModel):
    """`model.deskside` in `GET /v1/models`. `id` there is "provider/name", or the plain name of the default provider.

    `context_tokens` 0 and prices None: unknown. Prices are US dollars per million tokens. `where` is what a person
    calls the place a question goes to: "this computer", or the provider's name and host.

    `GET /v1/deskside/routing/answer?model=NAME` answers the same for the model that a question to NAME would reach
    now, whatever kind of name it is: the window says it before anything is sent. `GET /v1/models?refresh=true` asks
    the providers again instead of answering what they said last.
    """

    provider_id: str
    provider_name: str
    name: str
    where: str
    runs_here: bool
    context_tokens: int = 0
    input_price: float | None = None
    output_price: float | None = None
    sees_images: bool | None = None
    calls_tools: bool | None = None
    is_stale: bool = False
    """The provider does not answer now: this is what it said last."""


class Routing(BaseModel):
    """Which model answers which name: `GET` and `PUT /v1/deskside/routing`.

    `default_model` answers the names that nobody else does; "" is the reader. `names` maps what programs ask for
    ("gpt-4-turbo") to a model of ours ("ollama/llama3.2").
    """

    object: Literal["deskside.routing"] = "deskside.routing"
    default_model: str = ""
    names: dict[str, str] = {}


class CatalogueEntry(BaseModel):
    """A local model that can be downloaded. `bytes` of the file, `licence` by its SPDX name where it has one."""

    id: str
    name: str
    good_for: str
    bytes: int
    licence: str
    source: str


class Download(BaseModel):
    """A model file on its way. `error` is a sentence with its remedy when `state` is failed."""

    state: Literal["waiting", "fetching", "checking", "ready", "failed", "cancelled"] = "waiting"
    bytes_done: int = 0
    bytes_total: int = 0
    error: str = ""


class LocalOptions(BaseModel):
    """How a GGUF model is run; None: chosen by itself."""

    context_tokens: int | None = None
    threads: int | None = None
    gpu_layers: int | None = None


class LocalModel(BaseModel):
    """A GGUF file that can answer, as "local/<id>". `state` running: its process has it in memory now.

    `context_tokens` is the most that the model itself can read; `chosen` says how it runs, while it does (`gpu_layers`
    -1: as many as fit).
    """

    object: Literal["deskside.local_model"] = "deskside.local_model"
    id: str
    name: str
    path: str
    bytes: int
    licence: str = ""
    context_tokens: int = 0
    state: Literal["stopped", "loading", "running", "failed"] = "stopped"
    error: str = ""
    options: LocalOptions = LocalOptions()
    chosen: LocalOptions | None = None


class LocalModels(BaseModel):
    """`GET /v1/deskside/local-models`. `downloads` by catalogue id."""

    object: Literal["deskside.local_models"] = "deskside.local_models"
    models: list[LocalModel] = []
    catalogue: list[CatalogueEntry] = []
    downloads: dict[str, Download] = {}
    available: bool = True
    reason: str = ""
    """Why local models can't run here, when they can't."""
