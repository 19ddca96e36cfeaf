"""One record, and its JSON line in the keys and the order of the managed Python runtime."""

from __future__ import annotations

from time import gmtime, strftime, time_ns as now

from ._scope import Scope
from ._settings import settings
from ._small_json import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._protocols import RequestContext

PLATFORM_KEYS = frozenset(
    (
        "timestamp",
        "level",
        "message",
        "logger",
        "stackTrace",
        "errorType",
        "errorMessage",
        "errorNotes",
        "errorCause",
        "errorGroup",
        "requestId",
        "location",
        "tenantId",
        "traceId",
    )
)
"""The keys of the platform; a field with such a name gets an underscore after it."""

_PLAIN = frozenset((str, int, float, bool, type(None)))
_CONTAINERS = frozenset((dict, list, tuple))

_second = (0, "")


class Record:
    """A record on its way from the caller to the sink.

    Attributes:
        severity: The number of its level.
        level: The platform's name for its level.
        message: Any value.
        fields: The fields that the caller added.
        error: The exception that it is about.
        request: The invocation that it belongs to.
        time_ns: The time of the record, in nanoseconds since the epoch.
        logger: The name of the logger of ``logging``.
        location: The line of code that it comes from.
        shown_level: The level's name, if the record has another one than the platform's.
        stack: The stack at its call, which text has after the message.
    """

    __slots__ = (
        "error",
        "fields",
        "level",
        "location",
        "logger",
        "message",
        "request",
        "severity",
        "shown_level",
        "stack",
        "time_ns",
    )

    def __init__(
        self,
        severity: int,
        level: str,
        message: object,
        fields: Mapping[str, Any],
        time_ns: int | None = None,
    ) -> None:
        self.severity = severity
        self.level = level
        self.message = message
        self.fields = fields
        self.time_ns = now() if time_ns is None else time_ns
        self.error: BaseException | None = None
        self.request: RequestContext | None = None
        self.logger: str | None = None
        self.location: str | None = None
        self.shown_level: str | None = None
        self.stack: str | None = None


def timestamp(time_ns: int) -> str:
    """Return a time as RFC 3339 with milliseconds, the only form that the platform filters by.

    Args:
        time_ns: Nanoseconds since the epoch.
    """
    global _second  # noqa: PLW0603 (a cache; one assignment, and so right in any thread)
    start, prefix = _second
    passed = time_ns - start
    if not 0 <= passed < 1_000_000_000:
        seconds = time_ns // 1_000_000_000
        prefix = strftime("%Y-%m-%dT%H:%M:%S.", gmtime(seconds))
        start = seconds * 1_000_000_000
        _second = (start, prefix)
        passed = time_ns - start
    return f"{prefix}{str(passed // 1_000_000 + 1000)[1:]}Z"  # half the time of a format


def as_json(record: Record) -> bytes:
    """Return a record as one line of JSON.

    Args:
        record: The record; a value that JSON cannot express is described.

    Returns:
        UTF-8, with a line feed at the end, of at most `settings.max_bytes` bytes.
    """
    line: dict[str, Any] = {
        "timestamp": timestamp(record.time_ns),
        "level": record.shown_level or record.level,
        "message": record.message,
    }
    if record.logger is not None:
        line["logger"] = record.logger
    if record.error is not None:
        from ._exception import describe

        line.update(describe(record.error))
    request = record.request
    line["requestId"] = "" if request is None else request.aws_request_id
    if record.location is not None:
        line["location"] = record.location
    if request is not None:
        if request.tenant_id is not None:
            line["tenantId"] = request.tenant_id
        if request.trace_id is not None:
            line["traceId"] = request.trace_id
        if type(request) is Scope:
            line.update(request.fields)
    fields = record.fields
    if fields:
        if not PLATFORM_KEYS.isdisjoint(fields):
            fields = renamed(fields)
        line.update(fields)
    return encode(line)


def renamed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields, with an underscore after the names that are the platform's."""
    return {f"{key}_" if key in PLATFORM_KEYS else key: fields[key] for key in fields}


def encode(line: dict[str, Any]) -> bytes:
    """Return a JSON line of keys and any values.

    Args:
        line: The keys of a record, and their values.

    Returns:
        UTF-8, with a line feed at the end, of at most `settings.max_bytes` bytes.
    """
    try:
        if _PLAIN.issuperset(map(type, line.values())) or _is_plain(line):
            if settings.redact:
                from ._redact import redact

                line = redact(line, settings.redact)
            json = to_json(line)
            if len(json) < settings.max_bytes:
                return json + b"\n"
    except (TypeError, ValueError, OverflowError, RuntimeError):
        pass  # it holds itself or a NaN, is too deep, or another thread has just changed it
    from ._safe import encode_anything

    return encode_anything(line, settings.max_bytes, settings.redact)


def _is_plain(line: dict[str, Any]) -> bool:
    """Return True if JSON expresses a record exactly; a named tuple, say, would become a list."""
    pending: list[Any] = [line]
    for item in pending:
        values = item
        if type(item) is dict:
            if not all(type(key) is str for key in item):
                return False
            values = item.values()
        nested = {*map(type, values)} - _PLAIN
        if nested:
            # A value that holds itself would be followed forever.
            if not nested <= _CONTAINERS or len(pending) > 1000:
                return False
            pending.extend([value for value in values if type(value) in _CONTAINERS])
    return True
