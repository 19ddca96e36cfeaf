"""The console's requests to the emulator, and the pages that may send them."""

from __future__ import annotations

import base64
import json
import os
import threading
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from lambda_emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

LIMIT = 30  # seconds after which a test gives up, and fails
API = "/_console/api"
INVOCATIONS = f"{API}/functions/orders/invocations"
EVENTS = f"{API}/functions/orders/events"
ORDERS = """
import lambda_runtime

def handler(event, context):
    print("caf\\u00e9")
    if "gate" in event:
        with open(event["gate"]) as file:
            file.readline()
    return event

lambda_runtime.run(handler)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "orders"
    root.mkdir()
    (root / "__main__.py").write_text(ORDERS)
    return root


@pytest.fixture
def emulator(root: Path) -> Iterator[Emulator]:
    with Emulator(functions=[root], concurrency=1, timeout=60, memory_mb=256) as emulator:
        yield emulator


@contextmanager
def asked(
    emulator: Emulator, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
) -> Generator[HTTPResponse]:
    url = urlsplit(emulator.url)
    assert url.hostname is not None
    with closing(HTTPConnection(url.hostname, url.port, timeout=LIMIT)) as connection:
        connection.request(method, path, body, headers)
        yield connection.getresponse()


def ask(emulator: Emulator, path: str, **request: Any) -> tuple[int, Any]:
    with asked(emulator, path, **request) as response:
        return response.status, json.load(response)


def post(emulator: Emulator, event: bytes, query: str = "", **headers: str) -> tuple[int, Any]:
    return ask(emulator, INVOCATIONS + query, method="POST", body=event, **headers)


@contextmanager
def happenings(emulator: Emulator) -> Generator[Iterator[dict[str, Any]]]:
    """The events from now on."""
    with asked(emulator, f"{API}/happenings") as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.readline() == b"retry: 500\n"
        messages = (line.removeprefix(b"data: ") for line in iter(response.readline, b""))
        yield (json.loads(message) for message in messages if message.startswith(b"{"))


def until(told: Iterator[dict[str, Any]], last: str) -> list[dict[str, Any]]:
    happened = [next(told)]
    while happened[-1]["type"] != last:
        happened.append(next(told))
    return happened


def text(happened: list[dict[str, Any]], kind: str, name: str) -> str:
    pieces = [base64.b64decode(each[name]) for each in happened if each["type"] == kind]
    return b"".join(pieces).decode()


@pytest.mark.parametrize("kind", ["RequestResponse", "Stream", "Event"])
def test_an_invocation_is_told_from_its_beginning_to_its_end(emulator: Emulator, kind: str) -> None:
    with happenings(emulator) as told:
        status, answer = post(emulator, b'{"order": 1}', f"?kind={kind}")
        assert status == 202
        happened = until(told, "Reported")
    assert {each["request_id"] for each in happened} == {answer["request_id"]}
    assert {each["function"] for each in happened} == {"orders"}
    assert text(happened, "Invoked", "event") == '{"order": 1}'
    assert text(happened, "Answered", "payload") == '{"order":1}'
    log = text(happened, "LogWritten", "data")
    assert [line.partition(" ")[0] for line in log.splitlines()] == [
        "START",
        "café",
        "END",
        "REPORT",
    ]
    report = happened[-1]
    assert (report["status"], report["memory_mb"]) == ("success", 256)
    assert 0 < report["duration_ms"] + report["init_ms"] <= report["billed_ms"]


def test_nothing_is_an_empty_object(emulator: Emulator) -> None:
    with happenings(emulator) as told:
        assert post(emulator, b"")[0] == 202
        assert text(until(told, "Answered"), "Answered", "payload") == "{}"


def test_functions_are_listed(emulator: Emulator) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:orders"
    status, functions = ask(emulator, f"{API}/functions")
    assert status == 200
    assert [function["name"] for function in functions] == ["orders"]
    assert functions[0]["arn"].rpartition(":")[2] == arn.rpartition(":")[2]
    assert (functions[0]["timeout"], functions[0]["memory_mb"]) == (60, 256)


def test_a_busy_function_refuses(emulator: Emulator, root: Path) -> None:
    gate = root / "gate"
    os.mkfifo(gate)
    descriptor = os.open(gate, os.O_RDWR)
    with ExitStack() as stack:
        stack.callback(os.close, descriptor)
        told = stack.enter_context(happenings(emulator))
        assert post(emulator, json.dumps({"gate": str(gate)}).encode())[0] == 202
        status, answer = post(emulator, b"{}")
        assert status == 429
        assert "orders are busy" in answer["message"]
        os.write(descriptor, b"\n")
        until(told, "Reported")
        assert post(emulator, b"{}")[0] == 202
        until(told, "Reported")


@pytest.mark.parametrize(
    ("event", "query", "message"),
    [
        (b"{", "", "The event is not JSON: "),
        (b"\xff", "", "The event is not JSON: "),
        (b"{}", "?kind=DryRun", "There is no kind of invocation 'DryRun'."),
    ],
)
def test_what_cannot_be_invoked_is_refused(
    emulator: Emulator, event: bytes, query: str, message: str
) -> None:
    status, answer = post(emulator, event, query)
    assert status == 400
    assert answer["message"].startswith(message)


@pytest.mark.parametrize(
    "path", ["/functions/none/events", "/functions/orders/events/none", "/samples/none"]
)
def test_what_is_not_there_is_told(emulator: Emulator, path: str) -> None:
    status, answer = ask(emulator, API + path)
    assert status == 404
    assert "none" in answer["message"]


def test_an_event_is_saved_as_it_is_written(emulator: Emulator, root: Path) -> None:
    for name, event in (("order", b'{"n": 1.0}'), ("event", b"{}\n"), ("order", b'{"n":2.0}\n')):
        assert ask(emulator, f"{EVENTS}/{name}", method="PUT", body=event)[0] == 200
    assert ask(emulator, EVENTS) == (200, ["event", "order"])
    assert (root / "events" / "order.json").read_bytes() == b'{"n":2.0}\n'
    assert (root / "event.json").read_bytes() == b"{}\n"
    with asked(emulator, f"{EVENTS}/order") as response:
        assert response.read() == b'{"n":2.0}\n'


@pytest.mark.parametrize(
    "name", ["..%2f..%2fapp", ".hidden", "a%00b", "a%20b", "x" * 101, "%2Fetc"]
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_event_has_the_name_of_a_file(
    emulator: Emulator, root: Path, method: str, name: str
) -> None:
    before = sorted(root.parent.rglob("*.json"))
    status, answer = ask(emulator, f"{EVENTS}/{name}", method=method, body=b"{}")
    assert status == 400
    assert "is not a name for an event" in answer["message"]
    assert sorted(root.parent.rglob("*.json")) == before


def test_an_event_that_cannot_be_written_is_told(emulator: Emulator, root: Path) -> None:
    (root / "events").write_text("a file, where the directory would be")
    status, answer = ask(emulator, f"{EVENTS}/order", method="PUT", body=b"{}")
    assert status == 409
    assert answer["message"].startswith("The event order cannot be written: ")
    assert ask(emulator, f"{EVENTS}/order", method="PUT", body=b"{")[0] == 400


def test_each_sample_is_an_event_of_its_model(emulator: Emulator) -> None:
    events = pytest.importorskip("lambda_events")
    _, names = ask(emulator, f"{API}/samples")
    assert {"SQSEvent", "S3Event", "APIGatewayV2HTTPEvent", "DynamoDBEvent"} <= set(names)
    for name in names:
        _, sample = ask(emulator, f"{API}/samples/{name}")
        assert events.detect(sample) == name


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html"),
        ("/_console/main.js", "text/javascript"),
        ("/_console/style.css", "text/css"),
        ("/_console/icon.svg", "image/svg+xml"),
    ],
)
def test_the_page_may_load_nothing_from_elsewhere(
    emulator: Emulator, path: str, content_type: str
) -> None:
    with asked(emulator, path) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == f"{content_type}; charset=utf-8"
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "://" not in response.read().decode().replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("path", ["/_console/none.js", "/_console/..%2f_console.py", "/_console/"])
def test_only_the_files_of_the_page_are_sent(emulator: Emulator, path: str) -> None:
    with asked(emulator, path) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "web.example"},
        {"Host": "127.0.0.1.web.example"},
        {"Origin": "http://web.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
@pytest.mark.parametrize("path", ["/", f"{API}/functions", f"{API}/happenings", INVOCATIONS])
def test_others_are_kept_out(emulator: Emulator, path: str, headers: dict[str, str]) -> None:
    with happenings(emulator) as told:
        method = "POST" if path == INVOCATIONS else "GET"
        status, _ = ask(emulator, path, method=method, **headers)
        assert status == 403
        _, answer = post(emulator, b'{"own": 1}', Origin=emulator.url)
        assert next(told)["request_id"] == answer["request_id"]
        until(told, "Reported")


def test_the_emulator_ends_while_a_page_listens(root: Path) -> None:
    with ExitStack() as stack:
        emulator = stack.enter_context(Emulator(functions=[root]))
        told = ExitStack()
        stream = told.enter_context(happenings(emulator))
        ended = threading.Thread(target=stack.pop_all().close)
        ended.start()
        with told:
            assert [each["type"] for each in stream if each["request_id"]] == []
        ended.join(LIMIT)
        assert not ended.is_alive()


WRITTEN: dict[str, Any] = {"method": "GET", "path": "/", "headers": [], "body": ""}
WRITINGS = [f"{API}/functions/orders/requests", f"{API}/functions/orders/request-events"]


@pytest.mark.parametrize("path", WRITINGS)
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        json.dumps(WRITTEN | {"headers": [["x-own", "\ud800"]]}).encode(),
        json.dumps(WRITTEN | {"headers": [["x-own", "a\x01b"]]}).encode(),
        json.dumps(WRITTEN | {"headers": [["x-own", "a\x7fb"]]}).encode(),
        json.dumps(WRITTEN | {"body": "\ud800"}).encode(),
        json.dumps(WRITTEN | {"path": "/a#b"}).encode(),
    ],
)
def test_an_http_request_that_cannot_be_sent(emulator: Emulator, path: str, body: bytes) -> None:
    assert ask(emulator, path, method="POST", body=body)[0] == 400


def test_the_length_of_an_http_request_is_that_of_its_body(emulator: Emulator) -> None:
    headers = [["Content-Length", "99"], ["transfer-encoding", "chunked"]]
    for body, expected in (("", None), ("\u00fc", "2")):
        written = json.dumps(WRITTEN | {"headers": headers, "body": body}).encode()
        for path in WRITINGS:
            status, answer = ask(emulator, path, method="POST", body=written)
            event = answer if "rawPath" in answer else json.loads(answer["body"])
            assert (status, event["headers"].get("content-length")) == (200, expected)
