"""An assistant of langchain 0.3, as people wrote them in 2024: file search, a function, and langchain's executor.

Usage: langchain_agent.py MANUAL QUESTION FOLLOW_UP. Prints JSON: the two answers, and what the function was asked.
"""

import json
import sys

from langchain.agents import AgentExecutor
from langchain_community.agents.openai_assistant import OpenAIAssistantV2Runnable
from langchain_core.tools import tool
from openai import OpenAI

manual, question, follow_up = sys.argv[1:]
asked = []


@tool
def stock(model: str) -> str:
    """How many bicycles of a model are in stock."""
    asked.append(model)
    return f"12 of {model} are in stock"


client = OpenAI()
store = client.vector_stores.create(name="Manuals")
with open(manual, "rb") as file:  # noqa: PTH123
    client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=file)

agent = OpenAIAssistantV2Runnable.create_assistant(
    name="Salesperson",
    instructions="Answer from the manual and the stock list.",
    tools=[{"type": "file_search"}, stock],
    tool_resources={"file_search": {"vector_store_ids": [store.id]}},
    model="gpt-4o",
    as_agent=True,
    check_every_ms=200,
)
executor = AgentExecutor(agent=agent, tools=[stock])
first = executor.invoke({"content": question})
second = executor.invoke({"content": follow_up, "thread_id": first["thread_id"]})
print(json.dumps({"answers": [first["output"], second["output"]], "asked": asked}))
