"""The code interpreter through the service and its sandbox: what the model's code makes reaches the client."""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import openai
import psutil
from openai.types.beta.threads import Message, Run

from desktop_app.settings.paths import code_dir
from tests.service.conftest import Serve, Stage, sdk
from tests.service.functions import WEATHER, asked, outputs
from tests.support.scripted_provider import Turn
from tests.support.service_process import ServiceProcess
from tests.support.streams import find, names, read_stream

TOOL: Any = {"type": "code_interpreter"}
PNG = b"\x89PNG\r\n\x1a\n"
SALES = "product,amount\nLamp,40\nDesk,300\nLamp,60\nChair,150\nDesk,100\n"
"""Desk 400, Chair 150, Lamp 100."""
TOP = """import pandas as pd
sales = pd.read_csv("/mnt/data/sales.csv")
top = sales.groupby("product")["amount"].sum().sort_values(ascending=False)
print(top.to_string())
top.to_csv("/mnt/data/top products.csv")
"""
CHART = """import matplotlib.pyplot as plt
top.plot.bar()
plt.show()
"""
ANSWER = "Desks lead with 400. The table is [here](sandbox:/mnt/data/top products.csv)."


def code(*cells: str, **fields: Any) -> Turn:
    calls = [{"name": "code_interpreter", "arguments": {"code": cell}} for cell in cells]
    return Turn(calls=calls, **fields)


def assistant(client: openai.OpenAI, **fields: Any) -> str:
    return client.beta.assistants.create(model="scripted", tools=[TOOL], **fields).id


def upload(client: openai.OpenAI, name: str, text: str) -> str:
    return client.files.create(file=(name, text.encode()), purpose="assistants").id


def ask(stage: Stage, *turns: Turn, thread_id: str | None = None, **params: Any) -> Run:
    """An ended run with these turns of the model."""
    stage.provider.play(*turns)
    thread_id = thread_id or stage.client.beta.threads.create(messages=[{"role": "user", "content": "Go."}]).id
    made = params.pop("assistant_id", None) or assistant(stage.client)
    return stage.client.beta.threads.runs.create_and_poll(thread_id=thread_id, assistant_id=made, **params)


def calls_of(client: openai.OpenAI, run: Run) -> list[Any]:
    """The run's calls of the interpreter, oldest first."""
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id, order="asc").data
    return [call for step in steps if step.step_details.type == "tool_calls" for call in step.step_details.tool_calls]


def logs_of(call: Any) -> str:
    return "".join(output.logs for output in call.code_interpreter.outputs if output.type == "logs")


def newest(client: openai.OpenAI, thread_id: str) -> Message:
    return client.beta.threads.messages.list(thread_id, limit=1).data[0]


def test_the_top_products_of_a_sales_table_come_with_a_chart_and_a_file(stage: Stage) -> None:
    client = stage.client
    sales = upload(client, "sales.csv", SALES)
    thread = client.beta.threads.create(
        messages=[
            {
                "role": "user",
                "content": "What are the top products? Draw a chart.",
                "attachments": [{"file_id": sales, "tools": [TOOL]}],
            }
        ]
    )
    run = ask(stage, code(TOP, rate=400), code(CHART), Turn(ANSWER), thread_id=thread.id)
    assert run.status == "completed", run.last_error
    table, chart = calls_of(client, run)
    assert table.code_interpreter.input == TOP
    assert "Desk     400" in logs_of(table)
    assert "sales.csv" in stage.provider.requests[0]["messages"][0]["content"]
    assert "Desk     400" in stage.provider.requests[1]["messages"][-1]["content"]
    (image,) = [output.image.file_id for output in chart.code_interpreter.outputs if output.type == "image"]
    shown, part = newest(client, thread.id).content
    assert shown.type == "image_file"
    assert shown.image_file.file_id == image
    assert client.files.content(image).read().startswith(PNG)
    assert client.files.retrieve(image).purpose == "assistants_output"
    assert part.type == "text"
    assert part.text.value == ANSWER
    (annotation,) = part.text.annotations
    assert annotation.type == "file_path"
    assert annotation.text == "sandbox:/mnt/data/top products.csv"
    assert ANSWER[annotation.start_index : annotation.end_index] == annotation.text
    made = client.files.retrieve(annotation.file_path.file_id)
    assert (made.filename, made.purpose) == ("top products.csv", "assistants_output")
    assert client.files.content(made.id).text == "product,amount\nDesk,400\nChair,150\nLamp,100\n"


def test_variables_and_files_stay_from_one_run_to_the_next(stage: Stage) -> None:
    first = ask(stage, code("x = 41\nopen('/mnt/data/note.txt', 'w').write('kept')"), Turn("Set."))
    again = ask(stage, code("print(x + 1, open('/mnt/data/note.txt').read())"), Turn("42."), thread_id=first.thread_id)
    (call,) = calls_of(stage.client, again)
    assert logs_of(call) == "42 kept\n"
    other = ask(stage, code("print(x)"), Turn("None."))
    assert "NameError" in logs_of(calls_of(stage.client, other)[0])


