"""What a person does to assistants and threads, one small function per action; each is awaited in a task."""

from typing import TYPE_CHECKING, Any

from desktop_app.client.connection import Connection
from desktop_app.client.errors import readable_errors
from desktop_app.window.assistants.fields import runs_code
from desktop_app.window.session import store_of
from desktop_app.wire.limits import CODE_INTERPRETER_FILES, PAGE_LIMIT_MAX

if TYPE_CHECKING:
    from openai.types.beta import Assistant

DEFAULT_INSTRUCTIONS = "Answer from the documents. Say where each fact stands. If the documents do not say it, say so."


async def create_assistant(connection: Connection, *, name: str, instructions: str, model: str, **params: Any) -> str:
    """A new assistant with an empty set of documents of its own; its id. `params`: others of its creation."""
    params.setdefault("tools", [{"type": "file_search"}])
    with readable_errors():
        store = await connection.openai.vector_stores.create(name=name)
        assistant = await connection.assistants.create(
            name=name,
            instructions=instructions,
            model=model,
            tool_resources={"file_search": {"vector_store_ids": [store.id]}},
            **params,
        )
    return assistant.id


async def update_assistant(connection: Connection, assistant_id: str, **params: Any) -> None:
    """Change what is given; tools and documents stay."""
    with readable_errors():
        await connection.assistants.update(assistant_id, **params)


async def give_documents_to_code(connection: Connection, assistant_id: str) -> None:
    """Let the code of an assistant read its newest documents, besides what it reads already; so many as it may."""
    with readable_errors():
        assistant = await connection.assistants.retrieve(assistant_id)
        store_id = store_of(assistant)
        if store_id is None or not runs_code(assistant):
            return
        newest = await connection.openai.vector_stores.files.list(store_id, limit=CODE_INTERPRETER_FILES)
        resources = assistant.tool_resources.code_interpreter if assistant.tool_resources else None
        given = list((resources.file_ids if resources else None) or ())
        ids = list(dict.fromkeys([*(file.id for file in newest.data), *given]))[:CODE_INTERPRETER_FILES]
        if set(ids) != set(given):
            await connection.assistants.update(assistant_id, tool_resources={"code_interpreter": {"file_ids": ids}})


async def delete_assistant(connection: Connection, assistant_id: str) -> None:
    """Delete an assistant, and its documents unless another assistant or set of documents has them too."""
    openai = connection.openai
    with readable_errors():
        assistants = [each async for each in connection.assistants.list(limit=PAGE_LIMIT_MAX)]
        used = {store_of(each) for each in assistants if each.id != assistant_id}
        own = next((store_of(each) for each in assistants if each.id == assistant_id), None)
        await connection.assistants.delete(assistant_id)
        if own is None or own in used:
            return
        files = await _files_of(connection, own)
        await openai.vector_stores.delete(own)
        async for store in openai.vector_stores.list(limit=PAGE_LIMIT_MAX):
            files -= await _files_of(connection, store.id)
        for file_id in files:
            await openai.files.delete(file_id)


async def _files_of(connection: Connection, store_id: str) -> set[str]:
    return {file.id async for file in connection.openai.vector_stores.files.list(store_id, limit=PAGE_LIMIT_MAX)}


async def delete_thread(connection: Connection, thread_id: str) -> None:
    """Delete a thread with its messages."""
    with readable_errors():
        await connection.threads.delete(thread_id)


async def store_for(connection: Connection, assistant: "Assistant") -> str:
    """The vector store of an assistant's documents, made and attached when it has none."""
    store_id = store_of(assistant)
    if store_id is not None:
        return store_id
    with readable_errors():
        store = await connection.openai.vector_stores.create(name=assistant.name or "Documents")
        tools = list(assistant.tools)
        if not any(tool.type == "file_search" for tool in tools):
            tools = [*tools, {"type": "file_search"}]  # type: ignore[list-item]  # the SDK takes its own objects and dicts
        await connection.assistants.update(
            assistant.id,
            tools=tools,  # type: ignore[arg-type]  # likewise
            tool_resources={"file_search": {"vector_store_ids": [store.id]}},
        )
    return store.id
