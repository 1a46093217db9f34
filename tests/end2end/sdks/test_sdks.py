"""The same old programs under the SDKs of three years and two languages: each sees what the protocol says."""

import json
from pathlib import Path
from typing import Any

import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.end2end.conftest import serving
from tests.support.environments import Environments
from tests.support.scripted_provider import Turn

PYTHON = {
    # This openai passes an argument to httpx that newer versions took away.
    "python 1.40": ("openai==1.40.0", "httpx<0.28"),
    "python 1.109": ("openai==1.109.1",),
    "python 2": ("openai==2.54.0",),
    "python 3": ("openai==3.54.0",),
}
NODE = {"node 4": "openai@4.104.0", "node 7": "openai@7.57.0"}

DOCUMENTS = {
    "manual.txt": """The City 400 is an electric bicycle.

The battery charges in four hours with the charger supplied.

Refunds are paid within fourteen days after the goods came back.
""",
    "tariffs.md": """# Electricity tariffs

The night tariff costs nine cents per kilowatt hour.

The day tariff costs thirty cents per kilowatt hour.
""",
}

_PARIS, _ROME = '{"city": "Paris"}', '{"city": "Rome"}'
_CALLS = [{"name": "get_weather", "arguments": _PARIS}, {"name": "get_weather", "arguments": _ROME}]
_ANSWER = "18 in Paris, which is 64 degrees Fahrenheit, and 24 in Rome."
_ROUNDS = [
    Turn(calls=_CALLS),
    Turn(calls=[{"name": "to_fahrenheit", "arguments": {"celsius": 18}}]),
    Turn(_ANSWER),
]
_CODE = """import matplotlib.pyplot as plt, pandas as pd
top = pd.read_csv("/mnt/data/sales.csv").groupby("product")["amount"].sum()
print(top["Desk"], top["Lamp"])
top.to_csv("/mnt/data/top.csv")
top.plot.bar()
plt.show()
"""
TURNS = [
    Turn("Paris is the capital of France."),  # streaming
    Turn("Hello from a handler."),  # asynchronous
    Turn("Hello from a loop."),
    *_ROUNDS,  # functions
    *_ROUNDS,  # streamed_functions
    Turn("Polled."),  # thread_and_run
    Turn("Streamed."),
    Turn(calls=_CALLS),  # cancelling
    Turn("one two three", hang_after=2),
    Turn(calls=[{"name": "code_interpreter", "arguments": {"code": _CODE}}], rate=200),  # code_interpreter
    Turn("Desks lead: [table](sandbox:/mnt/data/top.csv)."),
    Turn(status=429, error="Slow down."),  # failing_provider; repeated for whoever tries again
]

