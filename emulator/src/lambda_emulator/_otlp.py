"""Spans of OTLP/HTTP, in protobuf and in JSON, as far as a waterfall shows them.

The few fields are read here, so that nothing has to be installed for them.

https://github.com/open-telemetry/opentelemetry-proto/blob/v1.9.0/opentelemetry/proto/trace/v1/trace.proto
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_KINDS = ("", "internal", "server", "client", "producer", "consumer")


class Span(NamedTuple):
    """A span.

    Attributes:
        trace_id: The id of its trace, in hexadecimal digits.
        span_id: Its own.
        parent_id: Its parent's, or empty.
        name: Its name.
        kind: ``server``, ``client`` and so on, or empty.
        start: The beginning, in seconds of Unix time.
        end: The end.
        failed: True if its status is an error.
        attributes: Its attributes with a plain value.
    """

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    kind: str
    start: float
    end: float
    failed: bool
    attributes: dict[str, Any]


def read_spans(body: bytes, *, is_json: bool) -> list[Span]:
    """Return the spans of a request.

    Args:
        body: An ``ExportTraceServiceRequest``.
        is_json: True for JSON, False for protobuf.

    Raises:
        ValueError: It is something else.
    """
    try:
        return list(_from_json(json.loads(body)) if is_json else _from_protobuf(body))
    except (AttributeError, IndexError, KeyError, TypeError, struct.error) as error:
        raise ValueError(f"not a request of OTLP: {error!r}") from None


def _from_json(request: Any) -> Iterator[Span]:
    for resource in request.get("resourceSpans", ()):
        for scope in resource.get("scopeSpans", ()):
            for span in scope.get("spans", ()):
                attributes = {
                    item["key"]: next(iter(item["value"].values()), None)
                    for item in span.get("attributes", ())
                }
                yield Span(
                    span["traceId"].lower(),
                    span["spanId"].lower(),
                    span.get("parentSpanId", "").lower(),
                    span.get("name", ""),
                    _kind(span.get("kind", 0)),
                    int(span["startTimeUnixNano"]) / 1e9,
                    int(span["endTimeUnixNano"]) / 1e9,
                    span.get("status", {}).get("code") in (2, "STATUS_CODE_ERROR"),
                    _plain(attributes),
                )


def _from_protobuf(body: bytes) -> Iterator[Span]:
    for resource in _all(body, 1):
        for scope in _all(resource, 2):
            for data in _all(scope, 2):
                yield _span(data)


def _span(data: bytes) -> Span:
    fields: dict[int, Any] = {}
    attributes: dict[str, Any] = {}
    for number, value in _fields(data):
        if number == 9:
            pair = dict(_fields(value))
            attributes[_text(pair[1])] = _value(pair.get(2, b""))
        else:
            fields[number] = value
    return Span(
        fields[1].hex(),
        fields[2].hex(),
        fields.get(4, b"").hex(),
        _text(fields.get(5, b"")),
        _kind(fields.get(6, 0)),
        fields[7] / 1e9,
        fields[8] / 1e9,
        dict(_fields(fields.get(15, b""))).get(3) == 2,
        _plain(attributes),
    )


def _value(data: bytes) -> Any:
    """Return an attribute's value if it is plain, or None."""
    for number, value in _fields(data):
        if number == 1:
            return _text(value)
        if number == 2:
            return bool(value)
        if number == 3:
            return value - (1 << 64) if value >> 63 else value
        if number == 4:
            return struct.unpack("<d", struct.pack("<Q", value))[0]
    return None


def _all(data: bytes, wanted: int) -> Iterator[bytes]:
    return (value for number, value in _fields(data) if number == wanted)


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a message: their numbers, and integers or bytes.

    https://protobuf.dev/programming-guides/encoding/
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        value: int | bytes
        if kind == _VARINT:
            value, at = _varint(data, at)
        elif kind == _FIXED64:
            (value,) = struct.unpack_from("<Q", data, at)
            at += 8
        elif kind == _FIXED32:
            (value,) = struct.unpack_from("<I", data, at)
            at += 4
        elif kind == _BYTES:
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
            if at > len(data):
                raise ValueError("a field ends too early")
        else:
            raise ValueError(f"there is no field of type {kind}")
        yield key >> 3, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return an integer, and where the next field is."""
    value = shift = 0
    while shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("an integer is too long")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _kind(value: object) -> str:
    if isinstance(value, str):
        return value.removeprefix("SPAN_KIND_").lower()
    return _KINDS[value] if isinstance(value, int) and value < len(_KINDS) else ""


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in attributes.items()
        if isinstance(value, (str, bool, int, float))
    }
