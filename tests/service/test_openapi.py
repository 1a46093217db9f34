"""The OpenAPI page describes every route, and the service keeps to it under fire."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from tests.support.operations import OPERATIONS
from tests.support.protocol import SPEC
from tests.support.service_process import ServiceProcess

RUN_S = 60
SEED = 20260826
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ignored_auth",
)
"""All but those that take a well-formed body for an acceptable one: it may name a file that does not exist."""


@pytest.fixture
def page(http: httpx2.Client) -> dict[str, Any]:
    described: dict[str, Any] = http.get("/openapi.json").json()
    return described


def test_every_operation_of_the_protocol_is_on_the_page(page: dict[str, Any]) -> None:
    described = {f"{method.upper()} {path}" for path, methods in page["paths"].items() for method in methods}
    assert {operation.replace(" ", " /v1") for operation in OPERATIONS.values()} <= described


def test_the_page_says_what_is_sent_and_what_is_answered(page: dict[str, Any]) -> None:
    for path, methods in page["paths"].items():
        for method, operation in methods.items():
            (answered, *_) = operation["responses"]["200"]["content"].values()
            assert set(answered["schema"]) & {"$ref", "type"}, f"{method} {path} answers with no schema"
            assert answered["schema"].get("additionalProperties") is not True, f"{method} {path} answers with anything"
            assert {"4XX", "5XX"} < set(operation["responses"])


def test_the_page_is_whole(page: dict[str, Any]) -> None:
    for reference in _references(page):
        assert reference.removeprefix("#/components/schemas/") in page["components"]["schemas"]
    for schema in page["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_page_has_the_limits_that_are_checked(page: dict[str, Any]) -> None:
    fields = page["components"]["schemas"]["AssistantCreateParams"]
    assert fields["required"] == ["model"]
    assert fields["additionalProperties"] is False
    name, null = fields["properties"]["name"]["anyOf"]
    assert (name["maxLength"], null) == (256, {"type": "null"})
    assert fields["properties"]["tools"]["anyOf"][0]["maxItems"] == 128


@pytest.mark.skipif(not SPEC.exists(), reason="the official specification is not at hand")
def test_the_page_has_the_limits_of_the_official_specification(page: dict[str, Any]) -> None:
    official = json.loads(SPEC.read_text("utf-8"))
    for operation in OPERATIONS.values():
        method, path = operation.split(" ")
        theirs, ours = (
            _limits(spec, spec["paths"][prefix + path][method.lower()].get("requestBody", {}))
            for spec, prefix in ((official, ""), (page, "/v1"))
        )
        for place, limit in theirs.items():
            name, kind = place
            if kind in ("minItems", "minLength") or name.startswith(".expires_after"):
                continue  # emptiness is told in words of ours; a form's fields are spelled otherwise
            expected = _OURS.get((name.rpartition(".")[2], limit), limit)
            assert ours.get(place) == expected, f"{operation}: {place}"


@pytest.mark.slow
def test_thousands_of_made_up_requests_find_no_fault(service: ServiceProcess, tmp_path: Path) -> None:
    """schemathesis makes requests from the page, valid and not; `service` fails on a traceback in the log."""
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", f"{service.base_url}/openapi.json"),
        *("--header", f"Authorization: Bearer {service.api_key}", "--checks", ",".join(CHECKS)),
        *("--exclude-path", "/v1/deskside/events"),  # it never ends
        *(
            "--exclude-path",
            "/v1/deskside/interpreter/self-test",
        ),  # longer than a request may take
        *("--max-time", str(RUN_S), "--seed", str(SEED), "--request-timeout", "20"),
        *("--continue-on-failure", "--warnings", "off", "--no-color"),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=4 * RUN_S, check=False)
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-2000:]


_OURS = {("tools", 20): 128, ("file_ids", 100_000_000): 10_000}
"""A run takes as many tools as its assistant; a store that is made on the way takes what it always took."""
_LIMITS = ("maxLength", "minLength", "maxItems", "minItems", "maximum", "minimum", "maxProperties")


def _limits(
    spec: dict[str, Any], node: dict[str, Any], place: str = "", within: tuple[str, ...] = ()
) -> dict[Any, Any]:
    """The limits below a node by their place and kind, such as `{(".tools", "maxItems"): 128}`."""
    if "$ref" in node:
        if node["$ref"] in within:
            return {}
        inner = spec["components"]["schemas"][node["$ref"].rpartition("/")[2]]
        return _limits(spec, inner, place, (*within, node["$ref"]))
    found = {(place, kind): node[kind] for kind in _LIMITS if kind in node}
    for content in node.get("content", {}).values():
        found |= _limits(spec, content["schema"], place, within)
    for name, each in node.get("properties", {}).items():
        found |= _limits(spec, each, f"{place}.{name}", within)
    for each in (*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())):
        found |= _limits(spec, each, place, within)
    return found | _limits(spec, node["items"], f"{place}[]", within) if "items" in node else found


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [each for item in node for each in _references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [each for item in node.values() for each in _references(item)]
