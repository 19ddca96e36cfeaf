"""From the records of the history to events of the bus; loaded when somebody listens."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ._bus_events import (
    Answered,
    ChunkSent,
    HTTPAnswered,
    Invoked,
    LogWritten,
    ResponseStarted,
    Traced,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._history import History, Log, Record
    from ._invocation import EmulatedInvocation
    from ._report import BusEvent

_TENANT = "Lambda-Runtime-Aws-Tenant-Id"


def history_events(history: History) -> Iterator[BusEvent]:
    """Yield all that is known, as the bus would have reported it.

    Args:
        history: The history.
    """
    for function, log in history.outside.items():
        yield from _log_events(function, "", log)
    for record in history.records:
        if record.invocation is not None:
            yield from _record_events(record, record.invocation)
        else:
            yield from record.kept
            if record.http_status is not None:
                yield http_answered(record.function, record.request_id, record.http_status)
        if record.spans:
            yield Traced(function=record.function, request_id=record.request_id, spans=record.spans)


def shorten(record: Record, room: int) -> list[BusEvent]:
    """Return what has happened in an invocation, with only the beginning of its response.

    Args:
        record: The record of an invocation that has ended.
        room: The number of bytes of the response to keep.
    """
    kept: list[BusEvent] = []
    omitted = 0
    for event in _record_events(record, record.invocation) if record.invocation else ():
        match event:
            case ChunkSent(data=data):
                omitted += max(0, len(data) - room)
                if room:
                    kept.append(replace(event, data=data[:room]))
                room = max(0, room - len(data))
            case Answered():
                kept.append(replace(event, omitted=omitted))
            case HTTPAnswered():
                pass  # it may come after the end
            case _:
                kept.append(event)
    return kept


def invoked(record: Record, invocation: EmulatedInvocation) -> Invoked:
    """Return the event with which an invocation begins.

    Args:
        record: The record.
        invocation: The invocation.
    """
    return Invoked(
        function=record.function,
        request_id=record.request_id,
        time=record.began,
        event=invocation.event,
        kind=invocation.kind,
        attempt=invocation.attempt,
        tenant_id=invocation.headers.get(_TENANT),
    )


def log_written(function: str, request_id: str, data: bytes, platform: bool) -> LogWritten:
    """Return the event that something is written to a log.

    Args:
        function: The function's name.
        request_id: The invocation's id; empty outside of invocations.
        data: Any bytes.
        platform: True if Lambda wrote the text.
    """
    return LogWritten(function=function, request_id=request_id, data=data, platform=platform)


def response_started(record: Record, invocation: EmulatedInvocation) -> ResponseStarted:
    """Return the event that a streamed response begins.

    Args:
        record: The record of its invocation.
        invocation: The invocation.
    """
    return ResponseStarted(
        function=record.function,
        request_id=record.request_id,
        content_type=invocation.content_type,
    )


def chunk_sent(record: Record, data: bytes, index: int, moment: float) -> ChunkSent:
    """Return the event that a piece of a streamed response is here.

    Args:
        record: The record of its invocation.
        data: The bytes.
        index: The place in the response.
        moment: The time of arrival, in seconds of Unix time.
    """
    return ChunkSent(
        function=record.function,
        request_id=record.request_id,
        time=moment,
        data=data,
        index=index,
    )


def answered(record: Record, invocation: EmulatedInvocation) -> Answered:
    """Return the event that a response is there.

    Args:
        record: The record of its invocation.
        invocation: The invocation, which is done.
    """
    failed, streamed = invocation.is_error, invocation.streamed
    content_type = "application/json" if streamed else None
    return Answered(
        function=record.function,
        request_id=record.request_id,
        payload=b"" if streamed and not failed else invocation.payload,
        error_type=invocation.error_type,
        content_type=content_type if failed else invocation.content_type,
        streamed=streamed,
    )


def http_answered(function: str, request_id: str, status: int) -> HTTPAnswered:
    """Return the event that an HTTP request was answered.

    Args:
        function: The function's name.
        request_id: The invocation's id.
        status: The status of the response.
    """
    return HTTPAnswered(function=function, request_id=request_id, status=status)


def _record_events(record: Record, invocation: EmulatedInvocation) -> Iterator[BusEvent]:
    yield invoked(record, invocation)
    yield from _log_events(record.function, record.request_id, record.log)
    if invocation.streamed:
        yield response_started(record, invocation)
        offset = time.time() - time.monotonic()
        for index, chunk in enumerate(invocation.chunks):
            yield chunk_sent(record, chunk.data, index, chunk.time + offset)
    if record.http_status is not None:
        yield http_answered(record.function, record.request_id, record.http_status)
    if invocation.outcome is not None:
        yield answered(record, invocation)
    if invocation.report is not None:
        yield invocation.report


def _log_events(function: str, request_id: str, log: Log) -> Iterator[BusEvent]:
    for moment, data, platform in log:
        yield LogWritten(
            function=function,
            request_id=request_id,
            time=moment,
            data=data,
            platform=platform,
        )
