"""docs/protocol.md names what the service does: every operation, every event, and no others."""

import re
from pathlib import Path

import httpx2

from desktop_app.wire import events
from tests.support.operations import OPERATIONS

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")


def _section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _operations(*titles: str) -> set[str]:
    return {each for title in titles for each in re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*)`", _section(title))}


def test_the_page_has_a_row_for_each_operation_of_the_reference() -> None:
    assert set(OPERATIONS.values()) <= _operations("Operations")


def test_the_page_names_every_route_of_the_service_and_no_others(http: httpx2.Client) -> None:
    paths = http.get("/openapi.json").json()["paths"]
    served = {f"{method.upper()} {path.removeprefix('/v1')}" for path in paths for method in paths[path]}
    assert _operations("Operations", "What Deskside adds") == served | {"GET /openapi.json"}


def test_the_page_names_every_event_of_a_stream() -> None:
    named = {value for name, value in vars(events).items() if name.isupper() and isinstance(value, str)}
    rows = re.findall(r"^\| (`.*?`) \|", _section("Stream events"), re.MULTILINE)
    assert {event for row in rows for event in re.findall(r"`([^`]+)`", row)} == {
        each for each in named if not each.startswith("X-")
    }
