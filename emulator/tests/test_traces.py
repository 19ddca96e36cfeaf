"""Traces that functions send to the emulator: where to, and what becomes of them."""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from lambda_emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

API = "/_console/api"
FUNCTION = """
import os
import lambda_runtime

def handler(event, context):
    return {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}

lambda_runtime.run(handler)
"""
JSON, PROTOBUF = "application/json", "application/x-protobuf"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traced")
    (folder / "__main__.py").write_text(FUNCTION)
    return folder


@pytest.fixture(scope="module")
def emulator(folder: Path) -> Iterator[Emulator]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
            patch.delenv(name, raising=False)
        with Emulator(functions={"f": folder}) as emulator:
            yield emulator


@contextmanager
def asked(
    emulator: Emulator, method: str, path: str, body: bytes = b"", **headers: str
) -> Generator[HTTPResponse]:
    url = urlsplit(emulator.url)
    assert url.hostname is not None
    with closing(HTTPConnection(url.hostname, url.port, timeout=30)) as connection:
        connection.request(method, path, body, headers)
        yield connection.getresponse()


def send(emulator: Emulator, body: bytes, kind: str, signal: str = "traces", **headers: str) -> int:
    path = f"/_otlp/v1/{signal}"
    with asked(emulator, "POST", path, body, **{"Content-Type": kind, **headers}) as response:
        return response.status


def invoked(emulator: Emulator) -> str:
    """Invoke the function, and wait for its answer; return the invocation's id."""
    with asked(emulator, "POST", "/2015-03-31/functions/f/invocations", b"{}") as response:
        return str(response.headers["X-Amzn-RequestId"])


def answer(emulator: Emulator) -> Any:
    """Invoke the function; return its answer."""
    with asked(emulator, "POST", "/2015-03-31/functions/f/invocations", b"{}") as response:
        return json.load(response)


def history(emulator: Emulator) -> dict[str, list[dict[str, Any]]]:
    """Return the spans of all invocations, by their ids, as a page gets them."""
    with asked(emulator, "GET", f"{API}/happenings") as response:
        while not (line := response.readline()).startswith(b"data: ["):
            pass
    told = json.loads(line.removeprefix(b"data: "))
    return {each["request_id"]: each["spans"] for each in told if each["type"] == "Traced"}


def span(number: int, parent: int, name: str, begin: int, end: int, **more: Any) -> dict[str, Any]:
    """Return a span in JSON; its times are in milliseconds."""
    return {
        "traceId": "0af7651916cd43dd8448eb211c80319c",
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": name,
        "kind": 2 if not parent else 1,
        "startTimeUnixNano": str(1_800_000_000_000_000_000 + begin * 1_000_000),
        "endTimeUnixNano": str(1_800_000_000_000_000_000 + end * 1_000_000),
        **more,
    }


def request_of(*spans: dict[str, Any]) -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def as_protobuf(request: dict[str, Any]) -> bytes:
    """Encode a request with OpenTelemetry's own classes."""
    message = ExportTraceServiceRequest()
    scope = message.resource_spans.add().scope_spans.add()
    message.resource_spans[0].resource.attributes.add(key="service.name").value.string_value = "s"
    for each in request["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        span = scope.spans.add(
            trace_id=bytes.fromhex(each["traceId"]),
            span_id=bytes.fromhex(each["spanId"]),
            parent_span_id=bytes.fromhex(each["parentSpanId"]),
            name=each["name"],
            kind=each["kind"],
            start_time_unix_nano=int(each["startTimeUnixNano"]),
            end_time_unix_nano=int(each["endTimeUnixNano"]),
        )
        span.status.code = each.get("status", {}).get("code", 0)
        span.events.add(name="exception", time_unix_nano=1)
        for item in each.get("attributes", ()):
            ((field, value),) = item["value"].items()
            names = {"stringValue": "string_value", "intValue": "int_value"}
            names |= {"boolValue": "bool_value", "doubleValue": "double_value"}
            setattr(span.attributes.add(key=item["key"]).value, names[field], value)
    return bytes(message.SerializeToString())


