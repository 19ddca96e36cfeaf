"""The way of a record from whoever makes it to the sink. Nothing here raises."""

from __future__ import annotations

import sys
from time import time_ns as now

from ._config import SEVERITY, configured, settings
from ._record import as_json, as_text, described
from ._request import current_request
from ._scope import Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._protocols import RequestContext, Sink

    ExcInfo = bool | BaseException | tuple[Any, ...] | None

_ERROR = SEVERITY["ERROR"]


def write(
    severity: int,
    level: str,
    message: object,
    fields: Mapping[str, Any],
    error: BaseException | None = None,
    logger: str | None = None,
    location: str | None = None,
    *,
    shown_level: str | None = None,
    time_ns: int = 0,
    is_wanted: bool = True,
) -> None:
    """Write a record, or keep it, as its invocation wants.

    Args:
        severity: The number of its level.
        level: The platform's name for it.
        message: Any value.
        fields: What else the record says.
        error: The exception that it is about.
        logger: The name of the logger.
        location: The line of code that it comes from.
        shown_level: The level's name in text, if it is another one there.
        time_ns: When it was made, in nanoseconds since the epoch; now by default.
        is_wanted: Whether it is written in any invocation; if not, one may want it all the same.
    """
    try:
        sink = settings.sink or configured()
        request = current_request.get()
        if request is None and settings.foreign_request is not None:
            request = settings.foreign_request()
        time_ns = time_ns or now()
        if not is_wanted or severity >= _ERROR:
            way = _way(sink, severity, request, is_wanted=is_wanted)
            if way is None:
                return
            sink = way
        is_json = settings.format == "JSON"
        if is_json:
            record = as_json(time_ns, level, message, fields, request, error, logger, location)
        else:
            shown = shown_level or level
            record = _for_readers(sink, time_ns, shown, message, fields, request, error, logger)
        sink.write(record, level, json=is_json, time_ns=time_ns)
    except Exception as fault:  # noqa: BLE001 (a log line is not worth an invocation)
        write_least(level, message, fault)


def _way(
    sink: Sink, severity: int, request: RequestContext | None, *, is_wanted: bool
) -> Sink | None:
    """Return where a record goes that is unusual, in one way or the other; None is nowhere."""
    if type(request) is not Scope:
        return sink if is_wanted else None
    buffer = request.buffer
    if severity >= _ERROR and buffer is not None:
        buffer.flush()
    if is_wanted or (request.severity is not None and severity >= request.severity):
        return sink
    return buffer if buffer is not None and severity >= buffer.severity else None


def _for_readers(
    sink: Sink,
    time_ns: int,
    level: str,
    message: object,
    fields: Mapping[str, Any],
    request: RequestContext | None,
    error: BaseException | None,
    logger: str | None,
) -> bytes:
    if settings.format == "Text":
        return as_text(
            time_ns,
            level,
            described(message, fields, request),
            request_id=request.aws_request_id if request is not None else "",
            error=error,
            line_end=sink.line_end,
        )
    from ._console import as_console

    return as_console(time_ns, level, message, fields, request, error=error, logger=logger)


def write_least(level: str, message: object, fault: Exception) -> None:
    """Write what can still be written of a record.

    Args:
        level: The platform's name for its level.
        message: Any value.
        fault: What came between; the record tells it as ``logError``.
    """
    try:
        if type(message) is not str:  # which needs no import: Python may be about to end
            from ._safe import text

            message = text(message)
        why = f"{type(fault).__name__}: {fault}"
        line = as_json(now(), level, message[:1024], {"logError": why}, None)
        if settings.sink is not None:
            settings.sink.write(line, level, json=True, time_ns=now())
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