def test_an_exception_goes_back_to_the_model_which_may_try_again(stage: Stage) -> None:
    run = ask(stage, code("print(1)\n1/0"), code("print(2)"), Turn("Two."))
    assert run.status == "completed"
    failed, mended = calls_of(stage.client, run)
    assert logs_of(failed).startswith("1\n")
    assert "ZeroDivisionError" in logs_of(failed)
    assert "ZeroDivisionError" in stage.provider.requests[1]["messages"][-1]["content"]
    assert logs_of(mended) == "2\n"
    steps = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert {step.status for step in steps} == {"completed"}


def test_files_of_assistant_thread_and_later_messages_are_there_under_names_of_their_own(stage: Stage) -> None:
    client = stage.client
    mine, theirs, later = (upload(client, "data.csv", text) for text in ("mine", "theirs", "later"))
    made = assistant(client, tool_resources={"code_interpreter": {"file_ids": [mine]}})
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": "Go."}],
        tool_resources={"code_interpreter": {"file_ids": [theirs]}},
    )
    look = "import glob\nfor name in sorted(glob.glob('/mnt/data/*')):\n    print(name, open(name).read())"
    run = ask(stage, code(look), Turn("Two."), thread_id=thread.id, assistant_id=made)
    assert logs_of(calls_of(client, run)[0]) == "/mnt/data/data (2).csv theirs\n/mnt/data/data.csv mine\n"
    assert "data.csv, data (2).csv" in stage.provider.requests[0]["messages"][0]["content"]
    attached: Any = [{"file_id": later, "tools": [TOOL]}]
    client.beta.threads.messages.create(thread.id, role="user", content="And now?", attachments=attached)
    run = ask(stage, code(look), Turn("Three."), thread_id=thread.id, assistant_id=made)
    assert "/mnt/data/data (3).csv later" in logs_of(calls_of(client, run)[0])


def test_a_deleted_file_is_not_there_in_a_new_session(stage: Stage) -> None:
    client = stage.client
    gone, kept = upload(client, "gone.txt", "gone"), upload(client, "kept.txt", "kept")
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": "Go."}],
        tool_resources={"code_interpreter": {"file_ids": [gone, kept]}},
    )
    client.files.delete(gone)
    run = ask(stage, code("import glob\nprint(glob.glob('/mnt/data/*'))"), Turn("One."), thread_id=thread.id)
    assert run.status == "completed"
    assert logs_of(calls_of(client, run)[0]) == "['/mnt/data/kept.txt']\n"


def test_code_beside_a_function_waits_in_one_step_for_the_function_s_output(stage: Stage) -> None:
    client = stage.client
    both = Turn(
        calls=[
            {"name": "code_interpreter", "arguments": {"code": "print(6 * 7)"}, "id": "call_code"},
            {"name": "weather", "arguments": {"city": "Bergen"}, "id": "call_weather"},
        ]
    )
    stage.provider.play(both, Turn("42, and rain."))
    made = client.beta.assistants.create(model="scripted", tools=[TOOL, WEATHER]).id
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Go."}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=made)
    assert [call.id for call in asked(run)] == ["call_weather"]
    assert logs_of(calls_of(client, run)[0]) == "42\n"
    client.beta.threads.runs.submit_tool_outputs(run.id, thread_id=thread.id, **outputs(run))
    ended = client.beta.threads.runs.poll(run.id, thread_id=thread.id)
    assert ended.status == "completed"
    assert [message["content"] for message in stage.provider.requests[1]["messages"][-2:]] == ["42", "rain"]


def test_the_stream_tells_code_and_output_in_the_protocols_order(stage: Stage) -> None:
    written = "import time\nprint('one', flush=True)\ntime.sleep(0.3)\nprint('two')\n"
    stage.provider.play(code(written, rate=10), Turn("Done."))
    made = assistant(stage.client)
    thread = stage.client.beta.threads.create(messages=[{"role": "user", "content": "Go."}])
    events = read_stream(stage.http, f"/threads/{thread.id}/runs", {"assistant_id": made})
    assert names(events) == [
        *("run.created", "run.queued", "run.in_progress"),
        *("run.step.created", "run.step.in_progress", "run.step.delta", "run.step.completed"),
        *("run.step.created", "run.step.in_progress", "message.created", "message.in_progress", "message.delta"),
        *("message.completed", "run.step.completed", "run.completed"),
    ]
    deltas = [delta["delta"]["step_details"]["tool_calls"][0] for delta in find(events, "run.step.delta")]
    begun, *rest = [delta["code_interpreter"] for delta in deltas]
    assert begun == {"input": "", "outputs": []}
    inputs = [delta["input"] for delta in rest if "input" in delta]
    assert ("".join(inputs), len(inputs) > 1) == (written, True)
    logs = [delta["outputs"][0]["logs"] for delta in rest if "outputs" in delta]
    assert logs == ["one\n", "two\n"]
    assert ["outputs" in delta for delta in rest] == sorted("outputs" in delta for delta in rest)


