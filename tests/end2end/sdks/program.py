"""What programs of 2024 and 2025 did with the Assistants API, one scenario after another, for openai-python 1.40 to 3.

Usage: program.py MANUAL TARIFFS. Prints a line of JSON for each scenario: its name, and what it saw. It knows nothing
of Deskside: the address and the key of the service come from OPENAI_BASE_URL and OPENAI_API_KEY.
"""
# ruff: noqa: PTH123, SIM115

import asyncio
import json
import sys
import time

import openai
from openai import AssistantEventHandler, AsyncAssistantEventHandler, AsyncOpenAI, OpenAI

client = OpenAI()
vector_stores = client.vector_stores if hasattr(client, "vector_stores") else client.beta.vector_stores
MANUAL, TARIFFS = sys.argv[1:]
READER, MODEL = "deskside-reader", "gpt-4o"
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The temperature in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
CONVERT = {"type": "function", "function": {"name": "to_fahrenheit", "parameters": {"type": "object"}}}


def assistants():
    made = client.beta.assistants.create(
        name="Tutor",
        description="Helps.",
        instructions="Be brief.",
        model=MODEL,
        tools=[WEATHER, {"type": "file_search"}],
        metadata={"kind": "test"},
        temperature=0.5,
    )
    changed = client.beta.assistants.update(made.id, name="Coach", metadata={"kind": "other"})
    for number in range(4):
        client.beta.assistants.create(model=MODEL, name=f"Number {number}")
    listed = [each.name for each in client.beta.assistants.list(order="asc", limit=2)]
    return {
        "made": [made.name, made.description, made.temperature, [tool.type for tool in made.tools], made.metadata],
        "changed": [changed.name, changed.instructions, changed.metadata],
        "retrieved": client.beta.assistants.retrieve(made.id) == changed,
        "listed": listed,
        "deleted": client.beta.assistants.delete(made.id).deleted,
    }


def threads_and_messages():
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "one"}], metadata={"user": "7"})
    file = client.files.create(file=open(MANUAL, "rb"), purpose="assistants")
    message = client.beta.threads.messages.create(
        thread.id,
        role="user",
        content=[{"type": "text", "text": "two"}],
        attachments=[{"file_id": file.id, "tools": [{"type": "file_search"}]}],
    )
    for text in ("three", "four", "five"):
        client.beta.threads.messages.create(thread.id, role="user", content=text)
    noted = client.beta.threads.messages.update(message.id, thread_id=thread.id, metadata={"seen": "yes"})
    listed = list(client.beta.threads.messages.list(thread.id, order="asc", limit=2))
    after = client.beta.threads.retrieve(thread.id)
    return {
        "listed": [each.content[0].text.value for each in listed],
        "attached": [each.file_id == file.id for each in message.attachments],
        "thread's stores": len(after.tool_resources.file_search.vector_store_ids),
        "noted": noted.metadata,
        "updated": client.beta.threads.update(thread.id, metadata={"user": "8"}).metadata,
        "message deleted": client.beta.threads.messages.delete(message.id, thread_id=thread.id).deleted,
        "left": len(list(client.beta.threads.messages.list(thread.id))),
        "thread deleted": client.beta.threads.delete(thread.id).deleted,
    }


def files_and_stores():
    file = client.files.create(file=open(MANUAL, "rb"), purpose="assistants")
    store = vector_stores.create(name="Library", expires_after={"anchor": "last_active_at", "days": 2})
    uploaded = vector_stores.files.upload_and_poll(vector_store_id=store.id, file=open(TARIFFS, "rb"))
    added = vector_stores.files.create_and_poll(
        file.id,
        vector_store_id=store.id,
        chunking_strategy={"type": "static", "static": {"max_chunk_size_tokens": 200, "chunk_overlap_tokens": 50}},
    )
    other = vector_stores.create(name="Batches")
    batch = vector_stores.file_batches.upload_and_poll(
        vector_store_id=other.id, files=[open(MANUAL, "rb"), open(TARIFFS, "rb")]
    )
    in_batch = vector_stores.file_batches.list_files(batch.id, vector_store_id=other.id, limit=1)
    removed = vector_stores.files.delete(file.id, vector_store_id=store.id)
    listed = [each.id == uploaded.id for each in vector_stores.files.list(store.id)]
    return {
        "file": [file.filename, file.bytes == len(open(MANUAL, "rb").read()), file.purpose, file.status],
        "content": client.files.content(file.id).read() == open(MANUAL, "rb").read(),
        "statuses": [uploaded.status, added.status, batch.status],
        "chunks": added.chunking_strategy.static.max_chunk_size_tokens,
        "batch": [batch.file_counts.completed, batch.file_counts.total, len(list(in_batch))],
        "removed": [removed.deleted, listed],
        "renamed": vector_stores.update(store.id, name="Shelf").name,
        "lifetime": store.expires_at - store.last_active_at,
        "deleted": [
            vector_stores.delete(store.id).deleted,
            vector_stores.delete(other.id).deleted,
            client.files.delete(file.id).deleted,
        ],
    }


