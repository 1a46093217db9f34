"""/vector_stores/{vector_store_id}/search"""

import time
from typing import Annotated

from fastapi import APIRouter, Depends

from desktop_app.documents.filters import FilterError
from desktop_app.documents.model_files import ModelFilesError
from desktop_app.documents.stores import refuse_expired
from desktop_app.service.requests import Body, InRooms, Json
from desktop_app.store.vector_stores import touch_stores
from desktop_app.wire.errors import SERVER_ERROR, ApiError, invalid_value
from desktop_app.wire.limits import SEARCH_QUERIES, SEARCH_QUERY_CHARS, SEARCH_RESULTS_DEFAULT

router = APIRouter(prefix="/vector_stores/{vector_store_id}/search", tags=["vector stores"])


@router.post("")
def search(
    rooms: InRooms, vector_store_id: str, body: Annotated[Json, Depends(Body("VectorStoreSearchParams"))]
) -> Json:
    queries = [body["query"]] if isinstance(body["query"], str) else body["query"]
    if not 1 <= len(queries) <= SEARCH_QUERIES:
        raise invalid_value(f"Give 1 to {SEARCH_QUERIES} queries, not {len(queries)}.", "query")
    if sum(map(len, queries)) > SEARCH_QUERY_CHARS:
        raise ApiError(
            f"A query may have {SEARCH_QUERY_CHARS} characters at most.",
            param="query",
            code="string_above_max_length",
        )
    with rooms.database.write() as connection:
        refuse_expired(connection, vector_store_id)
        touch_stores(connection, [vector_store_id], int(time.time()))
    threshold = body.get("ranking_options", {}).get("score_threshold", 0.0)
    limit = body.get("max_num_results", SEARCH_RESULTS_DEFAULT)
    try:
        hits = rooms.search.search([vector_store_id], queries, limit, body.get("filters"), threshold)
    except FilterError as error:
        raise invalid_value(str(error), error.param) from error
    except ModelFilesError as error:
        raise ApiError(str(error), status=503, type=SERVER_ERROR) from error
    data = [
        {
            "file_id": hit.file_id,
            "filename": hit.file_name,
            "score": hit.score,
            "attributes": hit.attributes,
            "content": [{"type": "text", "text": hit.text}],
        }
        for hit in hits
    ]
    return {
        "object": "vector_store.search_results.page",
        "search_query": queries,
        "data": data,
        "has_more": False,
        "next_page": None,
    }
