"""Spans of OTLP, as they are read, against those that OpenTelemetry's own classes write."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from hypothesis import given, settings, strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage, Status

from lambda_emulator._otlp import Span, read_spans

KINDS = ("", "internal", "server", "client", "producer", "consumer")
NANOSECONDS = st.integers(0, 2**64 - 1)
TEXT = st.text(max_size=20)
VALUES = st.one_of(
    st.builds(AnyValue, string_value=TEXT),
    st.builds(AnyValue, bool_value=st.booleans()),
    st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1)),
    st.builds(AnyValue, double_value=st.floats()),
    st.builds(AnyValue, bytes_value=st.binary(max_size=5)),
    st.builds(AnyValue),
)
ATTRIBUTES = st.lists(
    st.builds(KeyValue, key=TEXT, value=VALUES), max_size=4, unique_by=lambda pair: pair.key
)
SPANS = st.builds(
    SpanMessage,
    trace_id=st.binary(min_size=16, max_size=16),
    span_id=st.binary(min_size=8, max_size=8),
    parent_span_id=st.one_of(st.just(b""), st.binary(min_size=8, max_size=8)),
    trace_state=TEXT,
    name=TEXT,
    kind=st.integers(0, 5),
    start_time_unix_nano=NANOSECONDS,
    end_time_unix_nano=NANOSECONDS,
    attributes=ATTRIBUTES,
    events=st.lists(st.builds(SpanMessage.Event, name=TEXT, attributes=ATTRIBUTES), max_size=1),
    links=st.lists(st.builds(SpanMessage.Link, trace_id=st.binary(max_size=16)), max_size=1),
    status=st.builds(Status, code=st.integers(0, 2), message=TEXT),
    flags=st.integers(0, 2**32 - 1),
    dropped_attributes_count=st.integers(0, 2**32 - 1),
)


def read(message: Any) -> Span:
    """Return a span as OpenTelemetry's classes read it."""
    attributes: dict[str, Any] = {}
    for pair in message.attributes:
        field = pair.value.WhichOneof("value")
        if field in {"string_value", "bool_value", "int_value", "double_value"}:
            value = getattr(pair.value, field)
            is_number = not isinstance(value, float) or isfinite(value)
            attributes[pair.key] = value if is_number else str(value)
    return Span(
        message.trace_id.hex(),
        message.span_id.hex(),
        message.parent_span_id.hex(),
        message.name,
        KINDS[message.kind],
        message.start_time_unix_nano / 1e9,
        message.end_time_unix_nano / 1e9,
        message.status.code == 2,
        attributes,
    )


def as_json(request: Any) -> bytes:
    """Encode a request as OTLP does: as protobuf's JSON, but ids have hexadecimal digits.

    https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
    """
    fields = MessageToDict(request, use_integers_for_enums=True)
    for resource, of_resource in zip(
        fields.get("resourceSpans", ()), request.resource_spans, strict=True
    ):
        for scope, of_scope in zip(
            resource.get("scopeSpans", ()), of_resource.scope_spans, strict=True
        ):
            for span, message in zip(scope.get("spans", ()), of_scope.spans, strict=True):
                span["traceId"] = message.trace_id.hex().upper()
                span["spanId"] = message.span_id.hex()
                if message.parent_span_id:
                    span["parentSpanId"] = message.parent_span_id.hex()
    return json.dumps(fields).encode()


@settings(max_examples=40)
@given(st.lists(st.lists(st.lists(SPANS, max_size=2), max_size=2), max_size=2))
def test_both_encodings_are_read_as_opentelemetry_reads_them(
    resources: list[list[list[Any]]],
) -> None:
    request = ExportTraceServiceRequest()
    for scopes in resources:
        resource = request.resource_spans.add(schema_url="https://example.com")
        resource.resource.attributes.add(key="service.name").value.string_value = "s"
        for spans in scopes:
            resource.scope_spans.add().spans.extend(spans)
    expected = [read(span) for scopes in resources for spans in scopes for span in spans]

    assert read_spans(request.SerializeToString(), is_json=False) == expected
    assert read_spans(as_json(request), is_json=True) == expected


@given(st.binary(max_size=60), st.booleans())
def test_other_bytes_are_spans_or_a_value_error(body: bytes, is_json: bool) -> None:
    try:
        spans = read_spans(body, is_json=is_json)
    except ValueError:
        return
    json.dumps(spans, allow_nan=False)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 5}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "", "spanId": {}}]}]}]}',
        b'{"resourceSpans": 5}',
        b'"text"',
    ],
)
def test_json_that_is_not_otlp_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="OTLP"):
        read_spans(body, is_json=True)


def test_a_span_is_bounded() -> None:
    request = ExportTraceServiceRequest()
    span = (
        request.resource_spans.add()
        .scope_spans.add()
        .spans.add(trace_id=b"t" * 16, span_id=b"s" * 8, name="n" * 100_000)
    )
    for number in range(1000):
        span.attributes.add(key=f"{number}").value.string_value = "v" * 10_000

    for body, is_json in ((request.SerializeToString(), False), (as_json(request), True)):
        (read,) = read_spans(body, is_json=is_json)
        assert len(read.name) == 2000
        assert len(read.attributes) == 128
        assert {len(value) for value in read.attributes.values()} == {2000}
