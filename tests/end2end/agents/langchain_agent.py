"""An assistant of langchain 0.3, as people wrote them in 2024: file search, a function, and langchain's executor."""

from langchain.agents import AgentExecutor
from langchain_community.agents.openai_assistant import OpenAIAssistantV2Runnable
from langchain_core.tools import tool
from shop import INSTRUCTIONS, follow_up, manuals, question, report, stock

stock_tool = tool(stock)
agent = OpenAIAssistantV2Runnable.create_assistant(
    name="Salesperson",
    instructions=INSTRUCTIONS,
    tools=[{"type": "file_search"}, stock_tool],
    tool_resources={"file_search": {"vector_store_ids": [manuals()]}},
    model="gpt-4o",
    as_agent=True,
    check_every_ms=200,
)
executor = AgentExecutor(agent=agent, tools=[stock_tool])
first = executor.invoke({"content": question})
second = executor.invoke({"content": follow_up, "thread_id": first["thread_id"]})
report(first["output"], second["output"])
