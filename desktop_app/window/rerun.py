"""Code of the conversation run again by the person, in the session of its thread; what comes of it is not kept."""

from dataclasses import replace
from pathlib import PurePosixPath

from desktop_app.client.errors import ClientError
from desktop_app.window.conversation.code import cell_markdown
from desktop_app.window.conversation.items import MessageItem, ProducedFile
from desktop_app.window.conversation.view import ConversationView
from desktop_app.window.notices import Level, Notice, Notices
from desktop_app.window.session import Session
from desktop_app.window.tasks import Tasks


class Rerun:
    """Does what `view` asks for with the code in it."""

    def __init__(self, session: Session, tasks: Tasks, view: ConversationView, notices: Notices) -> None:
        self._session, self._tasks, self._view, self._notices = session, tasks, view, notices
        view.run_clicked.connect(self.run)
        view.stop_clicked.connect(lambda item: tasks.cancel(_name(item)))

    def run(self, item: MessageItem) -> None:
        """Run the code of an item of the thread that is shown."""
        if self._session.thread_id is not None:
            self._tasks.start(_name(item), self._run(self._session.thread_id, item))

    async def _run(self, thread_id: str, item: MessageItem) -> None:
        """The item shows what came of it; when it is stopped, what it showed before."""
        ended = item
        self._view.replace(replace(item, status="in_progress", text=cell_markdown(item.code, "")))
        try:
            cell = await self._session.service.code.run(thread_id, item.code)
            files = tuple(ProducedFile(file.file_id, PurePosixPath(file.name).name) for file in cell.files)
            ended = replace(
                item,
                text=cell_markdown(item.code, "\n".join([cell.logs, *cell.notes]), cell.tables),
                status="completed" if cell.outcome == "ok" else "stopped",
                seconds=round(cell.seconds),
                pictures=tuple(cell.images),
                files=files,
                tables=tuple(cell.tables),
            )
        except ClientError as error:
            self._notices.report(Notice(f"The code could not be run: {error}", Level.WARNING, topic="code"))
        finally:
            self._view.replace(ended)


def _name(item: MessageItem) -> str:
    return f"code.{item.id}"
