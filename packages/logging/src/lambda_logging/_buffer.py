"""Records that are written only if the invocation goes wrong."""

from __future__ import annotations

import os
from collections import deque
from threading import TIMEOUT_MAX, RLock, Timer

from ._carry import carry
from ._settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 64 * 1024
"""The default size of a buffer."""


class Buffer:
    """A sink that keeps the records of one invocation back.

    Records are kept as finished lines, so that later changes of a value do not show. `flush` writes
    them out; the buffer does so itself shortly before the invocation's time is over, and keeps
    nothing back from then on. When it is full, it drops its oldest records.
    """

    def __init__(
        self,
        severity: int,
        max_bytes: int,
        seconds: Callable[[], float] | None,
        warn: Callable[..., None],
    ) -> None:
        """Open a buffer.

        Args:
            severity: The lowest severity that it keeps.
            max_bytes: The largest size of all its records, in bytes.
            seconds: Returns the seconds after which it must be written out; None if there is no
                such time.
            warn: Writes a warning, with fields as keyword arguments.
        """
        self.line_end = settings.sink.line_end if settings.sink is not None else "\n"
        self.severity = severity
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._warn = warn
        self._records: deque[tuple[bytes, str | None, bool, int]] = deque()
        self._size = 0
        self._dropped = 0
        self._is_open = True
        self._is_late = False
        self._timer: Timer | None = None
        self._lock = RLock()
        self._process = os.getpid()

    def write(self, record: bytes, level: str | None, *, json: bool, time_ns: int) -> None:
        """Keep a record as it is."""
        if self._is_late and self._is_open and settings.sink is not None:
            settings.sink.write(record, level, json=json, time_ns=time_ns)
            return
        self._leave_to_parent()
        with self._lock:
            if not self._is_open:  # leftover work of an invocation that went well
                return
            if self._timer is None and self._seconds is not None:
                seconds = min(max(0.0, self._seconds()), TIMEOUT_MAX)
                self._timer = Timer(seconds, carry(self._flush_in_time))
                self._timer.daemon = True
                self._timer.start()
            self._records.append((record, level, json, time_ns))
            self._size += len(record)
            while self._size > self._max_bytes:
                self._size -= len(self._records.popleft()[0])
                self._dropped += 1

    def flush(self) -> None:
        """Write out the records in order, after a warning if some of them were dropped."""
        self._leave_to_parent()
        with self._lock:
            records, self._records = self._records, deque()
            dropped, self._dropped = self._dropped, 0
            self._size = 0
        if dropped:
            self._warn("The buffer of records was too small: its oldest are lost", lost=dropped)
        sink = settings.sink
        if sink is not None:
            for record, level, json, time_ns in records:
                sink.write(record, level, json=json, time_ns=time_ns)

    def close(self) -> None:
        """Drop the records: the invocation has ended well."""
        with self._lock:
            self._is_open = False
            self._records.clear()
            if self._timer is not None:
                self._timer.cancel()

    def _leave_to_parent(self) -> None:
        """Drop, in a forked process, the records that its parent has too, and will write."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._lock = RLock()  # a thread that held it is not here
            self._records, self._size, self._dropped, self._timer = deque(), 0, 0, None

    def _flush_in_time(self) -> None:
        if not self._is_open:
            return
        self._is_late = True
        self.flush()
        self._warn("The invocation is about to run out of time")
