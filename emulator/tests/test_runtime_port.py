"""Requests that the port of a function's Runtime API lets in."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lambda_emulator import Emulator

from .conftest import LIMIT, Response, receive

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = Path(__file__).parent / "functions"
PATHS = [
    "/2018-06-01/runtime/invocation/next",
    "/2018-06-01/runtime/invocation/x/response",
    "/2018-06-01/runtime/init/error",
    "/2020-01-01/extension/register",
    "/2022-07-01/telemetry",
    "/nothing",
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(FUNCTIONS)
        with Emulator(["port.handler"], allowed_hosts=["my.test"], timeout=20) as emulator:
            yield json.load(emulator.client().invoke(FunctionName="port")["Payload"])


def ask(address: str, path: str, headers: dict[str, str]) -> Response:
    method = "GET" if path.endswith("next") else "POST"
    connection = HTTPConnection(address, timeout=LIMIT)
    connection.request(method, path, None if method == "GET" else b"{}", headers)
    return receive(connection)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "my.test:80"])
def test_a_page_with_a_name_of_its_own(address: str, path: str, host: str) -> None:
    assert ask(address, path, {"Host": host}).status == 403


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_site(address: str, path: str, origin: str) -> None:
    assert ask(address, path, {"Origin": origin}).status == 403


@pytest.mark.parametrize("path", PATHS)
def test_a_request_that_a_page_makes_without_an_origin(address: str, path: str) -> None:
    assert ask(address, path, {"Sec-Fetch-Site": "cross-site"}).status == 403


@pytest.mark.parametrize("path", PATHS)
def test_a_request_that_a_page_makes_in_advance(address: str, path: str) -> None:
    browser = {"Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch"}
    assert ask(address, path, browser).status == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9001", "[::1]"])
def test_programs_of_this_machine(address: str, host: str) -> None:
    assert ask(address, "/2018-06-01/runtime/invocation/x/response", {"Host": host}).status == 400


def test_no_page_has_business_there(address: str) -> None:
    own = f"http://{address}"
    assert ask(address, "/2018-06-01/runtime/invocation/x/response", {"Origin": own}).status == 403
