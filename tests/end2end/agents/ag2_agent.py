"""An assistant of ag2 0.7 (autogen), as people wrote them in 2024: file search, a function, and a user proxy."""

import contextlib
import sys

from autogen import UserProxyAgent
from autogen.agentchat.contrib.gpt_assistant_agent import GPTAssistantAgent
from shop import INSTRUCTIONS, follow_up, manuals, question, report, stock

STOCK = {
    "name": "stock",
    "description": stock.__doc__,
    "parameters": {"type": "object", "properties": {"model": {"type": "string"}}, "required": ["model"]},
}

with contextlib.redirect_stdout(sys.stderr):  # it prints the conversation
    salesperson = GPTAssistantAgent(
        name="Salesperson",
        instructions=INSTRUCTIONS,
        llm_config={"config_list": [{"model": "gpt-4o"}]},
        assistant_config={
            "tools": [{"type": "file_search"}, {"type": "function", "function": STOCK}],
            "tool_resources": {"file_search": {"vector_store_ids": [manuals()]}},
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
report(first, second)
