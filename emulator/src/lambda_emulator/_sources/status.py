"""How an event source is doing, for who wants to see it."""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

_KEPT_BATCHES = 5

SourceState = Literal["starting", "polling", "invoking", "unreachable", "stopped"]


@dataclass(frozen=True)
class Batch:
    """A batch of records with which a function was invoked.

    Attributes:
        request_id: The id of the invocation.
        records: How many records it had.
        failed: How many of them have failed.
        time: When it was done, in seconds of Unix time.
    """

    request_id: str
    records: int
    failed: int
    time: float = field(default_factory=time.time)


@dataclass
class SourceStatus:
    """How a queue or a stream that is polled is doing.

    Attributes:
        kind: The service, such as ``sqs``.
        source: The queue's URL, the stream's ARN, or the topic.
        function: The name of the function that gets its records.
        state: The state of the source.
        received: How many records have come.
        filtered: How many of them no filter let through.
        returned: How many have failed, and are or were tried again.
        discarded: How many were given up.
        lag: How far the poller is behind: messages that wait, or seconds; None if that is unknown.
        error: The reason that the source cannot be reached; empty if it can.
        batches: The last batches, oldest first.
    """

    kind: str
    source: str
    function: str
    state: SourceState = "starting"
    received: int = 0
    filtered: int = 0
    returned: int = 0
    discarded: int = 0
    lag: float | None = None
    error: str = ""
    batches: deque[Batch] = field(default_factory=lambda: deque(maxlen=_KEPT_BATCHES))

    def describe(self) -> dict[str, Any]:
        """Return all of it, for JSON."""
        unit = "messages" if self.kind == "sqs" else "seconds"
        return {**vars(self), "lag_unit": unit, "batches": [vars(each) for each in self.batches]}
