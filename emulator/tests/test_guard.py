"""The requests that the server accepts."""

from __future__ import annotations

import socket
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from lambda_emulator import Emulator

from .conftest import LIMIT, receive

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTION = Path(__file__).parent / "functions" / "pages.py"
INVOKE = "/2015-03-31/functions/pages/invocations"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator([FUNCTION], allowed_hosts=["my.test"]) as emulator:
        yield emulator


def status(emulator: Emulator, path: str, headers: dict[str, str]) -> int:
    connection = HTTPConnection(urlsplit(emulator.url).netloc, timeout=LIMIT)
    connection.request("POST", path, b"{}", headers)
    return receive(connection).status


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:9000", "127.0.0.1", "[::1]:9000", "http.localhost", "my.test:1"],
)
def test_hosts_that_are_this_machine(emulator: Emulator, host: str) -> None:
    assert status(emulator, INVOKE, {"Host": host}) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost.example"]
)
def test_hosts_that_are_not(emulator: Emulator, host: str) -> None:
    assert status(emulator, INVOKE, {"Host": host}) == 403
    assert status(emulator, "/lambda-url/pages/", {"Host": host}) == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_pages_of_others(emulator: Emulator, origin: str) -> None:
    assert status(emulator, INVOKE, {"Origin": origin}) == 403
    assert status(emulator, "/lambda-url/pages/", {"Origin": origin}) == 403


def test_its_own_pages(emulator: Emulator) -> None:
    assert status(emulator, INVOKE, {"Origin": emulator.url}) == 200


def raw_status(emulator: Emulator, path: bytes, *lines: bytes, version: bytes = b"1.1") -> int:
    """Send a request of these lines, and return the status of the response."""
    url = urlsplit(emulator.url)
    with closing(socket.create_connection((url.hostname or "", url.port or 0), LIMIT)) as peer:
        peer.sendall(b"\r\n".join([b"GET %s HTTP/%s" % (path, version), *lines, b"", b""]))
        response = HTTPResponse(peer)
        response.begin()
        return response.status


PATHS = pytest.mark.parametrize("path", [b"/", b"/2015-03-31/x", b"/lambda-url/pages/"])


@PATHS
@pytest.mark.parametrize(
    "host",
    [
        b"", b"[::1", b"[zz]", b"[127.0.0.1", b"a b", b"localhost:x", b"localhost:65536", b"\xff",
        b"user@localhost", b".", b"..", b".localhost", b"a..localhost", b".:80",
        b"http://localhost", b"localhost/x", b"localhost?x", b"localhost,evil",
    ],
)  # fmt: skip
def test_a_malformed_host(emulator: Emulator, path: bytes, host: bytes) -> None:
    assert raw_status(emulator, path, b"Host: " + host) == 400


def test_no_host_and_two_of_them(emulator: Emulator) -> None:
    path = b"/lambda-url/pages/"
    assert raw_status(emulator, path) == 400
    assert raw_status(emulator, path, b"Host: localhost", b"Host: localhost") == 400
    assert raw_status(emulator, path, version=b"1.0") == 200


@PATHS
@pytest.mark.parametrize(
    "origin",
    [
        b"", b"http://", b"http://[", b"http://[::1", b"http://a b", b"http://localhost:x", b"\xff",
        b"http://localhost:65536", b"http://localhost/", b"http://a@localhost", b"localhost",
    ],
)  # fmt: skip
def test_a_malformed_origin(emulator: Emulator, path: bytes, origin: bytes) -> None:
    assert raw_status(emulator, path, b"Host: localhost", b"Origin: " + origin) == 400


def test_two_origins(emulator: Emulator) -> None:
    origin = b"Origin: http://localhost"
    assert raw_status(emulator, b"/", b"Host: localhost", origin, origin) == 400


@PATHS
@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (b"localhost", b"http://localhost"),
        (b"localhost", b"http://localhost:80"),
        (b"localhost:80", b"http://LOCALHOST"),
        (b"[::1]:9", b"http://[::1]:9"),
    ],
)
def test_own_pages_by_other_names(
    emulator: Emulator, path: bytes, host: bytes, origin: bytes
) -> None:
    assert raw_status(emulator, path, b"Host: " + host, b"Origin: " + origin) in {200, 404}


@PATHS
@pytest.mark.parametrize(
    "origin",
    [
        b"null", b"https://evil.example", b"http://localhost:1", b"http://127.0.0.1:9",
        b"chrome-extension://abc", b"ftp://localhost", b"https://localhost:81",
    ],
)  # fmt: skip
def test_pages_of_other_origins(emulator: Emulator, path: bytes, origin: bytes) -> None:
    assert raw_status(emulator, path, b"Host: localhost", b"Origin: " + origin) == 403


@PATHS
@pytest.mark.parametrize(
    ("site", "mode", "destination", "let_in"),
    [
        (b"none", b"navigate", b"document", True),
        (b"same-origin", b"cors", b"empty", True),
        (b"same-origin", b"no-cors", b"image", True),
        (b"cross-site", b"navigate", b"document", True),
        (b"same-site", b"navigate", b"document", True),
        (b"cross-site", b"navigate", b"iframe", False),
        (b"cross-site", b"no-cors", b"image", False),
        (b"cross-site", b"no-cors", b"script", False),
        (b"cross-site", b"cors", b"empty", False),
        (b"cross-site", b"websocket", b"empty", False),
        (b"same-site", b"no-cors", b"image", False),
        (b"CROSS-SITE", b"no-cors", b"image", False),
    ],
)
def test_what_a_browser_says_of_a_request(
    emulator: Emulator, path: bytes, site: bytes, mode: bytes, destination: bytes, let_in: bool
) -> None:
    status = raw_status(
        emulator,
        path,
        b"Host: localhost",
        b"Sec-Fetch-Site: " + site,
        b"Sec-Fetch-Mode: " + mode,
        b"Sec-Fetch-Dest: " + destination,
    )
    assert (status != 403) is let_in


def test_a_navigation_by_post_is_not_let_in(emulator: Emulator) -> None:
    browser = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert status(emulator, "/lambda-url/pages/", browser) == 403


@PATHS
@pytest.mark.parametrize("site", [b"none", b"cross-site", b"same-site"])
def test_a_document_that_a_page_has_fetched_in_advance(
    emulator: Emulator, path: bytes, site: bytes
) -> None:
    browser = [
        b"Sec-Fetch-Site: " + site,
        b"Sec-Fetch-Mode: navigate",
        b"Sec-Fetch-Dest: document",
        b"Sec-Purpose: prefetch;prerender",
    ]
    assert raw_status(emulator, path, b"Host: localhost", *browser) == 403
