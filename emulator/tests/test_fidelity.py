"""Each cell of the table in docs/emulator-fidelity.md, tried."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
import zlib
from contextlib import closing
from http.client import HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from lambda_emulator import Emulator, URLConfig, configure

from .conftest import LIMIT
from .fidelity_answers import ANSWERS, PROBLEMS
from .fidelity_events import EVENTS
from .fidelity_table import (
    ABSENT,
    FRONT_ENDS,
    PAGE,
    Answered,
    Row,
    Section,
    Sent,
    listed_cells,
    render,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MIRROR = Path(__file__).parent / "functions" / "mirror.py"


def cells(sections: Sequence[Section]) -> list[Any]:
    return [
        pytest.param(row, front_end, id=f"{row.name}-{front_end}")
        for section in sections
        for row, front_end in section.cells()
    ]


def url_config(front_end: Any, **options: Any) -> URLConfig:
    return URLConfig(format=front_end, **options)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    functions = [
        configure(
            MIRROR,
            name,
            url=url_config(name),
            memory_mb=512,
            region="us-east-1",
            timeout=LIMIT,
        )
        for name in FRONT_ENDS
    ]
    with Emulator(functions) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def impatient() -> Iterator[Emulator]:
    """Functions with a short timeout, and one environment each."""
    functions = [
        configure(MIRROR, name, url=url_config(name), timeout=0.5, concurrency=1)
        for name in FRONT_ENDS
    ]
    with Emulator(functions) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def waiting() -> Iterator[Emulator]:
    """Functions whose front ends wait for less than the function may take."""
    functions = [
        configure(MIRROR, name, url=url_config(name, integration_timeout=0.2), timeout=0.7)
        for name in ("v1", "v2")
    ]
    with Emulator(functions) as emulator:
        yield emulator


def send(emulator: Emulator, front_end: str, sent: Sent) -> tuple[HTTPResponse, bytes]:
    """Send a request as it is written, byte by byte, and return the response and its body."""
    url = urlsplit(emulator.function_url(front_end))
    assert url.hostname is not None
    head = [
        b"%s %s%s HTTP/1.1" % (sent.method, url.path.rstrip("/").encode(), sent.target),
        b"Host: " + url.netloc.encode(),
        *(b"%s: %s" % header for header in sent.headers),
    ]
    body = sent.body or b""
    if sent.chunked:
        head.append(b"Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    elif sent.body is not None:
        head.append(b"Content-Length: %d" % len(body))
    with closing(socket.create_connection((url.hostname, url.port), LIMIT)) as connection:
        connection.sendall(b"\r\n".join([*head, b"", b""]) + body)
        response = HTTPResponse(connection, method=sent.method.decode())
        response.begin()
        return response, response.read()


def given(answer: bytes) -> Sent:
    """Return a request that the function answers with these bytes."""
    headers = ((b"X-Mirror", b"packed-answer"), (b"Content-Type", b"text/plain"))
    packed = base64.b64encode(zlib.compress(answer))  # a request has other limits than a response
    return Sent(method=b"POST", headers=headers, body=packed)


def look_up(event: Any, path: str) -> object:
    """Return what is at a place of an event, such as ``requestContext.http.path``."""
    if not isinstance(event, dict):
        return ABSENT
    if path in event:
        return event[path]
    name, dot, rest = path.partition(".")
    return look_up(event[name], rest) if dot and name in event else ABSENT


def assert_matches(found: object, expected: object, name: str) -> None:
    if isinstance(expected, str) and expected.startswith("re:"):
        assert re.fullmatch(expected[3:], str(found)), (name, found)
    else:
        assert found == expected, name


def test_the_page_has_the_cells_that_are_tried() -> None:
    page = PAGE.read_text("utf-8")
    tried = [
        (row.name, front_end)
        for section in (*EVENTS, *ANSWERS)
        for row, front_end in section.cells()
    ]
    assert len(set(tried)) == len(tried)
    assert listed_cells(page) == tried
    assert table_of(page) == render([*EVENTS, *ANSWERS]), (
        "write the page: uv run python -m emulator.tests.fidelity_page"
    )


@pytest.mark.parametrize(("row", "front_end"), cells(EVENTS))
def test_an_event(emulator: Emulator, row: Row, front_end: str) -> None:
    assert isinstance(row.given, Sent)
    _, expected = row.cells[front_end]
    response, body = send(emulator, front_end, row.given)
    if "status" in expected:
        assert response.status == expected["status"]
        if "message" in expected:
            assert json.loads(body)["message"] == expected["message"]
        return
    assert response.status == 200, body
    event = json.loads(body)
    for path, value in expected.items():
        assert_matches(look_up(event, path), value, path)


@pytest.mark.parametrize(("row", "front_end"), cells([s for s in ANSWERS if s is not PROBLEMS]))
def test_an_answer(emulator: Emulator, row: Row, front_end: str) -> None:
    assert isinstance(row.given, Answered)
    logged = len(emulator.log)
    response, body = send(emulator, front_end, given(row.given.payload))
    _, expected = row.cells[front_end]
    assert_answer(response, body, expected)
    log = emulator.log[logged:].decode()
    if "log" in expected:
        said = [line for line in log.splitlines() if "cannot send the response" in line]
        assert len(said) == 1
        assert str(expected["log"]) in said[0]
    assert "Traceback" not in log


def assert_answer(response: HTTPResponse, body: bytes, expected: Mapping[str, object]) -> None:
    for name, value in expected.items():
        if name == "status":
            assert response.status == value, body
        elif name == "body":
            assert body.decode() == value
        elif name == "reason":
            assert response.reason == value
        elif name.startswith("headers."):
            found = response.headers.get_all(name.removeprefix("headers.")) or []
            texts = [each.encode("latin-1").decode() for each in found]
            wanted = [] if value is ABSENT else value if isinstance(value, list) else [value]
            assert texts == wanted


PROBLEM_ROWS = {row.name: row for row in PROBLEMS.rows}


def problem(name: str, front_end: str) -> Mapping[str, object]:
    return PROBLEM_ROWS[name].cells[front_end][1]


@pytest.mark.parametrize("front_end", PROBLEM_ROWS["function-fails"].cells)
def test_a_function_that_fails(emulator: Emulator, front_end: str) -> None:
    response, body = send(emulator, front_end, Sent(headers=((b"X-Mirror", b"fail"),)))
    assert_answer(response, body, problem("function-fails", front_end))


@pytest.mark.parametrize("front_end", PROBLEM_ROWS["function-exceeds-its-timeout"].cells)
def test_a_function_that_exceeds_its_timeout(impatient: Emulator, front_end: str) -> None:
    response, body = send(impatient, front_end, Sent(headers=((b"X-Mirror", b"sleep"),)))
    assert_answer(response, body, problem("function-exceeds-its-timeout", front_end))


@pytest.mark.parametrize("front_end", PROBLEM_ROWS["front-end-waits-no-longer"].cells)
def test_a_front_end_that_waits_no_longer(
    waiting: Emulator, impatient: Emulator, front_end: str
) -> None:
    gateway = front_end in {"v1", "v2"}
    emulator = waiting if gateway else impatient
    response, body = send(emulator, front_end, Sent(headers=((b"X-Mirror", b"sleep"),)))
    assert_answer(response, body, problem("front-end-waits-no-longer", front_end))


@pytest.mark.parametrize("front_end", PROBLEM_ROWS["function-is-throttled"].cells)
def test_a_function_that_is_throttled(front_end: str, tmp_path: Path) -> None:
    held, free = tmp_path / "held", tmp_path / "free"
    (tmp_path / "holding.py").write_text(
        "import pathlib, threading\nfrom lambda_runtime import run\n"
        "def handler(event):\n"
        f"    pathlib.Path({str(held)!r}).touch()\n"
        f"    while not pathlib.Path({str(free)!r}).exists():\n"
        "        threading.Event().wait(0.01)\n"
        "    return {'statusCode': 200}\n"
        "run(handler)\n"
    )
    config = configure(
        tmp_path / "holding.py",
        front_end,
        url=url_config(front_end),
        concurrency=1,
        timeout=LIMIT,
    )
    with Emulator([config]) as emulator:
        first = threading.Thread(target=send, args=(emulator, front_end, Sent()))
        first.start()
        while not held.exists():
            threading.Event().wait(0.01)
        response, body = send(emulator, front_end, Sent())
        free.touch()
        first.join()
    assert_answer(response, body, problem("function-is-throttled", front_end))
