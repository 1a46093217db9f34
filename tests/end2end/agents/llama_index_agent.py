"""An assistant of llama-index 0.12, as people wrote them in 2024: a file attached to the question, and a function."""

from llama_index.agent.openai import OpenAIAssistantAgent
from llama_index.core.tools import FunctionTool
from shop import INSTRUCTIONS, follow_up, manual, question, report, stock

agent = OpenAIAssistantAgent.from_new(
    name="Salesperson",
    instructions=INSTRUCTIONS,
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
report(first, second)
