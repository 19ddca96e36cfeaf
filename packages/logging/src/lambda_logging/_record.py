"""One record, as JSON or as a line of text, in the managed Python runtime's keys and order."""

from __future__ import annotations

import time

from ._config import settings
from ._scope import Scope
from ._small_json import write

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
"""What a field of the user's may not be called: it gets an underscore behind its name."""

_PLAIN = frozenset((str, int, float, bool, type(None)))
_CONTAINERS = frozenset((dict, list, tuple))

_second = (0, "")


def timestamp(time_ns: int) -> str:
    """Return a time as RFC 3339 with milliseconds, the only form the platform filters by.

    Args:
        time_ns: Nanoseconds since the epoch.
    """
    global _second  # noqa: PLW0603 (a cache; one assignment, and so right in any thread)
    start, prefix = _second
    milliseconds = time_ns // 1_000_000 - start
    if not 0 <= milliseconds < 1000:
        seconds = time_ns // 1_000_000_000
        prefix = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(seconds))
        start = seconds * 1000
        _second = (start, prefix)
        milliseconds = time_ns // 1_000_000 - start
    return prefix + str(milliseconds + 1000)[1:] + "Z"  # half the time of a format


def as_json(
    time_ns: int,
    level: str,
    message: object,
    fields: Mapping[str, Any],
    request: RequestContext | None,
    error: BaseException | None = None,
    logger: str | None = None,
    location: str | None = None,
) -> bytes:
    """Return a record as one line of JSON.

    Args:
        time_ns: When it was made.
        level: The platform's name for its level.
        message: Any value; what JSON has no form for is described.
        fields: What else it says.
        request: The invocation that it belongs to.
        error: The exception that it is about.
        logger: The name of the logger.
        location: The line of code that it comes from.

    Returns:
        UTF-8, with a line feed at the end, of at most `settings.max_bytes` bytes.
    """
    record: dict[str, Any] = {"timestamp": timestamp(time_ns), "level": level, "message": message}
    if logger is not None:
        record["logger"] = logger
    if error is not None:
        from ._exception import describe

        record.update(describe(error))
    record["requestId"] = "" if request is None else request.aws_request_id
    if location is not None:
        record["location"] = location
    if request is not None:
        if request.tenant_id is not None:
            record["tenantId"] = request.tenant_id
        if request.trace_id is not None:
            record["traceId"] = request.trace_id
        if type(request) is Scope:
            record.update(request.fields)
    if fields:
        if not PLATFORM_KEYS.isdisjoint(fields):
            fields = renamed(fields)
        record.update(fields)
    return encode(record)


def renamed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields, those with a name of the platform's under another one."""
    return {f"{key}_" if key in PLATFORM_KEYS else key: fields[key] for key in fields}


def encode(record: dict[str, Any]) -> bytes:
    """Return the JSON line of a record, whatever is in it.

    Args:
        record: Any values.

    Returns:
        UTF-8, with a line feed at the end, of at most `settings.max_bytes` bytes.
    """
    try:
        if _PLAIN.issuperset(map(type, record.values())) or _is_plain(record):
            if settings.redact:
                from ._redact import redact

                record = redact(record, settings.redact)
            line = to_json(record)
            if len(line) < settings.max_bytes:
                return line + b"\n"
    except (TypeError, ValueError, OverflowError, RuntimeError):
        pass  # holds itself, or is too deep; holds a NaN; another thread has changed it just now
    from ._safe import encode_anything

    return encode_anything(record, settings.max_bytes, settings.redact)


def to_json(value: Any) -> bytes:
    """Return the JSON of plain values, in UTF-8.

    Args:
        value: Dicts, lists, strings, finite numbers, booleans and None.
    """
    # A lone surrogate becomes what is also its escape in JSON.
    return write(value).encode("utf-8", "backslashreplace")


def _is_plain(record: dict[str, Any]) -> bool:
    """Tell whether a record is written as it should be; named tuples would become lists."""
    pending: list[Any] = [record]
    for item in pending:
        values = item
        if type(item) is dict:
            if not all(type(key) is str for key in item):
                return False
            values = item.values()
        nested = {*map(type, values)} - _PLAIN
        if nested:
            # One that holds itself would be followed for ever.
            if not nested <= _CONTAINERS or len(pending) > 1000:
                return False
            pending.extend([value for value in values if type(value) in _CONTAINERS])
    return True


def as_text(
    time_ns: int,
    level: str,
    text: str,
    *,
    request_id: str = "",
    error: BaseException | None = None,
    line_end: str = "\n",
) -> bytes:
    r"""Return a record as one line of text: ``[LEVEL]\ttime\trequest id\tmessage``.

    Args:
        time_ns: When it was made.
        level: The name of its level.
        text: What it says.
        request_id: The invocation that it belongs to, or empty outside of any.
        error: The exception that it is about; its traceback follows on lines of their own.
        line_end: What parts lines within the record.

    Returns:
        UTF-8, with a line feed at the end, of at most `settings.max_bytes` bytes.
    """
    from ._cut import cut_text

    line = f"[{level}]\t{timestamp(time_ns)}\t{request_id}\t{text}"
    if error is not None:
        from ._exception import traceback_text

        line = f"{line}\n{traceback_text(error)}"
    return cut_text(line.replace("\n", line_end), settings.max_bytes)


def without_secrets(value: object) -> object:
    """Return a value, or its plain copy if it holds any of what `settings.redact` names.

    Args:
        value: Any value; what ``str()`` would make of it may tell more than its JSON.
    """
    if not settings.redact:
        return value
    from ._redact import redact
    from ._safe import plain

    whole = plain(value)
    clean = redact(whole, settings.redact)
    return value if clean is whole else clean


def described(message: object, fields: Mapping[str, Any], request: RequestContext | None) -> str:
    """Return a message and its fields for a reader: ``message key=value``.

    Args:
        message: Any value.
        fields: What else the record says.
        request: The invocation that it belongs to, whose scope may have fields too.
    """
    from ._safe import text

    message = without_secrets(message)
    if type(request) is Scope and request.fields:
        fields = {**request.fields, **fields}
    if not fields:
        return text(message)
    from ._safe import pairs

    return f"{text(message)} {pairs(fields, settings.redact)}"
