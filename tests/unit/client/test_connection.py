import pytest

from desktop_app.client.connection import Connection
from tests.unit.client.test_extensions import Server


async def test_a_service_on_this_machine_is_reached_whatever_proxy_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = Server()
    await server.start()
    server.replies["/v1/deskside/status"] = (200, {"object": "deskside.status", "version": "1", "data_dir": "/x"})
    connection = Connection(f"http://127.0.0.1:{server.port}/v1", "key")
    assert (await connection.extensions.status()).version == "1"
    await connection.close()
    await server.stop()


async def test_closing_a_connection_that_was_never_used_does_nothing() -> None:
    await Connection("http://127.0.0.1:9/v1", "key").close()