def file_search():
    store = vector_stores.create(name="Manuals")
    vector_stores.file_batches.upload_and_poll(store.id, files=[open(MANUAL, "rb"), open(TARIFFS, "rb")])
    assistant = client.beta.assistants.create(
        model=READER,
        tools=[{"type": "file_search"}],
        tool_resources={"file_search": {"vector_store_ids": [store.id]}},
    )
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "How long does the battery charge?"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    text = client.beta.threads.messages.list(thread.id, run_id=run.id).data[0].content[0].text
    answer = text.value
    for number, annotation in enumerate(text.annotations, start=1):
        answer = answer.replace(annotation.text, f"[{number}]")
    cited = {client.files.retrieve(each.file_citation.file_id).filename for each in text.annotations}
    # The parameter came with 1.43; older programs spelt it out.
    known = tuple(map(int, openai.__version__.split(".")[:2])) >= (1, 43)
    include = {"include": [CONTENT]} if known else {"extra_query": {"include": [CONTENT]}}
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc", **include)
    search = steps.data[0].step_details.tool_calls[0].to_dict()["file_search"]
    return {
        "status": run.status,
        "answered": ["four hours" in answer, "[1]" in answer],
        "marks": all(text.value[each.start_index : each.end_index] == each.text for each in text.annotations),
        "cited": sorted(cited),
        "steps": [step.type for step in steps],
        "found": any("four hours" in part["text"] for each in search["results"] for part in each["content"]),
    }


class Handler(AssistantEventHandler):
    """Keeps what it hears; answers function calls in a stream of its own, as the documentation taught."""

    def __init__(self, outputs=None):
        super().__init__()
        self.outputs = outputs or []
        self.heard, self.text, self.together = [], "", True
        self.called, self.written, self.final_text = [], {}, None

    def on_event(self, event):
        if event.event == "thread.run.requires_action":
            self.heard.append("requires action")
            calls = event.data.required_action.submit_tool_outputs.tool_calls
            self.called = [[call.function.name, call.function.arguments] for call in calls]
            following = Handler(self.outputs[1:])
            with client.beta.threads.runs.submit_tool_outputs_stream(
                thread_id=event.data.thread_id,
                run_id=event.data.id,
                tool_outputs=[
                    {"tool_call_id": call.id, "output": output}
                    for call, output in zip(calls, self.outputs[0], strict=True)
                ],
                event_handler=following,
            ) as stream:
                stream.until_done()
            self.following = following

    def on_run_step_created(self, run_step):
        self.heard.append(f"step {run_step.type}")

    def on_run_step_done(self, run_step):
        self.heard.append(f"step {run_step.status}")

    def on_tool_call_created(self, tool_call):
        self.heard.append(f"calls {tool_call.function.name} {tool_call.function.arguments}")

    def on_tool_call_delta(self, delta, snapshot):
        self.written[delta.index] = self.written.get(delta.index, "") + delta.function.arguments

    def on_tool_call_done(self, tool_call):
        self.heard.append(f"called {tool_call.function.name} {tool_call.function.arguments}")

    def on_text_created(self, text):
        self.heard.append("text")

    def on_text_delta(self, delta, snapshot):
        self.text += delta.value or ""
        self.together = self.together and snapshot.value == self.text

    def on_text_done(self, text):
        self.heard.append("text done")
        self.final_text = text.value

    def on_message_done(self, message):
        self.heard.append(f"message {message.status}")

    def on_end(self):
        self.heard.append("end")


def streaming():
    assistant = client.beta.assistants.create(model=MODEL)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Capital of France?"}])
    handler = Handler()
    with client.beta.threads.runs.stream(
        thread_id=thread.id, assistant_id=assistant.id, event_handler=handler
    ) as stream:
        stream.until_done()
        (message,) = stream.get_final_messages()
        run = stream.get_final_run()
    stored = client.beta.threads.messages.list(thread.id).data[0]
    return {
        "heard": handler.heard,
        "text": handler.text,
        "snapshots": handler.together,
        "final": [handler.final_text == handler.text, message.content[0].text.value == handler.text],
        "stored": message.to_dict() == stored.to_dict(),
        "run": [run.status, run.usage.total_tokens],
    }


