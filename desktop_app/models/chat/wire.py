"""Chat Completions as a wire."""

from desktop_app.models.chat.body import STRICT_FORMATS, chat_body
from desktop_app.models.chat.reading import ChatReading
from desktop_app.models.remote.wire import Wire

CHAT = Wire(
    name="Chat Completions",
    path="/chat/completions",
    optional=(
        "stream_options",
        "parallel_tool_calls",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "reasoning_effort",
        *STRICT_FORMATS,
        "response_format",
    ),
    body=chat_body,
    reading=ChatReading,
)
