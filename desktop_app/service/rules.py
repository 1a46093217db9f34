"""The limits of request fields, in pydantic's terms; numbers from `wire/limits.py`.

A key is a field's name, or `Type.field` of an SDK parameter type where the same name has other limits. A check of an
object names the `field` that is wrong.
"""

from typing import Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from desktop_app.wire import limits


def _check_map(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """Metadata and attributes: few keys, short keys, short strings."""
    for key, item in (value or {}).items():
        if len(key) > limits.METADATA_KEY_CHARS:
            raise PydanticCustomError(
                "string_above_max_length",
                "a key is longer than {max} characters",
                {"max": limits.METADATA_KEY_CHARS},
            )
        if isinstance(item, str) and len(item) > limits.METADATA_VALUE_CHARS:
            raise PydanticCustomError(
                "string_above_max_length",
                "the value of '{key}' is longer than {max} characters",
                {"key": key, "max": limits.METADATA_VALUE_CHARS},
            )
    return value


def _check_overlap(sizes: dict[str, Any]) -> dict[str, Any]:
    if sizes["chunk_overlap_tokens"] > sizes["max_chunk_size_tokens"] // 2:
        message = "'chunk_overlap_tokens' must not exceed half of 'max_chunk_size_tokens'"
        raise PydanticCustomError("invalid_value", message, {"field": "chunk_overlap_tokens"})
    return sizes


def _check_truncation(strategy: dict[str, Any] | None) -> dict[str, Any] | None:
    if strategy and strategy["type"] == "last_messages" and "last_messages" not in strategy:
        raise PydanticCustomError("missing", "'last_messages' says how many", {"field": "last_messages"})
    return strategy


def _check_choice(choice: Any) -> Any:
    if isinstance(choice, dict) and choice["type"] == "function" and "function" not in choice:
        raise PydanticCustomError("missing", "'function' says which", {"field": "function"})
    return choice


def _check_queries(query: str | list[str]) -> str | list[str]:
    if query == []:
        raise PydanticCustomError("too_short", "there should be one at least")
    return query


def _check_names(names: dict[str, str] | None) -> dict[str, str] | None:
    for name, model in (names or {}).items():
        if not 0 < len(name) <= limits.MODEL_NAME_CHARS or not 0 < len(model) <= limits.MODEL_NAME_CHARS:
            message = "names of models have 1 to {max} characters"
            raise PydanticCustomError("invalid_value", message, {"max": limits.MODEL_NAME_CHARS})
    return names


def _describe_map(schema: dict[str, Any]) -> None:
    """What `_check_map` checks, for the OpenAPI page."""
    schema["propertyNames"] = {"maxLength": limits.METADATA_KEY_CHARS}
    values = schema["additionalProperties"]
    for each in values.get("anyOf", [values]):
        if each["type"] == "string":
            each["maxLength"] = limits.METADATA_VALUE_CHARS


_MAP = (Field(max_length=limits.METADATA_KEYS, json_schema_extra=_describe_map), AfterValidator(_check_map))

RULES: dict[str, tuple[Any, ...]] = {
    "metadata": _MAP,
    "attributes": _MAP,
    # assistants and runs
    "model": (Field(min_length=1, max_length=limits.MODEL_NAME_CHARS),),
    "name": (Field(max_length=limits.ASSISTANT_NAME_CHARS),),
    "FunctionDefinition.name": (Field(pattern=r"^[A-Za-z0-9_-]{1,64}$"),),
    "AssistantToolChoiceFunctionParam.name": (Field(pattern=r"^[A-Za-z0-9_-]{1,64}$"),),
    "JSONSchema.name": (Field(pattern=r"^[A-Za-z0-9_-]{1,64}$"),),
    "FunctionDefinition.description": (),
    "JSONSchema.description": (),
    "description": (Field(max_length=limits.ASSISTANT_DESCRIPTION_CHARS),),
    "instructions": (Field(max_length=limits.INSTRUCTIONS_CHARS),),
    "additional_instructions": (Field(max_length=limits.INSTRUCTIONS_CHARS),),
    "tools": (Field(max_length=limits.TOOLS),),
    "temperature": (Field(ge=0, le=2),),
    "top_p": (Field(ge=0, le=1),),
    "vector_store_ids": (Field(max_length=limits.ASSISTANT_VECTOR_STORES),),
    "vector_stores": (Field(max_length=limits.ASSISTANT_VECTOR_STORES),),
    "ToolResourcesCodeInterpreter.file_ids": (Field(max_length=limits.CODE_INTERPRETER_FILES),),
    "ThreadToolResourcesCodeInterpreter.file_ids": (Field(max_length=limits.CODE_INTERPRETER_FILES),),
    "max_prompt_tokens": (Field(ge=limits.RUN_MIN_TOKEN_LIMIT),),
    "max_completion_tokens": (Field(ge=limits.RUN_MIN_TOKEN_LIMIT),),
    "truncation_strategy": (AfterValidator(_check_truncation),),
    "tool_choice": (AfterValidator(_check_choice),),
    "last_messages": (Field(ge=1),),
    "FileSearch.max_num_results": (Field(ge=1, le=limits.SEARCH_RESULTS_MAX),),
    "score_threshold": (Field(ge=0, le=1),),
    # files and vector stores
    "VectorStoreCreateParams.name": (),
    "VectorStoreCreateParams.description": (),
    "VectorStoreUpdateParams.name": (),
    "VectorStoreSearchParams.query": (AfterValidator(_check_queries),),
    "VectorStoreCreateParams.file_ids": (Field(max_length=limits.STORE_FILES),),
    "ToolResourcesFileSearchVectorStore.file_ids": (Field(max_length=limits.THREAD_STORE_FILES),),
    "ThreadToolResourcesFileSearchVectorStore.file_ids": (Field(max_length=limits.THREAD_STORE_FILES),),
    "FileBatchCreateParams.file_ids": (Field(min_length=1, max_length=limits.BATCH_FILES),),
    "FileBatchCreateParams.files": (Field(min_length=1, max_length=limits.BATCH_FILES),),
    "max_chunk_size_tokens": (Field(ge=limits.CHUNK_TOKENS_MIN, le=limits.CHUNK_TOKENS_MAX),),
    "chunk_overlap_tokens": (Field(ge=0),),
    "static": (AfterValidator(_check_overlap),),
    "days": (Field(ge=1, le=limits.STORE_LIFETIME_DAYS_MAX),),
    "seconds": (Field(ge=limits.FILE_LIFETIME_MIN_S, le=limits.FILE_LIFETIME_MAX_S),),
    "VectorStoreSearchParams.max_num_results": (Field(ge=1, le=limits.SEARCH_RESULTS_MAX),),
    # providers
    "ProviderParams.name": (Field(max_length=100),),
    "ProviderParams.base_url": (Field(min_length=1, max_length=2000),),
    "ProviderParams.key": (Field(json_schema_extra={"format": "password", "writeOnly": True}),),
    "RoutingParams.default_model": (Field(max_length=limits.MODEL_NAME_CHARS),),
    "RoutingParams.names": (Field(max_length=limits.ROUTED_NAMES), AfterValidator(_check_names)),
    # local models
    "AddParams.path": (Field(min_length=1, max_length=4096),),
    "LocalOptionsParams.context_tokens": (Field(ge=limits.LOCAL_CONTEXT_MIN, le=limits.LOCAL_CONTEXT_MAX),),
    "LocalOptionsParams.threads": (Field(ge=1, le=limits.LOCAL_THREADS_MAX),),
    "LocalOptionsParams.gpu_layers": (Field(ge=0, le=limits.LOCAL_GPU_LAYERS_MAX),),
    # uploads
    "UploadCreateParams.bytes": (Field(ge=0, le=limits.MAX_FILE_BYTES),),
    "mime_type": (Field(min_length=1, max_length=255),),
    # lists
    "limit": (Field(ge=1, le=limits.PAGE_LIMIT_MAX),),
    "FilesListParams.limit": (Field(ge=1, le=limits.FILES_PAGE_LIMIT_MAX),),
}