_MESSAGE = ["step message_creation", "text", "text done", "message completed", "step completed", "end"]
EXPECTED: dict[str, Any] = {
    "assistants": {
        "made": ["Tutor", "Helps.", 0.5, ["function", "file_search"], {"kind": "test"}],
        "changed": ["Coach", "Be brief.", {"kind": "other"}],
        "retrieved": True,
        "listed": ["Coach", "Number 0", "Number 1", "Number 2", "Number 3"],
        "deleted": True,
    },
    "threads_and_messages": {
        "listed": ["one", "two", "three", "four", "five"],
        "attached": [True],
        "thread's stores": 1,
        "noted": {"seen": "yes"},
        "updated": {"user": "8"},
        "message deleted": True,
        "left": 4,
        "thread deleted": True,
    },
    "files_and_stores": {
        "file": ["manual.txt", True, "assistants", "processed"],
        "content": True,
        "statuses": ["completed", "completed", "completed"],
        "chunks": 200,
        "batch": [2, 2, 2],
        "removed": [True, [True]],
        "renamed": "Shelf",
        "lifetime": 2 * 24 * 3600,
        "deleted": [True, True, True],
    },
    "file_search": {
        "status": "completed",
        "answered": [True, True],
        "marks": True,
        "cited": ["manual.txt"],
        "steps": ["tool_calls", "message_creation"],
        "found": True,
    },
    "streaming": {
        "heard": _MESSAGE,
        "text": "Paris is the capital of France.",
        "snapshots": True,
        "final": [True, True],
        "stored": True,
        "run": ["completed", 120],
    },
    "streamed_citation": {
        "answered": True,
        "steps": ["tool_calls", "message_creation"],
        "cited": 1,
        "stored": [True, True],
    },
    "asynchronous": {
        "handled": "Hello from a handler.",
        "events": ["thread.run.created", "thread.run.completed", 11],
    },
    "functions": {
        "rounds": [
            ["requires_action", ["get_weather", {"city": "Paris"}], ["get_weather", {"city": "Rome"}]],
            ["requires_action", ["to_fahrenheit", {"celsius": 18}]],
        ],
        "status": ["completed", None, 3 * 120],
        "outputs": [["18", "24"], ["64"]],
        "answer": _ANSWER,
    },
    # SDKs finish the last call of a step when the stream ends, the ones before when the next begins.
    "streamed_functions": {
        "first": [
            "step tool_calls",
            "calls get_weather ",
            f"called get_weather {_PARIS}",
            "calls get_weather ",
            "requires action",
            f"called get_weather {_ROME}",
            "end",
        ],
        "second": [
            "step completed",
            "step tool_calls",
            "calls to_fahrenheit ",
            "requires action",
            'called to_fahrenheit {"celsius": 18}',
            "end",
        ],
        "third": ["step completed", *_MESSAGE],
        "text": [_ANSWER, True],
        "calls": [[["get_weather", _PARIS], ["get_weather", _ROME]], [["to_fahrenheit", '{"celsius": 18}']]],
        "written": [[_PARIS, _ROME], ['{"celsius": 18}']],
        "run": "completed",
    },
    "thread_and_run": {
        "polled": "completed",
        "answer": "Polled.",
        "streamed": ["thread.created", "thread.run.created", "thread.run.completed", "Streamed."],
    },
    "cancelling": {
        "locked": [None, "invalid_request_error", True, True],
        "statuses": ["requires_action", "cancelled", "cancelled"],
        "answer": ["incomplete", "run_cancelled"],
        "runs": 2,
    },
    "code_interpreter": {
        "heard": [
            "calls code_interpreter",
            "called code_interpreter logs image",
            "image",
            "text done",
        ],
        "code": True,
        "logs": ["300 100\n", True],
        "stored": True,
        "picture": "PNG",
        "shown": True,
        "answer": "Desks lead: [table](top.csv).",
        "file": ["assistants_output", "product,amount\nDesk,300\nLamp,100\n"],
    },
    "errors": {
        "thread": ["NotFoundError", 404, None, None],
        "file": ["NotFoundError", 404, "id", None],
        "parameter": ["BadRequestError", 400, "colour", "unknown_parameter"],
        "temperature": ["BadRequestError", 400, "temperature", "integer_above_max_value"],
        "metadata": ["BadRequestError", 400, "metadata", "string_above_max_length"],
        "run": ["NotFoundError", 404, None, None],
        "key": ["AuthenticationError", 401, None, "invalid_api_key"],
        "request id": True,
    },
    "failing_provider": {"status": "failed", "error": "rate_limit_exceeded"},
}


@pytest.fixture(scope="module", params=[*PYTHON, *NODE])
def seen(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    model_files: ModelFiles,
    environments: Environments,
) -> dict[str, Any]:
    """What the program saw under one SDK, by scenario."""
    if request.param in PYTHON:
        program, environment = "program.py", environments.python(*PYTHON[request.param])
    else:
        program, environment = "program.cjs", environments.node(NODE[request.param])
    folder = tmp_path_factory.mktemp("sdk")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text)
    with serving(folder / "data", *TURNS) as (service, _):
        printed = environment.run(
            Path(__file__).with_name(program), *(folder / name for name in DOCUMENTS), service=service
        )
    return dict(json.loads(line) for line in printed.splitlines())


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("scenario", EXPECTED)
def test_an_old_program_sees_what_the_protocol_says(seen: dict[str, Any], scenario: str) -> None:
    assert seen[scenario] == EXPECTED[scenario]
