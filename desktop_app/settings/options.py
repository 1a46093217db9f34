"""Settings, declared once with type, default and help: from the environment, else from `settings.json`."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from desktop_app.settings.given_keys import PROVIDER_VARIABLE, SERVICE_VARIABLE, given_key


class Settings(BaseSettings):
    """Read with `Settings.load(data_dir)`; an environment variable `DESKSIDE_<NAME>` wins over the file.

    Keys are taken from the environment or the keyring and never from, or to, a file.
    """

    model_config = SettingsConfigDict(env_prefix="DESKSIDE_", extra="ignore")

    api_key: SecretStr | None = Field(None, description="The key that the service demands of its clients.")
    provider_url: str = Field("", description="Base URL of an OpenAI-compatible provider; empty: the reader.")
    provider_key: SecretStr | None = Field(None, description="The provider's key.")
    provider_wire: Literal["chat", "responses"] = Field("chat", description="How the provider is spoken to.")
    provider_first_word_timeout_s: float = Field(
        180.0, gt=0, description="Longest time until the provider's answer begins, in seconds."
    )
    provider_timeout_s: float = Field(
        60.0, gt=0, description="Longest silence of the provider within an answer, in seconds."
    )
    provider_retries: int = Field(
        3, ge=0, le=10, description="How often a provider that refuses for the moment is asked again."
    )
    ca_file: str = Field(
        "", description="A PEM file of certificates to trust when a provider is asked, besides the system's."
    )
    local_model_idle_s: float = Field(
        600.0, gt=0, description="After how many seconds without a question a local model leaves the memory."
    )
    model_server_ports: tuple[int, ...] = Field(
        (11434, 1234, 8080, 8000),
        description="Ports of this machine where running model servers are looked for (Ollama, LM Studio, llama.cpp, "
        "vLLM).",
    )
    run_timeout_s: int = Field(
        600, ge=1, le=86_400, description="After how many seconds a run expires, functions included."
    )
    file_search: Literal["auto", "model", "always"] = Field(
        "auto",
        description="auto: search first where the model can't call tools; model: it decides; always: search first.",
    )
    parse_timeout_s: float = Field(120.0, gt=0, description="Longest time for reading one file, in seconds.")
    parse_memory_mb: int = Field(1500, ge=256, description="Most memory for reading one file, in megabytes.")
    ingest_workers: int = Field(2, ge=1, le=16, description="How many files are read at the same time.")
    code_timeout_s: float = Field(60.0, gt=0, le=600, description="Longest time for one piece of code, in seconds.")
    code_idle_minutes: float = Field(60.0, gt=0, description="How long an unused code session is kept, in minutes.")
    code_sessions: int = Field(4, ge=1, le=64, description="How many code sessions live at the same time.")
    code_memory_mb: int = Field(2048, ge=1024, description="Most memory of a code session, in megabytes.")
    code_file_mb: int = Field(256, ge=1, description="Largest file that code may write, in megabytes.")
    code_disk_mb: int = Field(1024, ge=16, description="Most disk space of a code session, in megabytes.")

    @classmethod
    def load(cls, data_dir: Path) -> "Settings":
        """The settings for a data folder; raises pydantic's ValidationError naming the field that is wrong."""

        class FromFolder(cls):  # type: ignore[valid-type, misc]  # a subclass bound to this folder's file
            @classmethod
            def settings_customise_sources(
                cls,
                settings_cls: type[BaseSettings],
                init_settings: PydanticBaseSettingsSource,
                env_settings: PydanticBaseSettingsSource,
                dotenv_settings: PydanticBaseSettingsSource,
                file_secret_settings: PydanticBaseSettingsSource,
            ) -> tuple[PydanticBaseSettingsSource, ...]:
                file_settings = _WithoutKeys(settings_cls, data_dir / "settings.json")
                return init_settings, env_settings, file_settings

        keys = {"api_key": given_key(SERVICE_VARIABLE), "provider_key": given_key(PROVIDER_VARIABLE)}
        return FromFolder(**{name: key for name, key in keys.items() if key})


class _WithoutKeys(JsonConfigSettingsSource):
    """The settings file, in which a key does not count: keys rest in the keyring only."""

    def __call__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__call__().items() if name not in ("api_key", "provider_key")}
