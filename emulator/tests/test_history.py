"""The history that the emulator keeps: what is in it, and how much at most."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from lambda_emulator import Emulator
from lambda_emulator._bus import Bus, Ended
from lambda_emulator._bus_events import LogWritten
from lambda_emulator._history import MAX_BYTES, MAX_RECORDS, History, Record
from lambda_emulator._invocation import EmulatedInvocation
from lambda_emulator._report import Reported
from lambda_testing import Function

from .happenings import ended

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT = 30  # seconds after which a test gives up
SOURCE = """
import lambda_runtime

def handler(event, context):
    if "write" in event:
        print(event["write"] * event.get("times", 1))
    if "fail" in event:
        raise ValueError(event["fail"])
    return "x" * event.get("size", 0)

def stream(event, context):
    for _ in range(event["chunks"]):
        yield b"x" * event["size"]

def either(event, context):
    return stream(event, context) if "chunks" in event else handler(event, context)

lambda_runtime.run(either)
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    root: Path = tmp_path_factory.mktemp("orders")
    (root / "__main__.py").write_text(SOURCE)
    with Emulator(functions={"orders": root}, timeout=60, memory_mb=512) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def _cleared(emulator: Emulator) -> None:
    history(emulator)  # only what has ended is removed
    ask(emulator, "DELETE", "/_console/api/history")


def ask(emulator: Emulator, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    url = urlsplit(emulator.url)
    assert url.hostname is not None
    with closing(HTTPConnection(url.hostname, url.port, timeout=LIMIT)) as connection:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()


def invoke(emulator: Emulator, event: object) -> bytes:
    path = "/2015-03-31/functions/orders/invocations"
    return ask(emulator, "POST", path, json.dumps(event).encode())[1]


def history(emulator: Emulator) -> list[dict[str, Any]]:
    return ended(emulator.url)


def data(happened: list[dict[str, Any]], kind: str, name: str) -> bytes:
    return b"".join(base64.b64decode(each[name]) for each in happened if each["type"] == kind)


def test_what_was_invoked_before_is_there(emulator: Emulator) -> None:
    assert invoke(emulator, {"write": "one", "size": 2}) == b'"xx"'
    happened = history(emulator)
    kinds = [each["type"] for each in happened]
    assert kinds[0] == "Invoked"
    assert kinds[-2:] == ["Answered", "Reported"]
    assert data(happened, "Invoked", "event") == b'{"write": "one", "size": 2}'
    assert data(happened, "Answered", "payload") == b'"xx"'
    assert b"\none\nEND " in data(happened, "LogWritten", "data")
    assert len({each["request_id"] for each in happened}) == 1


def test_an_error_and_a_stream_are_there(emulator: Emulator) -> None:
    invoke(emulator, {"fail": "no"})
    invoke(emulator, {"chunks": 2, "size": 3})
    error, answer = (each for each in history(emulator) if each["type"] == "Answered")
    assert (error["error_type"], answer["streamed"]) == ("ValueError", True)
    assert data(history(emulator), "ChunkSent", "data") == b"x" * 6


def test_the_history_is_bounded_in_number(emulator: Emulator) -> None:
    for number in range(MAX_RECORDS + 5):
        invoke(emulator, {"number": number})
    begun = [each for each in history(emulator) if each["type"] == "Invoked"]
    assert len(begun) == MAX_RECORDS
    assert json.loads(base64.b64decode(begun[-1]["event"])) == {"number": MAX_RECORDS + 4}


def test_the_history_is_bounded_in_bytes(emulator: Emulator) -> None:
    size = 3 << 20
    for _ in range(MAX_BYTES // size + 2):
        invoke(emulator, {"size": size})
    answers = [each for each in history(emulator) if each["type"] == "Answered"]
    assert 1 < len(answers) == MAX_BYTES // size
    assert len(base64.b64decode(answers[0]["payload"])) == size + 2


def test_of_a_long_stream_the_beginning_is_kept(emulator: Emulator) -> None:
    invoke(emulator, {"chunks": 40, "size": 1 << 16})
    happened = history(emulator)
    assert len(data(happened, "ChunkSent", "data")) == 1 << 20
    (answer,) = (each for each in happened if each["type"] == "Answered")
    assert answer["omitted"] == (40 << 16) - (1 << 20)


def test_of_a_long_log_the_end_is_kept(emulator: Emulator) -> None:
    invoke(emulator, {"write": "0123456789abcdef" * 64, "times": 1024})
    log = data(history(emulator), "LogWritten", "data")
    assert (1 << 17) < len(log) <= 1 << 18
    assert log.splitlines()[-1].startswith(b"REPORT ")


def test_it_can_be_cleared(emulator: Emulator) -> None:
    invoke(emulator, {})
    assert history(emulator)
    assert ask(emulator, "DELETE", "/_console/api/history")[0] == 200
    assert history(emulator) == []


def test_the_answer_over_http_is_there(emulator: Emulator) -> None:
    ask(emulator, "GET", "/lambda-url/orders/")
    statuses = [each["status"] for each in history(emulator) if each["type"] == "HTTPAnswered"]
    assert statuses == [200]


def test_what_was_cleared_takes_no_room() -> None:
    def ended(size: int) -> Record:
        invocation = EmulatedInvocation.create(Function(), b"x" * size)
        report = Reported(
            function="orders",
            request_id=invocation.request_id,
            status="success",
            error_type=None,
            duration_ms=1,
            billed_ms=1,
            memory_mb=128,
            peak_memory_mb=64,
            init_ms=None,
        )
        invocation.end(report, b"")
        return Record("orders", invocation)

    history = History()
    for _ in range(2):
        history.add(record := ended(MAX_BYTES))
        history.clear()
        history.end(record)
    for record in (ended(1), ended(1)):
        history.add(record)
        history.end(record)
    assert len(history.records) == 2


def written(size: int) -> LogWritten:
    return LogWritten(function="orders", request_id="1", data=b"x" * size, platform=False)


@pytest.mark.parametrize(("count", "size"), [(5000, 1), (20, 1 << 20)])
def test_a_listener_that_does_not_listen_holds_no_memory(count: int, size: int) -> None:
    async def listen() -> None:
        bus = Bus()
        with bus.subscribe() as subscription:
            for _ in range(count):
                bus.publish(written(size))
            with pytest.raises(Ended):
                await subscription.take()
            bus.publish(written(size))
            with pytest.raises(Ended):
                await subscription.take()

    asyncio.run(listen())


def test_a_listener_gets_all_that_waits() -> None:
    async def listen() -> None:
        bus = Bus()
        with bus.subscribe() as subscription:
            assert bus.heard
            events = [written(number) for number in range(3)]
            for event in events:
                bus.publish(event)
            assert await subscription.take() == events
            bus.end()
            with pytest.raises(Ended):
                await subscription.take()
        assert not bus.heard

    asyncio.run(listen())
