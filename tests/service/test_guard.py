"""Who is let in: key, Host, Origin, version and size, on every route there is and is not."""

import socket

import httpx2
import pytest

from tests.support.protocol import check_error
from tests.support.service_process import ServiceProcess

ROUTES = [
    ("GET", "/assistants"),
    ("POST", "/assistants"),
    ("DELETE", "/assistants/asst_x"),
    ("GET", "/threads"),
    ("POST", "/threads"),
    ("POST", "/threads/runs"),
    ("GET", "/threads/undefined/messages"),
    ("POST", "/threads/thread_x/runs"),
    ("GET", "/files"),
    ("POST", "/files"),
    ("GET", "/files/file-x/content"),
    ("POST", "/vector_stores"),
    ("POST", "/vector_stores/vs_x/search"),
    ("POST", "/vector_stores/vs_x/file_batches"),
    ("GET", "/models"),
    ("GET", "/deskside/status"),
    ("GET", "/deskside/events"),
    ("POST", "/deskside/samples"),
    ("GET", "/openapi.json"),
    ("GET", "/nothing"),
    ("PUT", "/assistants"),
    ("OPTIONS", "/assistants"),
    ("GET", "/../../etc/passwd"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_key_every_route_answers_401(shared: ServiceProcess, method: str, path: str) -> None:
    answer = httpx2.request(method, shared.base_url + path, content=b"{not json")
    assert answer.status_code == 401
    check_error(answer.json())
    assert answer.json()["error"]["code"] is None


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_with_a_wrong_key_every_route_answers_401_and_echoes_nothing(
    shared: ServiceProcess, method: str, path: str
) -> None:
    answer = httpx2.request(method, shared.base_url + path, headers={"Authorization": "Bearer sk-stolen-key"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert "sk-stolen-key" not in answer.text


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Basic {key}", "{key}", "Bearer {key}x", "Bearer x{key}", "Bearer \xff\xfe"]
)
def test_only_the_whole_key_in_the_right_form_opens(shared: ServiceProcess, value: str) -> None:
    header = value.format(key=shared.api_key).encode("latin-1")
    answer = httpx2.get(f"{shared.base_url}/models", headers={b"Authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "localhost", "127.0.0.1.evil.example:{port}", "", "0.0.0.0:{port}", "127.0.0.1:1"],
)
def test_a_foreign_host_is_refused(shared: ServiceProcess, http: httpx2.Client, host: str) -> None:
    answer = http.get("/models", headers={"Host": host.format(port=port_of(shared))})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}"])
def test_loopback_names_are_let_in(shared: ServiceProcess, http: httpx2.Client, host: str) -> None:
    answer = http.get("/models", headers={"Host": host.format(port=port_of(shared))})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:3000", "null", "file://", "http://127.0.0.1", ""]
)
def test_a_web_page_is_refused(http: httpx2.Client, origin: str) -> None:
    answer = http.get("/models", headers={"Origin": origin})
    assert answer.status_code == 403
    assert not any(name.startswith("access-control-") for name in answer.headers)


def test_a_preflight_is_granted_nothing(http: httpx2.Client) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = http.request("OPTIONS", "/assistants", headers=headers)
    assert answer.status_code == 403
    assert not any(name.startswith("access-control-") for name in answer.headers)


@pytest.mark.parametrize("beta", ["assistants=v1", "foo=1, assistants=v1"])
def test_the_first_version_of_the_protocol_is_refused(http: httpx2.Client, beta: str) -> None:
    answer = http.get("/assistants", headers={"OpenAI-Beta": beta})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_beta"


@pytest.mark.parametrize("beta", ["assistants=v2", "realtime=v1, assistants=v2", ""])
def test_other_versions_are_let_in(http: httpx2.Client, beta: str) -> None:
    assert http.get("/assistants", headers={"OpenAI-Beta": beta}).status_code == 200


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(shared: ServiceProcess) -> None:
    head = (
        f"POST /v1/assistants HTTP/1.1\r\nHost: 127.0.0.1:{port_of(shared)}\r\n"
        f"Authorization: Bearer {shared.api_key}\r\nContent-Length: 99999999999\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port_of(shared)), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_body_that_grows_too_large_is_refused(http: httpx2.Client) -> None:
    def pieces() -> object:
        for _ in range(17):
            yield b"x" * 1024 * 1024

    answer = http.post("/assistants", content=pieces())
    assert answer.status_code == 413


def test_an_unknown_route_answers_in_json(http: httpx2.Client) -> None:
    answer = http.get("/no/such/route")
    assert answer.status_code == 404
    assert "/v1/no/such/route" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/assistants", "GET, POST"),
        ("/threads/thread_x", "DELETE, GET, POST"),
        ("/models/org/name", "DELETE, GET"),
        ("/openapi.json", "GET"),
    ],
)
def test_a_wrong_method_answers_in_json_naming_the_right_ones(http: httpx2.Client, path: str, allowed: str) -> None:
    answer = http.put(path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed


def test_the_key_is_in_no_file_and_no_log(shared: ServiceProcess) -> None:
    files = [path for path in shared.data_dir.rglob("*") if path.is_file()]
    assert files
    assert not any(shared.api_key.encode() in path.read_bytes() for path in files)
    assert shared.api_key not in shared.log()


def port_of(process: ServiceProcess) -> int:
    return httpx2.URL(process.base_url).port or 0
