"""What happens in the emulator, published live to all that listen: a page in a browser, a test.

Everything belongs to one event loop, and nothing is safe for other threads.
"""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

InvocationType = Literal["RequestResponse", "Event", "Stream", "URL"]
Status = Literal["success", "failure", "error", "timeout"]
_LIMIT = 4096  # events that wait for a listener; then the oldest are lost


@dataclass(frozen=True, kw_only=True)
class BusEvent:
    """Something that happened.

    Attributes:
        function: The function's name.
        request_id: The invocation's id; empty outside of invocations.
        time: When, in seconds of Unix time.
    """

    function: str
    request_id: str
    time: float = field(default_factory=time.time)


@dataclass(frozen=True, kw_only=True)
class Invoked(BusEvent):
    """An invocation began.

    Attributes:
        event: The event, as JSON.
        kind: How it was asked for.
        attempt: How often it was tried, this time included; more than 1 for retries.
    """

    event: bytes
    kind: InvocationType
    attempt: int = 1


@dataclass(frozen=True, kw_only=True)
class LogWritten(BusEvent):
    """Something was written to a function's log.

    Attributes:
        data: Any bytes; lines need not be whole.
        platform: Whether Lambda wrote it, and not the function.
    """

    data: bytes
    platform: bool


@dataclass(frozen=True, kw_only=True)
class ChunkSent(BusEvent):
    """A piece of a streamed response is here.

    Attributes:
        data: Its bytes.
        index: Its place in the response, from 0.
    """

    data: bytes
    index: int


@dataclass(frozen=True, kw_only=True)
class Answered(BusEvent):
    """An invocation has its answer.

    Attributes:
        payload: The response, or the error as JSON; empty for a streamed response.
        error_type: The type of the error, or None.
        content_type: The response's media type, if the function named one.
        streamed: Whether the response was streamed.
    """

    payload: bytes
    error_type: str | None
    content_type: str | None
    streamed: bool


@dataclass(frozen=True, kw_only=True)
class Reported(BusEvent):
    """An invocation has ended: the numbers of the REPORT line.

    Attributes:
        status: How it ended; a ``failure`` is an error that the function itself reported.
        error_type: The type of the error, or None.
        duration_ms: Milliseconds until the function asked for its next invocation.
        billed_ms: Milliseconds that Lambda would bill, the init phase included.
        memory_mb: The memory of the function, in MB.
        peak_memory_mb: The most memory that it has used, in MB.
        init_ms: Milliseconds of the init phase, if this was the first invocation after it.
    """

    status: Status
    error_type: str | None
    duration_ms: float
    billed_ms: int
    memory_mb: int
    peak_memory_mb: int
    init_ms: float | None


class Bus:
    """Passes events on to all that listen at the time.

    Attributes:
        heard: Whether anyone listens.
    """

    def __init__(self) -> None:
        self.heard = False
        self._queues: list[asyncio.Queue[BusEvent]] = []

    def publish(self, event: BusEvent) -> None:
        """Tell all that listen.

        Args:
            event: The event.
        """
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

    @contextmanager
    def subscribe(self) -> Generator[asyncio.Queue[BusEvent]]:
        """Listen, from entering the context to leaving it.

        Yields:
            A queue of the events. When it holds more than 4096, the oldest are lost.
        """
        queue: asyncio.Queue[BusEvent] = asyncio.Queue(_LIMIT)
        self._queues.append(queue)
        self.heard = True
        try:
            yield queue
        finally:
            self._queues.remove(queue)
            self.heard = bool(self._queues)
