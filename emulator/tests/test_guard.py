"""Who is let in."""

from __future__ import annotations

from http.client import HTTPConnection
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
