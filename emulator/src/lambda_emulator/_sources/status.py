"""The state of event sources, for the console and the API."""

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
        records: The number of its records.
        failed: The number of records that failed.
        time: The time of its end, in seconds of Unix time.
    """

    request_id: str
    records: int
    failed: int
    time: float = field(default_factory=time.time)


@dataclass
class SourceStatus:
    """The state of a queue or a stream that is polled.

    Attributes:
        kind: The service, such as ``sqs``.
        source: The queue's URL, the stream's ARN, or the topic.
        function: The name of the function that gets its records.
        state: The state of the source.
        received: The number of records that have come.
        filtered: The number of records that the filters dropped.
        returned: The number of records that failed, and are or were tried again.
        discarded: The number of records that were given up.
        lag: The lag of the poller: messages that wait, or seconds; None if that is unknown.
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
