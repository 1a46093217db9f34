"""Where a provider is, and how it is reached."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from desktop_app.models.base import ModelError

BEARER = "Authorization"
ENVIRONMENT_PLACE = "the environment: DESKSIDE_PROVIDER_URL and DESKSIDE_PROVIDER_KEY"


@dataclass(frozen=True)
class Endpoint:
    """An address with its key; making one raises ModelError where the address or the key can be none.

    `key_header` is where the key goes: as a bearer token by default, else as the header's value (Azure: "api-key").
    `headers` and `query` go with every request. `ca_file` holds certificates to trust (PEM) besides the usual
    ones. `set_in` is what a person calls the place where address and key are entered.

    Proxies and certificates of the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE) are respected, except by what
    runs here.
    """

    base_url: str
    key: str = field(default="", repr=False)
    key_header: str = BEARER
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    set_in: str = ENVIRONMENT_PLACE

    def __post_init__(self) -> None:
        if not _is_web_address(self.base_url):
            raise ModelError(
                f"The provider's address is no web address. Write it like http://localhost:11434/v1 ({self.set_in}).",
                "server_error",
            )
        if not (self.key.isascii() and self.key.isprintable()):
            raise ModelError(
                "The provider's key holds characters that no key has, such as line ends. Enter it again "
                f"({self.set_in}).",
                "server_error",
            )

    @property
    def host(self) -> str:
        """Where the address leads, without the name and password that it may hold."""
        return self.base_url.rpartition("://")[2].partition("/")[0].rpartition("@")[2]

    @property
    def own_headers(self) -> dict[str, str]:
        """`headers`, and the key in its own."""
        key = {self.key_header: f"Bearer {self.key}" if self.key_header == BEARER else self.key}
        return {**self.headers, **(key if self.key else {})}

    @property
    def runs_here(self) -> bool:
        """Whether the address is this machine's own."""
        return is_this_machine(urlsplit(self.base_url).hostname or "")


def is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that don't close, or a port beyond 65535
        return False
