"""The invocations that run, and the newest that have ended: what a page shows when it is opened.

The history is bounded, in number and in bytes, and costs an invocation next to nothing: events are
made of its records only when somebody asks.
"""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from ._bus_events import (
    Answered,
    BusEvent,
    ChunkSent,
    HTTPAnswered,
    Invoked,
    LogWritten,
    ResponseStarted,
)
from ._invocation import EmulatedInvocation

MAX_RECORDS = 100
MAX_BYTES = 16 << 20
_MAX_LOG = 1 << 18  # bytes of the log of one invocation; its end is kept
_MAX_RESPONSE = 1 << 20  # bytes of one streamed response; its beginning is kept
_TENANT = "Lambda-Runtime-Aws-Tenant-Id"


class Log:
    """The pieces of a log; when they are too many bytes, the oldest are given up.

    Attributes:
        size: How many bytes there are.
    """

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, bytes, bool]] = deque()
        self.size = 0

    def write(self, data: bytes, platform: bool) -> None:
        """Add a piece.

        Args:
            data: Any bytes.
            platform: Whether Lambda wrote it.
        """
        self._pieces.append((time.time(), data, platform))
        self.size += len(data)
        while self.size > _MAX_LOG and len(self._pieces) > 1:
            self.size -= len(self._pieces.popleft()[1])

    def events(self, function: str, request_id: str) -> Iterator[BusEvent]:
        """Yield the pieces as the bus has them.

        Args:
            function: The function's name.
            request_id: The invocation's id; empty outside of invocations.
        """
        for moment, data, platform in self._pieces:
            yield LogWritten(
                function=function,
                request_id=request_id,
                time=moment,
                data=data,
                platform=platform,
            )


class Record:
    """One invocation.

    Attributes:
        request_id: The invocation's id.
        log: What was written to the log while it ran.
        http_status: The status of the HTTP response that became of it; None if there is none.
    """

    __slots__ = (
        "_began",
        "_function",
        "_invocation",
        "http_status",
        "log",
        "request_id",
    )

    def __init__(self, function: str, invocation: EmulatedInvocation) -> None:
        """Begin the record of an invocation that begins now.

        Args:
            function: The function's name.
            invocation: The invocation.
        """
        self.request_id = invocation.request_id
        self.log = Log()
        self.http_status: int | None = None
        self._function = function
        self._invocation = invocation
        self._began = time.time()

    @property
    def size(self) -> int:
        """How many bytes it holds, after its end."""
        invocation = self._invocation
        outcome = invocation.outcome
        return len(invocation.event) + self.log.size + (len(outcome.body) if outcome else 0)

    @property
    def has_ended(self) -> bool:
        """Whether its report is written."""
        return self._invocation.report is not None

    def invoked(self) -> Invoked:
        """Return the event with which it begins."""
        invocation = self._invocation
        return Invoked(
            function=self._function,
            request_id=invocation.request_id,
            time=self._began,
            event=invocation.event,
            kind=invocation.kind,
            attempt=invocation.attempt,
            tenant_id=invocation.headers.get(_TENANT),
        )

    def answered(self) -> Answered:
        """Return the event that the response is there."""
        invocation = self._invocation
        failed, streamed = invocation.is_error, invocation.streamed
        content_type = "application/json" if streamed else None
        return Answered(
            function=self._function,
            request_id=invocation.request_id,
            payload=b"" if streamed and not failed else invocation.payload,
            error_type=invocation.error_type,
            content_type=content_type if failed else invocation.content_type,
            streamed=streamed,
        )

    def response_started(self) -> ResponseStarted:
        """Return the event that a streamed response begins."""
        return ResponseStarted(
            function=self._function,
            request_id=self._invocation.request_id,
            content_type=self._invocation.content_type,
        )

    def chunk_sent(self, data: bytes, index: int, moment: float | None = None) -> ChunkSent:
        """Return the event that a piece of a streamed response is here.

        Args:
            data: Its bytes.
            index: Its place in the response.
            moment: When it came, in seconds of Unix time; now by default.
        """
        return ChunkSent(
            function=self._function,
            request_id=self._invocation.request_id,
            time=time.time() if moment is None else moment,
            data=data,
            index=index,
        )

    def events(self) -> Iterator[BusEvent]:
        """Yield what has happened until now, as the bus would have told it."""
        invocation = self._invocation
        yield self.invoked()
        yield from self.log.events(self._function, invocation.request_id)
        if invocation.streamed:
            yield self.response_started()
            offset = time.time() - time.monotonic()
            for index, chunk in enumerate(invocation.chunks):
                yield self.chunk_sent(chunk.data, index, chunk.time + offset)
        if self.http_status is not None:
            yield _http_answered(self._function, self.request_id, self.http_status)
        if invocation.outcome is not None:
            yield self.answered()
        if invocation.report is not None:
            yield invocation.report

    def is_long(self) -> bool:
        """Whether it has streamed more than is kept."""
        return self._invocation.streamed and self.size > _MAX_RESPONSE

    def shorten(self) -> "ShortRecord":
        """Return what is kept of an invocation that has streamed more than that."""
        kept: list[BusEvent] = []
        room, omitted, size = _MAX_RESPONSE, 0, len(self._invocation.event) + self.log.size
        for event in self.events():
            if isinstance(event, ChunkSent):
                data = event.data[:room]
                room -= len(data)
                omitted += len(event.data) - len(data)
                if not data:
                    continue
                event = replace(event, data=data)  # noqa: PLW2901 (the same, as far as it is kept)
            elif isinstance(event, Answered):
                event = replace(event, omitted=omitted)  # noqa: PLW2901 (the same)
            kept.append(event)
        return ShortRecord(self, self._function, kept, size + _MAX_RESPONSE - room)


