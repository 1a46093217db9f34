"""An assistant of llama-index 0.12, as people wrote them in 2024: a file attached to the question, and a function.

Usage: llama_index_agent.py MANUAL QUESTION FOLLOW_UP. Prints JSON: the two answers, and what the function was asked.
"""

import json
import sys

from llama_index.agent.openai import OpenAIAssistantAgent
from llama_index.core.tools import FunctionTool

manual, question, follow_up = sys.argv[1:]
asked = []


def stock(model: str) -> str:
    """How many bicycles of a model are in stock."""
    asked.append(model)
    return f"12 of {model} are in stock"


agent = OpenAIAssistantAgent.from_new(
    name="Salesperson",
    instructions="Answer from the manual and the stock list.",
    openai_tools=[{"type": "file_search"}],
    tools=[FunctionTool.from_defaults(fn=stock)],
    model="gpt-4o",
    run_retrieve_sleep_time=0.2,
)
files = agent.upload_files([manual])
agent.add_message(question, file_ids=list(files))
agent.run_assistant()
first = agent.latest_message.content
second = agent.chat(follow_up).response
print(json.dumps({"answers": [first, second], "asked": asked}))