def streamed_citation():
    store = vector_stores.create()
    vector_stores.files.upload_and_poll(vector_store_id=store.id, file=open(TARIFFS, "rb"))
    assistant = client.beta.assistants.create(model=READER, tools=[{"type": "file_search"}])
    thread = client.beta.threads.create(tool_resources={"file_search": {"vector_store_ids": [store.id]}})
    with client.beta.threads.runs.stream(
        thread_id=thread.id,
        assistant_id=assistant.id,
        additional_messages=[{"role": "user", "content": "What does the night tariff cost?"}],
    ) as stream:
        text = "".join(stream.text_deltas)
        (message,) = stream.get_final_messages()
        kinds = [step.type for step in stream.get_final_run_steps()]
    stored = client.beta.threads.messages.list(thread.id).data[0]
    return {
        "answered": "nine cents" in text,
        "steps": kinds,
        "cited": len(message.content[0].text.annotations),
        "stored": [message.content[0].text == stored.content[0].text, stored.content[0].text.value == text],
    }


def asynchronous():
    class Quiet(AsyncAssistantEventHandler):
        text = ""

        async def on_text_delta(self, delta, snapshot):
            self.text = snapshot.value

    async def main():
        async with AsyncOpenAI() as client:
            assistant = await client.beta.assistants.create(model=MODEL)
            thread = await client.beta.threads.create(messages=[{"role": "user", "content": "hello"}])
            async with client.beta.threads.runs.stream(
                thread_id=thread.id, assistant_id=assistant.id, event_handler=Quiet()
            ) as stream:
                await stream.until_done()
                handled = stream.text
            names = []
            async for event in await client.beta.threads.runs.create(
                thread.id, assistant_id=assistant.id, stream=True
            ):
                if event.event not in names:
                    names.append(event.event)
            return {"handled": handled, "events": [names[0], names[-1], len(names)]}

    return asyncio.run(main())


def functions():
    assistant = client.beta.assistants.create(model=MODEL, tools=[WEATHER, CONVERT])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "How warm is it?"}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    rounds = []
    for outputs in (["18", "24"], ["64"]):
        calls = run.required_action.submit_tool_outputs.tool_calls
        rounds.append([run.status, *([call.function.name, json.loads(call.function.arguments)] for call in calls)])
        run = client.beta.threads.runs.submit_tool_outputs_and_poll(
            thread_id=thread.id,
            run_id=run.id,
            tool_outputs=[
                {"tool_call_id": call.id, "output": output} for call, output in zip(calls, outputs, strict=True)
            ],
        )
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc")
    return {
        "rounds": rounds,
        "status": [run.status, run.required_action, run.usage.total_tokens],
        "outputs": [
            [call.function.output for call in step.step_details.tool_calls]
            for step in steps
            if step.type == "tool_calls"
        ],
        "answer": client.beta.threads.messages.list(thread.id).data[0].content[0].text.value,
    }


def streamed_functions():
    assistant = client.beta.assistants.create(model=MODEL, tools=[WEATHER, CONVERT])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "How warm is it?"}])
    handler = Handler(outputs=[["18", "24"], ["64"]])
    with client.beta.threads.runs.stream(
        thread_id=thread.id, assistant_id=assistant.id, event_handler=handler
    ) as stream:
        stream.until_done()
    last = handler.following.following
    return {
        "first": handler.heard,
        "second": handler.following.heard,
        "third": last.heard,
        "text": [last.text, last.together],
        "calls": [handler.called, handler.following.called],
        "written": [list(handler.written.values()), list(handler.following.written.values())],
        "run": last.current_run.status,
    }


def thread_and_run():
    assistant = client.beta.assistants.create(model=MODEL)
    conversation = {"messages": [{"role": "user", "content": "hello"}]}
    run = client.beta.threads.create_and_run_poll(assistant_id=assistant.id, thread=conversation)
    with client.beta.threads.create_and_run_stream(assistant_id=assistant.id, thread=conversation) as stream:
        names = [event.event for event in stream]
        text = stream.get_final_messages()[0].content[0].text.value
    return {
        "polled": run.status,
        "answer": client.beta.threads.messages.list(run.thread_id).data[0].content[0].text.value,
        "streamed": [names[0], names[1], names[-1], text],
    }


def cancelling():
    assistant = client.beta.assistants.create(model=MODEL, tools=[WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "hello"}])
    waiting = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    try:
        client.beta.threads.messages.create(thread.id, role="user", content="still there?")
    except openai.BadRequestError as error:
        locked = [error.code, error.type, thread.id in error.message, waiting.id in error.message]
    client.beta.threads.runs.cancel(waiting.id, thread_id=thread.id)
    cancelled = client.beta.threads.runs.poll(waiting.id, thread_id=thread.id)
    writing = client.beta.threads.runs.create(thread_id=thread.id, assistant_id=assistant.id)
    while not client.beta.threads.messages.list(thread.id, run_id=writing.id).data:
        time.sleep(0.1)
    client.beta.threads.runs.cancel(writing.id, thread_id=thread.id)
    stopped = client.beta.threads.runs.poll(writing.id, thread_id=thread.id)
    answer = client.beta.threads.messages.list(thread.id, run_id=writing.id).data[0]
    return {
        "locked": locked,
        "statuses": [waiting.status, cancelled.status, stopped.status],
        "answer": [answer.status, answer.incomplete_details.reason],
        "runs": len(list(client.beta.threads.runs.list(thread.id, limit=1))),
    }