class ShortRecord:
    """One invocation that has ended, of whose streamed response the beginning is kept.

    Attributes:
        request_id: The invocation's id.
        http_status: The status of the HTTP response that became of it; None if there is none.
        size: How many bytes it holds.
    """

    has_ended = True

    def __init__(self, record: Record, function: str, events: list[BusEvent], size: int) -> None:
        """Hold what is kept.

        Args:
            record: What it is the record of.
            function: The function's name.
            events: All that has happened.
            size: How many bytes they hold.
        """
        self.request_id = record.request_id
        self.http_status = record.http_status
        self.size = size
        self._function = function
        self._events = [each for each in events if not isinstance(each, HTTPAnswered)]

    def events(self) -> Iterator[BusEvent]:
        """Yield what has happened."""
        yield from self._events
        if self.http_status is not None:
            yield _http_answered(self._function, self.request_id, self.http_status)


def _http_answered(function: str, request_id: str, status: int) -> HTTPAnswered:
    return HTTPAnswered(function=function, request_id=request_id, status=status)


class History:
    """Records of the newest invocations, of all functions."""

    def __init__(self) -> None:
        self._records: deque[Record | ShortRecord] = deque()
        self._bytes = 0
        self._outside: dict[str, Log] = {}

    def add(self, record: Record) -> None:
        """Add the record of an invocation that begins.

        Args:
            record: The record.
        """
        self._records.append(record)
        if len(self._records) > MAX_RECORDS:
            self._evict()

    def ended(self, record: Record) -> None:
        """Count what the record of an invocation that has ended holds.

        Args:
            record: The record; of one that has streamed more than is kept, it lets go.
        """
        kept: Record | ShortRecord = record
        if record.is_long():
            kept = record.shorten()
            self._records[self._records.index(record)] = kept
        self._bytes += kept.size
        if self._bytes > MAX_BYTES or len(self._records) > MAX_RECORDS:
            self._evict()

    def discard(self, record: Record) -> None:
        """Remove the record of an invocation that has no end.

        Args:
            record: A record of an invocation that runs.
        """
        if record in self._records:
            self._records.remove(record)

    def outside(self, function: str) -> Log:
        """Return the log of a function outside of invocations.

        Args:
            function: The function's name.
        """
        return self._outside.setdefault(function, Log())

    def answered_over_http(self, request_id: str, status: int) -> None:
        """Note how the HTTP request was answered that an invocation comes from.

        Args:
            request_id: The invocation's id.
            status: The status of the HTTP response.
        """
        for record in reversed(self._records):
            if record.request_id == request_id:
                record.http_status = status
                return

    def clear(self) -> None:
        """Remove the invocations that have ended."""
        self._records = deque(each for each in self._records if not each.has_ended)
        self._bytes = 0
        self._outside.clear()

    def events(self) -> Iterator[BusEvent]:
        """Yield all that is known, in the order of the invocations' beginnings."""
        for function, log in self._outside.items():
            yield from log.events(function, "")
        for record in self._records:
            yield from record.events()

    def _evict(self) -> None:
        """Remove the oldest that have ended, until the rest is within the bounds."""
        while len(self._records) > MAX_RECORDS or self._bytes > MAX_BYTES:
            oldest = next((each for each in self._records if each.has_ended), None)
            if oldest is None or oldest is self._records[-1]:
                return
            self._records.remove(oldest)
            self._bytes -= oldest.size
