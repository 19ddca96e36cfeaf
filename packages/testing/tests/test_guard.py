"""Requests that a Runtime API lets in."""

from __future__ import annotations

import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lambda_testing import FakeRuntimeAPI

PING = "/2018-06-01/ping"
PATHS = [
    ("GET", "/2018-06-01/runtime/invocation/next"),
    ("POST", "/2018-06-01/runtime/invocation/x/response"),
    ("POST", "/2018-06-01/runtime/init/error"),
    ("POST", "/2020-01-01/extension/register"),
    ("GET", "/nothing"),
]


def ask(api: FakeRuntimeAPI, method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = HTTPConnection(api.address, timeout=10)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 403),
        ({"Host": "localhost.example"}, 403),
        ({"Host": "ai."}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch"}, 403),
        ({"Host": "[::1"}, 400),
        ({"Host": "a b"}, 400),
        ({"Host": "user@localhost"}, 400),
        ({"Host": "localhost:port"}, 400),
    ],
)
def test_a_page_is_not(
    api: FakeRuntimeAPI, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    invocation = api.enqueue({"secret": 1})
    refused, body = ask(api, method, path, headers)
    assert refused == status
    assert b"secret" not in body
    assert b'"errorMessage"' in body
    assert invocation.state == "queued"


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.1:9001", "localhost:1", "LOCALHOST", "[::1]:9001", "10.0.0.1"),
        *("functions", "my_host", "app.localhost", "host.docker.internal:9001"),
    ],
)
def test_programs_are(api: FakeRuntimeAPI, host: str) -> None:
    assert ask(api, "GET", PING, {"Host": host}) == (200, b"pong")
    assert ask(api, "GET", PING, {"Sec-Fetch-Site": "none"}) == (200, b"pong")


def test_a_program_may_leave_the_host_out(api: FakeRuntimeAPI) -> None:
    host, _, port = api.address.partition(":")
    with socket.create_connection((host, int(port)), 10) as client:
        client.sendall(f"GET {PING} HTTP/1.0\r\n\r\n".encode())
        assert b"200 OK" in client.makefile("rb").read()
