"""The code interpreter through the service and its sandbox: what the model's code makes reaches the client."""

from typing import Any

import openai
from openai.types.beta.threads import Message, Run

from tests.service.conftest import Stage
from tests.support.scripted_provider import Turn

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
