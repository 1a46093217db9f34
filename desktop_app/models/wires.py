"""The wires by the names that settings and providers have for them."""

from collections.abc import Mapping

from desktop_app.models.chat.wire import CHAT
from desktop_app.models.remote import wire as remote
from desktop_app.models.responses.wire import RESPONSES
from desktop_app.wire.models import Wire

WIRES: Mapping[Wire, remote.Wire] = {"chat": CHAT, "responses": RESPONSES}
