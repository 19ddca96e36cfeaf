"""Spans of OTLP/HTTP, in protobuf and in JSON, as far as a waterfall shows them.

The few fields are read here, so that nothing has to be installed for them.

https://github.com/open-telemetry/opentelemetry-proto/blob/v1.9.0/opentelemetry/proto/trace/v1/trace.proto
"""

from __future__ import annotations

import json
import struct
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_64_BITS = (1 << 64) - 1
_KINDS = ("", "internal", "server", "client", "producer", "consumer")
_MAX_ATTRIBUTES = 128  # of a span, as in OpenTelemetry's SDKs
_MAX_TEXT = 2000  # characters of a name or of an attribute: a page shows no more


class Span(NamedTuple):
    """A span.

    Attributes:
        trace_id: The id of its trace, in hexadecimal digits.
        span_id: The own.
        parent_id: The parent's, or empty.
        name: The name.
        kind: ``server``, ``client`` and so on, or empty.
        start: The beginning, in seconds of Unix time.
        end: The end.
        failed: True if its status is an error.
        attributes: The attributes with a plain value.
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
    except (
        AttributeError,
        IndexError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        struct.error,
    ) as error:
        raise ValueError(f"not a request of OTLP: {error!r}") from None


def _from_json(request: Any) -> Iterator[Span]:
    for resource in request.get("resourceSpans") or ():
        for scope in resource.get("scopeSpans") or ():
            for span in scope.get("spans") or ():
                attributes = {
                    item.get("key", ""): _json_value(item.get("value") or {})
                    for item in span.get("attributes") or ()
                }
                yield Span(
                    span["traceId"][:32].lower(),
                    span["spanId"][:16].lower(),
                    (span.get("parentSpanId") or "")[:16].lower(),
                    (span.get("name") or "")[:_MAX_TEXT],
                    _kind(span.get("kind", 0)),
                    int(span.get("startTimeUnixNano") or 0) / 1e9,
                    int(span.get("endTimeUnixNano") or 0) / 1e9,
                    (span.get("status") or {}).get("code") in (2, "STATUS_CODE_ERROR"),
                    _plain(attributes),
                )


def _json_value(value: dict[str, Any]) -> Any:
    """Return an attribute's value if it is plain, or None; integers may be strings."""
    for field, plain in value.items():
        if field == "intValue":
            return int(plain)
        if field in {"stringValue", "boolValue"}:
            return plain
        if field == "doubleValue":
            return _finite(float(plain))
    return None


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
            attributes[_text(pair.get(1, b""))] = _value(pair.get(2, b""))
        else:
            fields[number] = value
    return Span(
        fields[1][:16].hex(),
        fields[2][:8].hex(),
        fields.get(4, b"")[:8].hex(),
        _text(fields.get(5, b""))[:_MAX_TEXT],
        _kind(fields.get(6, 0)),
        fields.get(7, 0) / 1e9,
        fields.get(8, 0) / 1e9,
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
            return _finite(struct.unpack("<d", struct.pack("<Q", value))[0])
    return None


def _finite(value: float) -> float | str:
    """Return a number as JSON has it: the three that it does not have are texts."""
    return value if isfinite(value) else str(value)


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
            return value & _64_BITS, at
        shift += 7
    raise ValueError("an integer is too long")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _kind(value: object) -> str:
    if isinstance(value, str):
        return value.removeprefix("SPAN_KIND_").lower()
    return _KINDS[value] if isinstance(value, int) and value < len(_KINDS) else ""


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in attributes.items():
        if isinstance(value, (str, bool, int, float)) and len(plain) < _MAX_ATTRIBUTES:
            plain[name[:_MAX_TEXT]] = value[:_MAX_TEXT] if isinstance(value, str) else value
    return plain
