"""The types of the objects that routes answer with, most of them the SDK's own, for the OpenAPI page.

A module apart, as `params` is, because the SDK takes its time to import.
"""

from typing import Generic, Literal, TypeVar

from openai.types import FileObject as KnownFileObject
from openai.types import Model
from openai.types import Upload as KnownUpload
from openai.types import VectorStore as NamedVectorStore
from openai.types.beta import Assistant, Thread
from openai.types.beta.threads import Message, Run
from openai.types.beta.threads.runs import RunStep
from openai.types.uploads import UploadPart
from openai.types.vector_store_search_response import VectorStoreSearchResponse
from openai.types.vector_stores import FileContentResponse, VectorStoreFile, VectorStoreFileBatch
from pydantic import BaseModel

_Item = TypeVar("_Item")


class VectorStore(NamedVectorStore):
    """The SDK says that a store has a name; in fact it may have none."""

    name: str | None = None  # type: ignore[assignment]  # wider than the SDK's, on purpose


class FileObject(KnownFileObject):
    """The SDK's list of purposes lacks some that a file may be given."""

    purpose: str  # type: ignore[assignment]  # likewise


class Upload(KnownUpload):
    file: FileObject | None = None  # likewise


class Listed(BaseModel, Generic[_Item]):
    """A page of a list; the ids are null when it is empty."""

    object: Literal["list"]
    data: list[_Item]
    first_id: str | None
    last_id: str | None
    has_more: bool


class Models(BaseModel):
    object: Literal["list"]
    data: list[Model]


class SearchPage(BaseModel):
    object: Literal["vector_store.search_results.page"]
    search_query: list[str]
    data: list[VectorStoreSearchResponse]
    has_more: bool
    next_page: str | None


class ContentPage(BaseModel):
    object: Literal["vector_store.file_content.page"]
    data: list[FileContentResponse]
    has_more: bool
    next_page: str | None


class StreamEvent(BaseModel):
    """One server-sent event; `data` is the JSON of an object."""

    event: str
    data: str


class Deleted(BaseModel):
    id: str
    object: str
    deleted: Literal[True]


class ErrorDetails(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class Error(BaseModel):
    """Every refusal and every failure."""

    error: ErrorDetails


OBJECTS: dict[str, type[BaseModel]] = {
    "/v1/assistants": Assistant,
    "/v1/threads": Thread,
    "/v1/threads/runs": Run,
    "/v1/threads/{thread_id}/messages": Message,
    "/v1/threads/{thread_id}/runs": Run,
    "/v1/threads/{thread_id}/runs/{run_id}/steps": RunStep,
    "/v1/files": FileObject,
    "/v1/uploads": Upload,
    "/v1/uploads/{upload_id}/parts": UploadPart,
    "/v1/models": Model,
    "/v1/vector_stores": VectorStore,
    "/v1/vector_stores/{vector_store_id}/files": VectorStoreFile,
    "/v1/vector_stores/{vector_store_id}/file_batches": VectorStoreFileBatch,
    "/v1/deskside/vector_stores/{vector_store_id}/files": VectorStoreFile,
}
"""What a collection holds: the collection lists it and makes it, the paths below answer one."""

OTHERS: dict[str, type[BaseModel]] = {
    "/v1/models": Models,
    "/v1/vector_stores/{vector_store_id}/search": SearchPage,
    "/v1/vector_stores/{vector_store_id}/files/{file_id}/content": ContentPage,
    "/v1/vector_stores/{vector_store_id}/file_batches/{batch_id}/files": Listed[VectorStoreFile],
}
"""Answers that are not an object of the collection, or a list of those."""

BYTES = ("/v1/files/{file_id}/content",)
STREAMS = ("/v1/deskside/events",)
"""Answers that are no JSON; a run's is a stream if the request says so."""


def answer_type(method: str, path: str) -> type[BaseModel] | None:
    """The type of what an operation answers with; None where FastAPI knows it, or where it isn't JSON."""
    if method == "DELETE":
        return Deleted
    if path in OTHERS:
        return OTHERS[path]
    collection = max((each for each in OBJECTS if path == each or path.startswith(f"{each}/")), key=len, default=None)
    if collection is None or path in BYTES:
        return None
    made = OBJECTS[collection]
    return Listed[made] if method == "GET" and path == collection else made  # type: ignore[valid-type]  # built at run time
