"""Takes a record to its sink. Nothing here raises."""

from __future__ import annotations

import sys
from time import time_ns

from ._record import Record, as_json
from ._scope import Scope
from ._settings import SEVERITY, current_request, level_name, request_in_hand, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._protocols import RequestContext, Sink

    ExcInfo = bool | BaseException | tuple[Any, ...] | None

_ERROR = SEVERITY["ERROR"]


def write(record: Record, *, is_wanted: bool = True) -> None:
    """Write a record, keep it back or drop it, as its invocation wants.

    Args:
        record: The record; it belongs to the current invocation.
        is_wanted: True if every invocation writes such records; if not, this one may still do so.
    """
    try:
        sink = settings.sink
        request = current_request.get()
        if request is None:
            request = request_in_hand()
        if not is_wanted or record.severity >= _ERROR:
            sink = _sink_of(request, record.severity, is_wanted=is_wanted)
        if sink is None:
            return
        record.request = request
        if settings.more_fields is not None:
            record.fields = {**settings.more_fields(), **record.fields}
        if settings.format == "JSON":
            sink.write(as_json(record), record.level, json=True, time_ns=record.time_ns)
        else:
            line = _for_readers(record, sink)
            sink.write(line, record.level, json=False, time_ns=record.time_ns)
    except Exception as fault:  # noqa: BLE001 (a log line is not worth an invocation)
        write_least(record.level, record.message, fault)


def write_line(line: str, severity: int, *, json: bool, is_wanted: bool) -> None:
    """Write, keep back or drop a record that another formatter has made.

    Args:
        line: The record; it stays one, however many lines it has.
        severity: The number of its level.
        json: True for the JSON that Lambda filters, False for text.
        is_wanted: As for `write`.
    """
    from ._cut import cut_text

    sink = _sink_of(request_in_hand(), severity, is_wanted=is_wanted)
    if sink is not None:
        record = cut_text(line.rstrip("\n").replace("\n", sink.line_end), settings.max_bytes)
        sink.write(record, level_name(severity), json=json, time_ns=time_ns())


def _sink_of(request: RequestContext | None, severity: int, *, is_wanted: bool) -> Sink | None:
    """Return where an invocation wants a record to go, or None for nowhere."""
    if type(request) is not Scope:
        return settings.sink if is_wanted else None
    buffer = request.buffer
    if severity >= _ERROR and buffer is not None:
        buffer.flush()
    if is_wanted or (request.severity is not None and severity >= request.severity):
        return settings.sink
    return buffer if buffer is not None and severity >= buffer.severity else None


def _for_readers(record: Record, sink: Sink) -> bytes:
    if settings.format == "Text":
        from ._text import as_text

        return as_text(record, sink.line_end)
    from ._console import as_console

    return as_console(record)


def write_least(level: str, message: object, fault: Exception) -> None:
    """Write what is left of a record that could not be written.

    Args:
        level: The platform's name for its level.
        message: Any value.
        fault: The reason, which the line has as ``logError``.
    """
    try:
        if type(message) is not str:  # which needs no import: Python may be about to end
            from ._plain import text

            message = text(message)
        record = Record(0, level, message[:1024], {"logError": f"{type(fault).__name__}: {fault}"})
        if settings.sink is not None:
            settings.sink.write(as_json(record), level, json=True, time_ns=record.time_ns)
    except Exception:  # noqa: BLE001 (there is no place left to say it)
        return


def exception_of(exc_info: ExcInfo) -> BaseException | None:
    """Return the exception that ``exc_info`` means, in any of the forms that ``logging`` takes.

    Args:
        exc_info: An exception, what `sys.exc_info` returns, or True for the one being handled.
    """
    if isinstance(exc_info, BaseException):  # first: it may have a length, and be false
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if len(exc_info) > 1 else None
    return sys.exc_info()[1] if exc_info else None
