"""The agents of three frameworks that were built on the Assistants API do a small job again."""

import json
from pathlib import Path

import openai
import pytest

from desktop_app.documents.model_files import ModelFiles
from tests.end2end.conftest import serving
from tests.support.environments import Environments
from tests.support.scripted_provider import Turn
from tests.support.service_process import ServiceProcess

# The last versions whose agents work, with the SDK of their time: from 0.8 on, ag2's fails when a run takes a moment.
AGENTS = {
    "langchain_agent.py": ("langchain==0.3.27", "langchain-community==0.3.31", "openai==1.109.1"),
    "ag2_agent.py": ("ag2==0.7.6", "openai==1.109.1"),
    "llama_index_agent.py": ("llama-index-agent-openai==0.4.12", "openai==1.109.1"),
}
MANUAL = """The City 400 is an electric bicycle.

The battery charges in four hours with the charger supplied.
"""
ANSWER = "The battery charges in four hours with the charger supplied. 12 are in stock."
TURNS = [
    Turn(calls=[{"name": "file_search", "arguments": {"query": "battery charging time"}}]),
    Turn(calls=[{"name": "stock", "arguments": {"model": "City 400"}}]),
    Turn(ANSWER),
    Turn("You are welcome."),
]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("program", AGENTS)
def test_an_agent_searches_a_file_calls_a_function_and_goes_on_in_its_thread(
    program: str, tmp_path: Path, model_files: ModelFiles, environments: Environments
) -> None:
    manual = tmp_path / "manual.txt"
    manual.write_text(MANUAL)
    environment = environments.python(*AGENTS[program])
    with serving(tmp_path / "data", *TURNS) as (service, provider):
        printed = environment.run(
            Path(__file__).with_name(program),
            manual,
            "How long does the battery charge, and how many bicycles are in stock?",
            "Thank you.",
            service=service,
        )
        cited = cited_files(service)
    told = json.loads(printed.splitlines()[-1])
    first, second = told["answers"]
    assert "charges in four hours" in first
    assert "12 are in stock" in first
    assert "You are welcome." in second
    assert told["asked"] == ["City 400"]
    assert cited == {manual.name}

    _, after_search, after_function, follow_up = [request["messages"] for request in provider.requests]
    assert "charges in four hours with the charger" in after_search[-1]["content"]
    assert after_function[-1]["content"] == "12 of City 400 are in stock"
    assert follow_up[-1]["content"] == "Thank you."


def cited_files(service: ServiceProcess) -> set[str]:
    """The names of the files that the first answer of the only thread cites."""
    with openai.OpenAI(base_url=service.base_url, api_key=service.api_key) as client:
        (thread,) = client.get("/threads", cast_to=object)["data"]
        _, answer, *_ = client.beta.threads.messages.list(thread["id"], order="asc")
        annotations = answer.content[0].text.annotations
        return {client.files.retrieve(each.file_citation.file_id).filename for each in annotations}
