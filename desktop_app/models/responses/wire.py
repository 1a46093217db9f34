"""Responses as a wire."""

from desktop_app.models.remote.wire import Wire
from desktop_app.models.responses.body import OPTIONAL, responses_body
from desktop_app.models.responses.reading import ResponsesReading

RESPONSES = Wire(
    name="Responses",
    path="/responses",
    optional=OPTIONAL,
    body=responses_body,
    reading=ResponsesReading,
    instead="Many servers know Chat Completions only: let the provider be spoken to so "
    "(its wire in Settings, or DESKSIDE_PROVIDER_WIRE=chat). If it does know Responses, check the model's name and "
    "the provider's address.",
)