class CodeHandler(AssistantEventHandler):
    """Prints code and output while they come, as the documentation taught; here: keeps them."""

    def __init__(self):
        super().__init__()
        self.heard, self.code, self.logs = [], "", ""

    def on_tool_call_created(self, tool_call):
        self.heard.append(f"calls {tool_call.type}")

    def on_tool_call_delta(self, delta, snapshot):
        if delta.type == "code_interpreter":
            self.code += delta.code_interpreter.input or ""
            for output in delta.code_interpreter.outputs or []:
                if output.type == "logs":
                    self.logs += output.logs

    def on_tool_call_done(self, tool_call):
        outputs = [output.type for output in tool_call.code_interpreter.outputs]
        heard = f"called {tool_call.type} {' '.join(outputs)}"
        if heard not in self.heard:  # openai 1 says it again at the end of each later step
            self.heard.append(heard)

    def on_image_file_done(self, image_file):
        self.heard.append("image")

    def on_text_done(self, text):
        self.heard.append("text done")


def code_interpreter():
    sales = client.files.create(
        file=("sales.csv", b"product,amount\nLamp,40\nDesk,300\nLamp,60\n"), purpose="assistants"
    )
    assistant = client.beta.assistants.create(model=MODEL, tools=[{"type": "code_interpreter"}])
    attachment = {"file_id": sales.id, "tools": [{"type": "code_interpreter"}]}
    thread = client.beta.threads.create(
        messages=[{"role": "user", "content": "The top products, with a chart?", "attachments": [attachment]}]
    )
    handler = CodeHandler()
    with client.beta.threads.runs.stream(
        thread_id=thread.id, assistant_id=assistant.id, event_handler=handler
    ) as stream:
        stream.until_done()
        run = stream.get_final_run()
        (message,) = stream.get_final_messages()
    stored = client.beta.threads.messages.list(thread.id).data[0]
    steps = client.beta.threads.runs.steps.list(run.id, thread_id=thread.id, order="asc").data
    (call,) = steps[0].step_details.tool_calls
    picture, text = message.content
    (annotation,) = text.text.annotations
    made = client.files.retrieve(annotation.file_path.file_id)
    return {
        "heard": handler.heard,
        "code": handler.code == call.code_interpreter.input,
        "logs": [handler.logs, call.code_interpreter.outputs[0].logs == handler.logs],
        "stored": message.to_dict() == stored.to_dict(),
        "picture": client.files.content(picture.image_file.file_id).read()[1:4].decode(),
        "shown": call.code_interpreter.outputs[1].image.file_id == picture.image_file.file_id,
        "answer": text.text.value.replace(annotation.text, made.filename),
        "file": [made.purpose, client.files.content(made.id).read().decode()],
    }


def errors():
    def caught(call, *arguments, **options):
        try:
            call(*arguments, **options)
        except openai.APIStatusError as error:
            return [type(error).__name__, error.status_code, error.param, error.code]

    missing = "thread_" + "a" * 24
    return {
        "thread": caught(client.beta.threads.retrieve, missing),
        "file": caught(client.files.retrieve, "file-" + "a" * 24),
        "parameter": caught(client.beta.assistants.create, model=MODEL, extra_body={"colour": "red"}),
        "temperature": caught(client.beta.assistants.create, model=MODEL, temperature=3),
        "metadata": caught(client.beta.threads.create, metadata={"k" * 65: "v"}),
        "run": caught(client.beta.threads.runs.create, missing, assistant_id="asst_" + "a" * 24),
        "key": caught(OpenAI(api_key="wrong").models.list),
        "request id": "x-request-id" in client.models.with_raw_response.list().headers,
    }


def failing_provider():
    assistant = client.beta.assistants.create(model=MODEL)
    run = client.beta.threads.create_and_run_poll(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "hello"}]}
    )
    return {"status": run.status, "error": run.last_error.code}


for scenario in (
    assistants,
    threads_and_messages,
    files_and_stores,
    file_search,
    streaming,
    streamed_citation,
    asynchronous,
    functions,
    streamed_functions,
    thread_and_run,
    cancelling,
    code_interpreter,
    errors,
    failing_provider,
):
    print(json.dumps([scenario.__name__, scenario()]), flush=True)
