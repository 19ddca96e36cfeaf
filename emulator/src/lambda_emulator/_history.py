"""The invocations that run, and the newest that have ended: what a page shows when it is opened.

The history is bounded, in number and in bytes, and costs an invocation as good as nothing: events
are made of its records only when somebody asks.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lambda_testing import Invocation

from ._bus_events import (
    Answered,
    BusEvent,
    ChunkSent,
    HTTPAnswered,
    InvocationType,
    Invoked,
    LogWritten,
    Reported,
    ResponseStarted,
)

MAX_RECORDS = 100
MAX_BYTES = 16 << 20
_MAX_LOG = 1 << 18  # bytes of the log of one invocation; its end is kept
_MAX_RESPONSE = 1 << 20  # bytes of one streamed response; its beginning is kept


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of a log.

    Attributes:
        time: When it was written, in seconds of Unix time.
        data: Any bytes.
        platform: Whether Lambda wrote it, and not the function.
    """

    time: float
    data: bytes
    platform: bool


class Log:
    """The pieces of a log; when they are too many bytes, the oldest are given up."""

    __slots__ = ("_bytes", "pieces")

    def __init__(self) -> None:
        self.pieces: deque[Written] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        """Return how many bytes there are."""
        return self._bytes

    def write(self, data: bytes, *, platform: bool) -> None:
        """Add a piece.

        Args:
            data: Any bytes.
            platform: Whether Lambda wrote it.
        """
        self.pieces.append(Written(time.time(), data, platform))
        self._bytes += len(data)
        while self._bytes > _MAX_LOG and len(self.pieces) > 1:
            self._bytes -= len(self.pieces.popleft().data)

    def events(self, function: str, request_id: str) -> Iterator[BusEvent]:
        """Yield the pieces as the bus has them.

        Args:
            function: The function's name.
            request_id: The invocation's id; empty outside of invocations.
        """
        for piece in self.pieces:
            yield LogWritten(
                function=function,
                request_id=request_id,
                time=piece.time,
                data=piece.data,
                platform=piece.platform,
            )


class Record:
    """One invocation.

    Attributes:
        log: What was written to the log while it ran.
        answer: The response; None until it is there.
        http_status: The status of the HTTP response that became of it; None if there is none.
    """

    def __init__(
        self,
        function: str,
        invocation: Invocation,
        kind: InvocationType,
        attempt: int,
        tenant_id: str | None,
    ) -> None:
        """Begin the record of an invocation that begins now.

        Args:
            function: The function's name.
            invocation: The invocation.
            kind: How it was asked for.
            attempt: How often it was tried, this time included.
            tenant_id: The tenant that it is for, or None.
        """
        self._function = function
        self._request_id = invocation.request_id
        self._invocation: Invocation | None = invocation
        self._began = time.time()
        self._event = invocation.event
        self._kind: InvocationType = kind
        self._attempt = attempt
        self._tenant_id = tenant_id
        self._chunks: list[tuple[float, bytes]] = []
        self._omitted = 0
        self._content_type: str | None = None
        self._report: Reported | None = None
        self.log = Log()
        self.answer: Answered | None = None
        self.http_status: int | None = None

    @property
    def request_id(self) -> str:
        """The invocation's id."""
        return self._request_id

    @property
    def has_ended(self) -> bool:
        """Whether its report is written."""
        return self._report is not None

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        answer = len(self.answer.payload) if self.answer else 0
        chunks = sum(len(data) for _, data in self._chunks)
        return len(self._event) + len(self.log) + chunks + answer

    def end(self, report: Reported) -> None:
        """Note the end, and let go of all that only a running invocation needs.

        Args:
            report: The numbers of the REPORT line.
        """
        room = _MAX_RESPONSE
        for moment, data in self._received():
            kept = data[:room]
            room -= len(kept)
            self._omitted += len(data) - len(kept)
            if kept:
                self._chunks.append((moment, kept))
        self._content_type = self._response_type()
        self._invocation = None
        self._report = report

    def invoked(self) -> Invoked:
        """Return the event with which it begins."""
        return Invoked(
            function=self._function,
            request_id=self._request_id,
            time=self._began,
            event=self._event,
            kind=self._kind,
            attempt=self._attempt,
            tenant_id=self._tenant_id,
        )

    def events(self) -> Iterator[BusEvent]:
        """Yield what has happened until now, as the bus would have told it."""
        yield self.invoked()
        yield from self.log.events(self._function, self._request_id)
        for index, (moment, data) in enumerate(self._chunks or self._received()):
            if not index:
                yield ResponseStarted(
                    function=self._function,
                    request_id=self._request_id,
                    time=moment,
                    content_type=self._response_type(),
                )
            yield ChunkSent(
                function=self._function,
                request_id=self._request_id,
                time=moment,
                data=data,
                index=index,
            )
        if self.http_status is not None:
            yield HTTPAnswered(
                function=self._function, request_id=self._request_id, status=self.http_status
            )
        if self.answer is not None:
            yield replace(self.answer, omitted=self._omitted)
        if self._report is not None:
            yield self._report

    def _response_type(self) -> str | None:
        if self._invocation is None:
            return self._content_type
        return (self._invocation.response_headers or {}).get("Content-Type")

    def _received(self) -> Sequence[tuple[float, bytes]]:
        """Return the chunks of a response that is streamed, with the times of the clock."""
        if self._invocation is None:
            return ()
        offset = time.time() - time.monotonic()
        return [(chunk.time + offset, chunk.data) for chunk in self._invocation.chunks]


class History:
    """Records of the newest invocations, of all functions."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque()
        self._bytes = 0
        self._outside: dict[str, Log] = {}

    def add(self, record: Record) -> None:
        """Add the record of an invocation that begins.

        Args:
            record: The record.
        """
        self._records.append(record)
        self._evict()

    def ended(self, record: Record) -> None:
        """Count what the record of an invocation that has ended holds.

        Args:
            record: The record.
        """
        self._bytes += record.size
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

    def _evict(self) -> None:
        """Remove the oldest that have ended, until the rest is within the bounds."""
        while len(self._records) > MAX_RECORDS or self._bytes > MAX_BYTES:
            oldest = next((each for each in self._records if each.has_ended), None)
            if oldest is None or oldest is self._records[-1]:
                return
            self._records.remove(oldest)
            self._bytes -= oldest.size

    def events(self) -> Iterator[BusEvent]:
        """Yield all that is known, in the order of the invocations' beginnings."""
        for function, log in self._outside.items():
            yield from log.events(function, "")
        for record in self._records:
            yield from record.events()