@pytest.mark.parametrize("encoding", [None, "gzip", "deflate"])
@pytest.mark.parametrize("kind", [JSON, PROTOBUF])
def test_the_spans_of_an_invocation_are_told_parents_first(
    emulator: Emulator, kind: str, encoding: str | None
) -> None:
    request_id = invoked(emulator)
    attributes = [
        {"key": "faas.invocation_id", "value": {"stringValue": request_id}},
        {"key": "n", "value": {"intValue": -5}},
        {"key": "cold", "value": {"boolValue": True}},
        {"key": "ratio", "value": {"doubleValue": 0.5}},
    ]
    request = request_of(
        span(4, 2, "grandchild ☃", 3, 4, status={"code": 2}),
        span(3, 1, "later", 6, 9),
        span(2, 1, "first", 1, 5),
        span(1, 9, "invocation", 0, 10, attributes=attributes),
    )
    body = json.dumps(request).encode() if kind == JSON else as_protobuf(request)

    headers = {} if encoding is None else {"Content-Encoding": encoding}
    if encoding is not None:
        body = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)

    assert send(emulator, body, kind, **headers) == 200

    spans = history(emulator)[request_id]
    assert [(each["name"], each["depth"], each["failed"]) for each in spans] == [
        ("invocation", 0, False),
        ("first", 1, False),
        ("grandchild ☃", 2, True),
        ("later", 1, False),
    ]
    assert [(each["start_ms"], each["duration_ms"]) for each in spans] == [
        (0, 10),
        (1, 4),
        (3, 1),
        (6, 3),
    ]
    expected = {"faas.invocation_id": request_id, "n": -5, "cold": True, "ratio": 0.5}
    assert spans[0]["attributes"] == expected


@pytest.mark.parametrize(
    ("body", "kind", "signal", "status"),
    [
        (b"", PROTOBUF, "traces", 200),
        (b"{}", JSON, "traces", 200),
        (b"", PROTOBUF, "metrics", 200),
        (b"{}", JSON, "logs", 200),
        (b"[", JSON, "traces", 400),
        (b"[1]", JSON, "traces", 400),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{}]}]}]}', JSON, "traces", 400),
        (b"\x0a\xff\xff\xff\xff\x7f", PROTOBUF, "traces", 400),
        (b"\x0a\x04\x12\x02\x12\x00", PROTOBUF, "traces", 400),
        (b"\xff" * 20, PROTOBUF, "traces", 400),
        (b"\x0b", PROTOBUF, "traces", 400),
    ],
)
def test_what_is_taken(
    emulator: Emulator, body: bytes, kind: str, signal: str, status: int
) -> None:
    assert send(emulator, body, kind, signal) == status


def test_a_request_that_is_too_large_is_refused_compressed_or_not(emulator: Emulator) -> None:
    body = b" " * (8 * 1024 * 1024)

    assert send(emulator, body, JSON) == 413
    assert send(emulator, gzip.compress(body, 1), JSON, **{"Content-Encoding": "gzip"}) == 413


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("identity", b"{}", 200),
        ("GZIP", gzip.compress(b"{}", mtime=0), 200),
        ("gzip", b"{}", 400),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-9], 400),
        ("zstd", b"{}", 415),
    ],
)
def test_an_encoding(emulator: Emulator, encoding: str, body: bytes, status: int) -> None:
    assert send(emulator, body, JSON, **{"Content-Encoding": encoding}) == status


def test_spans_of_no_invocation_are_not_told(emulator: Emulator) -> None:
    before = history(emulator)

    assert send(emulator, json.dumps(request_of(span(1, 0, "x", 0, 1))).encode(), JSON) == 200

    assert history(emulator) == before


def test_functions_are_told_where_to_send_their_traces(emulator: Emulator) -> None:
    assert answer(emulator) == {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{emulator.url}/_otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }


def test_an_endpoint_of_the_functions_own_stays(folder: Path) -> None:
    environment = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}
    with Emulator(functions={"f": folder}, environment=environment) as emulator:
        assert answer(emulator) == environment
