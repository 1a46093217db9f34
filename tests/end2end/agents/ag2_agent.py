"""An assistant of ag2 0.7 (autogen), as people wrote them in 2024: file search, a function, and a user proxy.

Usage: ag2_agent.py MANUAL QUESTION FOLLOW_UP. Prints JSON: the two answers, and what the function was asked.
"""

import contextlib
import json
import sys

from autogen import UserProxyAgent
from autogen.agentchat.contrib.gpt_assistant_agent import GPTAssistantAgent
from openai import OpenAI

manual, question, follow_up = sys.argv[1:]
asked = []


def stock(model: str) -> str:
    asked.append(model)
    return f"12 of {model} are in stock"


STOCK = {
    "name": "stock",
    "description": "How many bicycles of a model are in stock.",
    "parameters": {"type": "object", "properties": {"model": {"type": "string"}}, "required": ["model"]},
}

client = OpenAI()
store = client.vector_stores.create(name="Manuals")
with open(manual, "rb") as file:  # noqa: PTH123
    client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=file)

with contextlib.redirect_stdout(sys.stderr):  # it prints the conversation
    salesperson = GPTAssistantAgent(
        name="Salesperson",
        instructions="Answer from the manual and the stock list.",
        llm_config={"config_list": [{"model": "gpt-4o"}]},
        assistant_config={
            "tools": [{"type": "file_search"}, {"type": "function", "function": STOCK}],
            "tool_resources": {"file_search": {"vector_store_ids": [store.id]}},
        },
    )
    salesperson.register_function(function_map={"stock": stock})
    customer = UserProxyAgent(
        name="Customer", human_input_mode="NEVER", max_consecutive_auto_reply=0, code_execution_config=False
    )
    customer.initiate_chat(salesperson, message=question)
    first = customer.last_message(salesperson)["content"]
    customer.send(follow_up, salesperson, request_reply=True)
    second = customer.last_message(salesperson)["content"]
    salesperson.delete_assistant()
print(json.dumps({"answers": [first, second], "asked": asked}))
