"""The operations of the protocol, by the names that the official specification gives them."""

import re

OPERATIONS = {
    "listAssistants": "GET /assistants",
    "createAssistant": "POST /assistants",
    "getAssistant": "GET /assistants/{assistant_id}",
    "modifyAssistant": "POST /assistants/{assistant_id}",
    "deleteAssistant": "DELETE /assistants/{assistant_id}",
    "listFiles": "GET /files",
    "createFile": "POST /files",
    "deleteFile": "DELETE /files/{file_id}",
    "retrieveFile": "GET /files/{file_id}",
    "downloadFile": "GET /files/{file_id}/content",
    "listModels": "GET /models",
    "retrieveModel": "GET /models/{model}",
    "deleteModel": "DELETE /models/{model}",
    "createThread": "POST /threads",
    "createThreadAndRun": "POST /threads/runs",
    "getThread": "GET /threads/{thread_id}",
    "modifyThread": "POST /threads/{thread_id}",
    "deleteThread": "DELETE /threads/{thread_id}",
    "listMessages": "GET /threads/{thread_id}/messages",
    "createMessage": "POST /threads/{thread_id}/messages",
    "getMessage": "GET /threads/{thread_id}/messages/{message_id}",
    "modifyMessage": "POST /threads/{thread_id}/messages/{message_id}",
    "deleteMessage": "DELETE /threads/{thread_id}/messages/{message_id}",
    "listRuns": "GET /threads/{thread_id}/runs",
    "createRun": "POST /threads/{thread_id}/runs",
    "getRun": "GET /threads/{thread_id}/runs/{run_id}",
    "modifyRun": "POST /threads/{thread_id}/runs/{run_id}",
    "cancelRun": "POST /threads/{thread_id}/runs/{run_id}/cancel",
    "listRunSteps": "GET /threads/{thread_id}/runs/{run_id}/steps",
    "getRunStep": "GET /threads/{thread_id}/runs/{run_id}/steps/{step_id}",
    "submitToolOuputsToRun": "POST /threads/{thread_id}/runs/{run_id}/submit_tool_outputs",
    "listVectorStores": "GET /vector_stores",
    "createVectorStore": "POST /vector_stores",
    "getVectorStore": "GET /vector_stores/{vector_store_id}",
    "modifyVectorStore": "POST /vector_stores/{vector_store_id}",
    "deleteVectorStore": "DELETE /vector_stores/{vector_store_id}",
    "createVectorStoreFileBatch": "POST /vector_stores/{vector_store_id}/file_batches",
    "getVectorStoreFileBatch": "GET /vector_stores/{vector_store_id}/file_batches/{batch_id}",
    "cancelVectorStoreFileBatch": "POST /vector_stores/{vector_store_id}/file_batches/{batch_id}/cancel",
    "listFilesInVectorStoreBatch": "GET /vector_stores/{vector_store_id}/file_batches/{batch_id}/files",
    "listVectorStoreFiles": "GET /vector_stores/{vector_store_id}/files",
    "createVectorStoreFile": "POST /vector_stores/{vector_store_id}/files",
    "getVectorStoreFile": "GET /vector_stores/{vector_store_id}/files/{file_id}",
    "deleteVectorStoreFile": "DELETE /vector_stores/{vector_store_id}/files/{file_id}",
    "updateVectorStoreFileAttributes": "POST /vector_stores/{vector_store_id}/files/{file_id}",
    "retrieveVectorStoreFileContent": "GET /vector_stores/{vector_store_id}/files/{file_id}/content",
    "searchVectorStore": "POST /vector_stores/{vector_store_id}/search",
}


def operation_of(method: str, path: str) -> str | None:
    """The operation that a request is for; `path` without `/v1`. The most literal path wins: `/threads/runs`."""
    for name, operation in sorted(OPERATIONS.items(), key=lambda item: item[1].count("{")):
        its_method, template = operation.split(" ")
        if its_method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return name
    return None
