"""The conversation: messages of any number and length, streamed Markdown, citation chips, selection."""

from desktop_app.window.conversation.items import CitationMark, MessageItem
from desktop_app.window.conversation.view import ConversationView

__all__ = ["CitationMark", "ConversationView", "MessageItem"]
