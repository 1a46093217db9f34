"""The shop that each agent works for. The programs beside this one get: MANUAL QUESTION FOLLOW_UP."""

import json
import sys

from openai import OpenAI

manual, question, follow_up = sys.argv[1:]
asked: list[str] = []
INSTRUCTIONS = "Answer from the manual and the stock list."


def stock(model: str) -> str:
    """How many bicycles of a model are in stock."""
    asked.append(model)
    return f"12 of {model} are in stock"


def manuals() -> str:
    """The id of a vector store with the manual."""
    client = OpenAI()
    store = client.vector_stores.create(name="Manuals")
    with open(manual, "rb") as file:  # noqa: PTH123
        client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=file)
    return store.id


def report(*answers: str) -> None:
    """Prints JSON: the answers to the two questions, and what `stock` was asked."""
    print(json.dumps({"answers": answers, "asked": asked}))
