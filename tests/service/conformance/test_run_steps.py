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


@answers("getRunStep", "getMessage", "retrieveFile", "downloadFile")
def test_a_step_of_code_shows_its_input_its_output_and_its_image(stage: Stage) -> None:
    client = stage.client
    cell = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('drawn')"
    tools = [{"type": "code_interpreter"}]
    run = begin(
        stage, Turn(calls=[{"name": "code_interpreter", "arguments": {"code": cell}}]), Turn("Here."), tools=tools
    )
    assert run.status == "completed", run.last_error
    said, coded = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert client.beta.threads.runs.steps.retrieve(coded.id, run_id=run.id, thread_id=run.thread_id) == coded
    assert coded.step_details.type == "tool_calls"
    (call,) = coded.step_details.tool_calls
    assert call.type == "code_interpreter"
    logs, image = call.code_interpreter.outputs
    assert (call.code_interpreter.input, logs.type, image.type) == (cell, "logs", "image")
    assert said.step_details.type == "message_creation"
    message = client.beta.threads.messages.retrieve(
        said.step_details.message_creation.message_id, thread_id=run.thread_id
    )
    shown, text = message.content
    assert (shown.type, text.type) == ("image_file", "text")
    assert shown.image_file.file_id == image.image.file_id
    assert client.files.retrieve(image.image.file_id).purpose == "assistants_output"
    assert client.files.content(image.image.file_id).read()[:4] == b"\x89PNG"


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
