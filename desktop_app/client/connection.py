"""One service as a client sees it: the official SDK pointed at it, and the calls for our extensions.

The SDK is imported at the first use, not with this module: that takes up to a second, and the window paints first.
"""

import gc
import warnings
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.resources.beta.assistants import AsyncAssistants
    from openai.resources.beta.threads import AsyncThreads

    from desktop_app.client.code import Code
    from desktop_app.client.extensions import Extensions
    from desktop_app.client.models import Models

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Connection:
    """The service at `base_url` (ending in `/v1`), spoken to with `api_key`; holds no socket until it is used."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.base_url = base_url
        self._api_key = api_key

    @cached_property
    def openai(self) -> "AsyncOpenAI":
        """The SDK's client; the first touch imports the SDK."""
        from openai import AsyncOpenAI, DefaultAsyncHttpx2Client, Timeout

        # The protocol of this service is the Assistants API, so the SDK's advice to leave it is of no use here.
        for message in ("The Assistants API is deprecated", "deprecated$"):
            warnings.filterwarnings("ignore", message=message, category=DeprecationWarning)
        timeout = Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        # What stays on this machine does not go through the proxy that the environment may name.
        on_this_machine = urlsplit(self.base_url).hostname in LOOPBACK
        return AsyncOpenAI(
            base_url=self.base_url,
            api_key=self._api_key,
            http_client=DefaultAsyncHttpx2Client(trust_env=not on_this_machine, timeout=timeout),
            timeout=timeout,
        )

    # `openai.beta` would import every beta resource there is at its first touch: 0.1 s on the UI thread.

    @cached_property
    def assistants(self) -> "AsyncAssistants":
        from openai.resources.beta.assistants import AsyncAssistants

        return AsyncAssistants(self.openai)

    @cached_property
    def threads(self) -> "AsyncThreads":
        from openai.resources.beta.threads import AsyncThreads

        return AsyncThreads(self.openai)

    @cached_property
    def threads_once(self) -> "AsyncThreads":
        """The same without retries: what is asked must not be asked twice."""
        from openai.resources.beta.threads import AsyncThreads

        return AsyncThreads(self.openai.with_options(max_retries=0))

    @cached_property
    def extensions(self) -> "Extensions":
        """Typed calls for what Deskside adds to the protocol."""
        from desktop_app.client.extensions import Extensions

        return Extensions(self.openai)

    @cached_property
    def models(self) -> "Models":
        """Typed calls for providers, routing and local models."""
        from desktop_app.client.models import Models

        return Models(self.openai)

    @cached_property
    def code(self) -> "Code":
        """Typed calls for code that the person runs, and for its sandbox."""
        from desktop_app.client.code import Code

        return Code(self.openai)

    def prepare(self) -> None:
        """Make the client now (certificates are read, 0.1 s); for a thread."""
        _ = self.extensions, self.models

    async def close(self) -> None:
        """Close the connections that were opened."""
        if "openai" in self.__dict__:
            await self.openai.close()


def load_sdk() -> None:
    """Import what a conversation needs of the SDK; for a thread, while the window is already shown."""
    gc.disable()  # the SDK's thousands of classes stay: looking for garbage among them takes a sixth of the time
    try:
        import openai.resources.beta.assistants
        import openai.resources.beta.threads
        import openai.resources.vector_stores
        import openai.types.beta.assistant_stream_event  # noqa: F401  # a stream would import it
    finally:
        gc.freeze()
        gc.enable()
