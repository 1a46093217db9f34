"""Making and changing assistants: from the dialog to the service, and back into the lists."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop_app.client.errors import RefusedError
from desktop_app.window import operations
from desktop_app.window.assistants.fields import AssistantFields
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks
from desktop_app.wire.answers import READER_MODEL

if TYPE_CHECKING:
    from openai.types.beta import Assistant


class AssistantEditing:
    """Its dialogs belong to `window`."""

    def __init__(self, window: QWidget, session: Session, tasks: Tasks) -> None:
        self._window, self._session, self._tasks = window, session, tasks

    def new(self) -> None:
        self._tasks.start("assistant.new", self._open(None))

    def edit(self, assistant_id: str) -> None:
        if (assistant := self._session.assistant_of(assistant_id)) is not None:
            self._tasks.start("assistant.edit", self._open(assistant))

    async def _open(self, assistant: "Assistant | None") -> None:
        from desktop_app.window.assistants.dialog import AssistantDialog

        try:
            names = [each.id for each in await self._session.service.models.models()]
        except RefusedError:  # a provider that is down shall not keep anybody from changing an assistant
            names = [READER_MODEL]
        if assistant is None:
            fields = AssistantFields("", operations.DEFAULT_INSTRUCTIONS, names[0])
        else:
            fields = AssistantFields.of(assistant)
        dialog = AssistantDialog(names, fields, is_new=assistant is None, parent=self._window)
        dialog.wanted.connect(lambda fields: self._tasks.start("assistant.keep", self._keep(assistant, fields)))
        dialog.open()

    async def _keep(self, assistant: "Assistant | None", fields: AssistantFields) -> None:
        session = self._session
        if assistant is None:
            assistant_id = await operations.create_assistant(session.service, **fields.params())
            session.select_thread(None)
            session.select_assistant(assistant_id)
        else:
            await operations.update_assistant(session.service, assistant.id, **fields.params(assistant))
            assistant_id = assistant.id
        await operations.give_documents_to_code(session.service, assistant_id)
        await session.load_assistants()