def test_a_cancelled_run_stops_its_cell_and_the_session_lives(stage: Stage) -> None:
    client = stage.client
    first = ask(stage, code("x = 7"), Turn("Set."))
    stage.provider.play(code("print('begun', flush=True)\nwhile True: pass"))
    run = client.beta.threads.runs.create(first.thread_id, assistant_id=first.assistant_id)
    wait_for(lambda: calls_of(client, run))
    client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)
    ended = client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
    assert ended.status == "cancelled"
    (step,) = client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert step.status == "cancelled"
    assert "while True" in calls_of(client, run)[0].code_interpreter.input
    again = ask(stage, code("print(x)"), Turn("7."), thread_id=first.thread_id)
    assert logs_of(calls_of(client, again)[0]) == "7\n"


def test_a_run_that_expires_in_mid_cell_stops_it(stage: Stage) -> None:
    run = ask(stage, code("while True: pass"), extra_headers={"X-Deskside-Run-Timeout-S": "3"})
    assert run.status == "expired"
    (step,) = stage.client.beta.threads.runs.steps.list(run.id, thread_id=run.thread_id).data
    assert step.status == "expired"
    again = ask(stage, code("print(1)"), Turn("1."), thread_id=run.thread_id)
    assert again.status == "completed"


def test_a_service_killed_in_mid_cell_keeps_the_code_and_frees_the_thread(serve: Serve) -> None:
    service, provider = serve(code("print(1)"), code("while True: pass"))
    with sdk(service) as client:
        made = assistant(client)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Go."}])
        run = client.beta.threads.runs.create(thread.id, assistant_id=made)
        wait_for(lambda: len(calls_of(client, run)) == 2)
        assert service.process is not None
        workers = psutil.Process(service.process.pid).children(recursive=True)
        assert workers
    service.restart()
    assert psutil.wait_procs(workers, timeout=5)[1] == []
    provider.play(code("print(2)"), Turn("Two."))
    with sdk(service) as client:
        ended = client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
        assert ended.status == "failed"
        assert ended.last_error is not None
        assert "stopped" in ended.last_error.message
        done, cut = calls_of(client, run)
        assert (logs_of(done), cut.code_interpreter.input) == ("1\n", "while True: pass")
        again = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=made)
        assert again.status == "completed"
        assert usage_events(service) == 2  # the session died with its service


def test_eight_threads_with_a_cell_each_at_once_all_get_their_turn(stage: Stage) -> None:
    client = stage.client
    stage.provider.play(*[code("import time\ntime.sleep(0.2)\nprint('done')")] * 8, Turn("Done."))
    made = assistant(client)

    def run(_: int) -> Run:
        thread = {"messages": [{"role": "user", "content": "Go."}]}
        return client.beta.threads.create_and_run_poll(assistant_id=made, thread=thread)  # type: ignore[arg-type]

    with ThreadPoolExecutor(8) as pool:  # twice as many as sessions
        runs = list(pool.map(run, range(8)))
    assert {(ended.status, ended.last_error) for ended in runs} == {("completed", None)}
    assert [logs_of(call) for ended in runs for call in calls_of(client, ended)] == ["done\n"] * 8


def test_two_runs_of_a_thread_use_one_session_which_counts_once(serve: Serve) -> None:
    service, _ = serve(code("x = 1"), Turn("Set."), code("print(x)"), Turn("1."))
    with sdk(service) as client:
        made = assistant(client)
        thread = client.beta.threads.create(messages=[{"role": "user", "content": "Go."}])
        for _ in range(2):
            client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=made)
        assert usage_events(service) == 1
        assert len(session_folders(service)) == 1
        client.beta.threads.delete(thread.id)
        assert session_folders(service) == []


def test_the_reader_says_that_code_needs_a_model(client: openai.OpenAI) -> None:
    made = client.beta.assistants.create(model="deskside-reader", tools=[TOOL]).id
    run = client.beta.threads.create_and_run_poll(
        assistant_id=made, thread={"messages": [{"role": "user", "content": "Draw a chart of my sales."}]}
    )
    assert run.status == "completed"
    (part,) = newest(client, run.thread_id).content
    assert part.type == "text"
    assert "language model is needed" in part.text.value


def usage_events(service: ServiceProcess) -> int:
    with closing(sqlite3.connect(service.data_dir / "deskside.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM usage_events WHERE kind = 'code_session'").fetchone()[0])


def session_folders(service: ServiceProcess) -> list[Path]:
    """Where the service keeps what sessions have written out; the spare has none."""
    assert service.process is not None
    return list(code_dir().glob(f"{service.process.pid}-*/*-out"))


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
