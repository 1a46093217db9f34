"""A "Document Q&A" program for the Assistants API, as people wrote them in 2024 with openai-python 1.40.

Usage: program.py QUESTION FOLLOW_UP FILE... It knows nothing of Deskside: the address and the key of the service come
from OPENAI_BASE_URL and OPENAI_API_KEY.
"""
# ruff: noqa: PTH123, SIM115

import sys
import time

from openai import OpenAI

client = OpenAI()


def wait_for_answer(thread_id: str, assistant_id: str) -> str:
    run = client.beta.threads.runs.create(thread_id=thread_id, assistant_id=assistant_id)
    while run.status in ("queued", "in_progress"):
        time.sleep(1)
        run = client.beta.threads.runs.retrieve(run.id, thread_id=thread_id)
    if run.status != "completed":
        raise SystemExit(f"The run ended as {run.status}: {run.last_error}")
    messages = client.beta.threads.messages.list(thread_id, order="desc", limit=1)
    return messages.data[0].content[0].text.value


question, follow_up, *paths = sys.argv[1:]

vector_store = client.beta.vector_stores.create(name="Documents")
streams = [open(path, "rb") for path in paths]
batch = client.beta.vector_stores.file_batches.upload_and_poll(vector_store_id=vector_store.id, files=streams)
print("batch:", batch.status, batch.file_counts.completed, "of", batch.file_counts.total)

assistant = client.beta.assistants.create(
    name="Document Q&A",
    instructions="Answer from the documents.",
    model="gpt-4o",
    tools=[{"type": "file_search"}],
    tool_resources={"file_search": {"vector_store_ids": [vector_store.id]}},
)
thread = client.beta.threads.create()
client.beta.threads.messages.create(thread_id=thread.id, role="user", content=question)
print("answer:", wait_for_answer(thread.id, assistant.id))

client.beta.threads.messages.create(thread_id=thread.id, role="user", content=follow_up)
print("follow-up:", wait_for_answer(thread.id, assistant.id))

print("deleted:", client.beta.assistants.delete(assistant.id).deleted)
print("deleted:", client.beta.vector_stores.delete(vector_store.id).deleted)
