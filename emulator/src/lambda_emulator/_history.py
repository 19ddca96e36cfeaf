"""The invocations that run, and the newest that have ended: what a page shows when it is opened.

The history is bounded, in number and in bytes, and costs an invocation next to nothing: events are
made of its records only when somebody asks.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ._invocation import EmulatedInvocation
    from ._report import BusEvent

MAX_RECORDS = 100
MAX_BYTES = 16 << 20
_MAX_LOG = 1 << 18  # bytes of the log of one invocation; its end is kept
MAX_RESPONSE = 1 << 20  # bytes of one streamed response; its beginning is kept


class Log:
    """The pieces of a log; when they are too many bytes, the oldest are given up.

    Attributes:
        size: The number of bytes.
    """

    __slots__ = ("_pieces", "size")

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, bytes, bool]] = deque()
        self.size = 0

    def write(self, data: bytes, platform: bool) -> None:
        """Add a piece.

        Args:
            data: Any bytes.
            platform: True if Lambda wrote the text.
        """
        self._pieces.append((time.time(), data, platform))
        self.size += len(data)
        while self.size > _MAX_LOG and len(self._pieces) > 1:
            self.size -= len(self._pieces.popleft()[1])

    def __iter__(self) -> Iterator[tuple[float, bytes, bool]]:
        """Iterate over the pieces: when each was written in Unix time, its bytes, whose it is."""
        return iter(self._pieces)


class Record:
    """One invocation.

    Attributes:
        function: The function's name.
        request_id: The invocation's id.
        invocation: The invocation; None when only some of it is kept.
        began: The time of its beginning, in seconds of Unix time.
        log: The log of the invocation.
        http_status: The status of the HTTP response that became of it; None if there is none.
        spans: The spans of its trace, as a page shows them.
        kept: The events, as far as they are kept; empty while there is the invocation.
        size: The number of bytes that it holds, after its end.
    """

    __slots__ = (
        "began",
        "function",
        "http_status",
        "invocation",
        "kept",
        "log",
        "request_id",
        "size",
        "spans",
    )

    def __init__(self, function: str, invocation: EmulatedInvocation) -> None:
        """Begin the record of an invocation that begins now.

        Args:
            function: The function's name.
            invocation: The invocation.
        """
        self.function = function
        self.request_id = invocation.request_id
        self.invocation: EmulatedInvocation | None = invocation
        self.began = time.time()
        self.log = Log()
        self.http_status: int | None = None
        self.spans: list[dict[str, Any]] = []
        self.kept: list[BusEvent] = []
        self.size = 0

    @property
    def has_ended(self) -> bool:
        """True if its report is written."""
        return self.invocation is None or self.invocation.report is not None

    def end(self) -> None:
        """Count what it holds."""
        invocation = self.invocation
        if invocation is not None:
            outcome = invocation.outcome
            response = len(outcome.body) if outcome else 0
            self.size = len(invocation.event) + self.log.size + response

    def is_long(self) -> bool:
        """True if the invocation streamed more than is kept."""
        outcome = None if self.invocation is None else self.invocation.outcome
        return outcome is not None and len(outcome.body) > MAX_RESPONSE and bool(outcome.chunks)

    def keep(self, events: list[BusEvent]) -> None:
        """Let go of the invocation, and keep events instead.

        Args:
            events: The events of the invocation, with the beginning of the response.
        """
        if self.invocation is not None:
            self.size = len(self.invocation.event) + self.log.size + MAX_RESPONSE
        self.kept, self.invocation = events, None


class History:
    """Records of the newest invocations, of all functions.

    Attributes:
        records: The records, in the order of the invocations' beginnings.
        outside: The logs of functions outside of invocations.
    """

    def __init__(self) -> None:
        self.records: deque[Record] = deque()
        self.outside: dict[str, Log] = {}
        self._bytes = 0

    def add(self, record: Record) -> None:
        """Add the record of an invocation that begins.

        Args:
            record: The record.
        """
        self.records.append(record)
        self._evict()

    def end(self, record: Record) -> None:
        """Note that an invocation has ended.

        Args:
            record: The record.
        """
        record.end()
        if record in self.records:  # it may have been cleared when its report was written
            self._bytes += record.size
            self._evict()

    def discard(self, record: Record) -> None:
        """Remove the record of an invocation that has no end.

        Args:
            record: A record of an invocation that runs.
        """
        if record in self.records:
            self.records.remove(record)

    def answered_over_http(self, request_id: str, status: int) -> None:
        """Note how the HTTP request was answered that an invocation comes from.

        Args:
            request_id: The invocation's id.
            status: The status of the HTTP response.
        """
        record = self.find(request_id)
        if record is not None:
            record.http_status = status

    def find(self, request_id: str) -> Record | None:
        """Return the newest record of an invocation, or None.

        Args:
            request_id: The invocation's id.
        """
        matching = (each for each in reversed(self.records) if each.request_id == request_id)
        return next(matching, None)

    def clear(self) -> None:
        """Remove the invocations that have ended."""
        self.records = deque(each for each in self.records if not each.has_ended)
        self._bytes = 0
        self.outside.clear()

    def _evict(self) -> None:
        """Remove the oldest that have ended, until the rest is within the bounds."""
        while len(self.records) > MAX_RECORDS or self._bytes > MAX_BYTES:
            oldest = next((each for each in self.records if each.has_ended), None)
            if oldest is None or oldest is self.records[-1]:
                return
            self.records.remove(oldest)
            self._bytes -= oldest.size
