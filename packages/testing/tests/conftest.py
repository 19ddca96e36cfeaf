from __future__ import annotations

import time
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@pytest.fixture
def function() -> Function:
    """Say what is run; modules that need another function override it."""
    return Function()


@pytest.fixture
def api(function: Function) -> Iterator[FakeRuntimeAPI]:
    with FakeRuntimeAPI(function=function) as api:
        yield api


@pytest.fixture
def connect(api: FakeRuntimeAPI) -> Iterator[Callable[[], HTTPConnection]]:
    """Open a connection as a runtime has it; at the end all are closed."""
    connections: list[HTTPConnection] = []

    def connect() -> HTTPConnection:
        connections.append(HTTPConnection(api.address, timeout=10))
        return connections[-1]

    yield connect
    for connection in connections:
        connection.close()


@pytest.fixture
def call(connect: Callable[[], HTTPConnection]) -> Callable[..., HTTPResponse]:
    """Send a request of the runtime on one connection that is kept."""
    connection = connect()

    def call(
        method: str,
        path: str,
        body: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        connection.request(method, f"/2018-06-01/runtime/{path}", body=body, headers=headers or {})
        return connection.getresponse()

    return call


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for what the fake has no event for: that it notices a connection which was closed."""

    def until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.001)

    return until
