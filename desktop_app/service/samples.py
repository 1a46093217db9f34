"""The sample assistant with its documents: made at the first call, once per data folder."""

import json
import threading
from contextlib import ExitStack
from typing import Any

from desktop_app.documents.files import Library, NewFile
from desktop_app.documents.stores import create_store
from desktop_app.runs.assistants import create_assistant
from desktop_app.settings.paths import resources_dir
from desktop_app.store.database import Connection, Database
from desktop_app.store.facts import read_fact, write_fact
from desktop_app.wire.extensions import Samples

_FACT = "samples"


class SampleMaker:
    """`make` blocks; called twice at once it still makes them once."""

    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library
        self._making = threading.Lock()

    def make(self) -> Samples:
        """All of it in one transaction, with the fact that it was made."""
        folder = resources_dir() / "samples"
        described = json.loads((folder / "samples.json").read_text("utf-8"))

        def create(connection: Connection, rows: list[dict[str, Any]]) -> dict[str, str]:
            store_id = create_store(connection, described["vector_store"] | {"file_ids": [row["id"] for row in rows]})
            resources = {"file_search": {"vector_store_ids": [store_id]}}
            search = {"tools": [{"type": "file_search"}], "tool_resources": resources}
            assistant = create_assistant(connection, described["assistant"] | search)
            made = {"assistant_id": assistant["id"], "vector_store_id": store_id}
            write_fact(connection, _FACT, made)
            return made

        with self._making, ExitStack() as opened:
            with self._database.read() as connection:
                made = read_fact(connection, _FACT)
            created = made is None
            if created:
                files = [
                    NewFile(opened.enter_context((folder / name).open("rb")), name, "assistants")
                    for name in described["files"]
                ]
                made = self._library.add_all(files, create)
        return Samples(created=created, questions=described["questions"], **made)
