"""/threads/{thread_id}/runs/{run_id}/steps"""

import pytest

from tests.service.conformance import Refusal, answers, refuse
from tests.service.conftest import Stage
from tests.service.functions import begin, outputs, path, weather
from tests.support.scripted_provider import Turn

REFUSED: list[Refusal] = [
    ("listRunSteps", "include[]=everything", 400, "include[0]"),
    ("listRunSteps", None, 404, None),
    ("getRunStep", None, 404, None),
]


@pytest.mark.parametrize("refusal", REFUSED)
def test_a_wrong_request_is_refused(stage: Stage, refusal: Refusal) -> None:
    refuse(stage, refusal)


@answers("listRunSteps", "getRunStep")
def test_the_steps_of_a_run_are_listed_and_read_while_it_waits_and_after(stage: Stage) -> None:
    steps = stage.client.beta.threads.runs.steps
    run = begin(stage, weather("Rome"), Turn("Rain."))
    (waiting,) = steps.list(run.id, thread_id=run.thread_id).data
    assert waiting.status == "in_progress"
    stage.http.post(path(run, "submit_tool_outputs"), json=outputs(run))
    stage.client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
    listed = steps.list(run.id, thread_id=run.thread_id, order="asc").data
    assert [each.type for each in listed] == ["tool_calls", "message_creation"]
    assert [steps.retrieve(each.id, run_id=run.id, thread_id=run.thread_id) for each in listed] == listed
