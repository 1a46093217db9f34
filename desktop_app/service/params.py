"""The requests' types, most of them the SDK's own; a module apart, because they take 0.6 s to import.

Routes name them (`Body("RunCreateParams")`); `Rooms` imports this soon after the start, when nobody waits for it.
"""

from typing import Required

from openai.types.beta.assistant_create_params import AssistantCreateParams
from openai.types.beta.assistant_update_params import AssistantUpdateParams
from openai.types.beta.thread_create_and_run_params import ThreadCreateAndRunParamsBase
from openai.types.beta.thread_create_params import ThreadCreateParams
from openai.types.beta.thread_update_params import ThreadUpdateParams
from openai.types.beta.threads.message_create_params import MessageCreateParams
from openai.types.beta.threads.message_list_params import MessageListParams
from openai.types.beta.threads.message_update_params import MessageUpdateParams
from openai.types.beta.threads.run_create_params import RunCreateParamsBase
from openai.types.beta.threads.run_list_params import RunListParams
from openai.types.beta.threads.run_submit_tool_outputs_params import RunSubmitToolOutputsParamsBase
from openai.types.beta.threads.run_update_params import RunUpdateParams
from openai.types.beta.threads.runs.step_list_params import StepListParams
from openai.types.beta.threads.runs.step_retrieve_params import StepRetrieveParams
from openai.types.file_create_params import ExpiresAfter
from openai.types.file_list_params import FileListParams as AllFilesListParams
from openai.types.file_purpose import FilePurpose
from openai.types.upload_complete_params import UploadCompleteParams
from openai.types.upload_create_params import UploadCreateParams
from openai.types.vector_store_create_params import VectorStoreCreateParams
from openai.types.vector_store_search_params import VectorStoreSearchParams
from openai.types.vector_store_update_params import VectorStoreUpdateParams
from openai.types.vector_stores.file_batch_create_params import FileBatchCreateParams
from openai.types.vector_stores.file_create_params import FileCreateParams
from openai.types.vector_stores.file_list_params import FileListParams
from openai.types.vector_stores.file_update_params import FileUpdateParams
from typing_extensions import TypedDict

__all__ = [
    "AssistantCreateParams",
    "AssistantUpdateParams",
    "FileBatchCreateParams",
    "FileCreateParams",
    "FileListParams",
    "FileUpdateParams",
    "FilesListParams",
    "MessageCreateParams",
    "MessageListParams",
    "MessageUpdateParams",
    "PartParams",
    "RunCreateParams",
    "RunListParams",
    "RunSubmitToolOutputsParams",
    "RunUpdateParams",
    "StepListParams",
    "StepRetrieveParams",
    "ThreadCreateAndRunParams",
    "ThreadCreateParams",
    "ThreadUpdateParams",
    "UploadCompleteParams",
    "UploadCreateParams",
    "UploadParams",
    "VectorStoreCreateParams",
    "VectorStoreSearchParams",
    "VectorStoreUpdateParams",
]


class FilesListParams(AllFilesListParams, total=False):
    """Named apart from the list of a vector store's files, which has other limits."""


class UploadParams(TypedDict, total=False):
    """The SDK's type has the file too, which comes beside these fields."""

    purpose: Required[FilePurpose]
    expires_after: ExpiresAfter


class PartParams(TypedDict):
    """A part of an upload brings nothing but its data."""


class RunCreateParams(RunCreateParamsBase, total=False):
    """The SDK splits this type by `stream`."""

    stream: bool | None


class RunSubmitToolOutputsParams(RunSubmitToolOutputsParamsBase, total=False):
    """The SDK splits this type by `stream`."""

    stream: bool | None


class ThreadCreateAndRunParams(ThreadCreateAndRunParamsBase, total=False):
    """The SDK splits this type by `stream`."""

    stream: bool | None
