"""Every operation of the protocol, answered and refused: a module per resource.

`answers` says which operations a test must see answered. A module's table `REFUSED` has a wrong request for each.
Every answer, and every event of a stream, is checked against the official schema on its way to the test.
"""

import re
from typing import Any

import pytest

from tests.service.conftest import Stage
from tests.support.operations import OPERATIONS

answers = pytest.mark.answers
"""`@answers("createThread", ...)`: the test fails unless each of these operations was answered with success."""

Refusal = tuple[str, dict[str, Any] | str | None, int, str | None]
"""Operation, JSON body or query string, status, param. The ids in its path name nothing."""

_NOTHING = {
    "assistant_id": "asst_",
    "thread_id": "thread_",
    "message_id": "msg_",
    "run_id": "run_",
    "step_id": "step_",
    "file_id": "file-",
    "vector_store_id": "vs_",
    "batch_id": "vsfb_",
    "model": "no-such-model-",
}


def refuse(stage: Stage, refusal: Refusal) -> None:
    """Send the wrong request; its error body is checked by the client."""
    operation, sent, status, param = refusal
    method, template = OPERATIONS[operation].split(" ")
    path = re.sub(r"\{(\w+)\}", lambda found: _NOTHING[found[1]] + "0" * 24, template)
    if isinstance(sent, str):
        answer = stage.http.request(method, f"{path}?{sent}")
    else:
        answer = stage.http.request(method, path, json=sent)
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param), answer.text
