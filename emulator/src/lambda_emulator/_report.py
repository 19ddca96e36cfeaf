"""The report of an invocation, which is an event of the bus, and what all such events have."""

import time
from dataclasses import dataclass, field
from typing import Literal

InvocationType = Literal["RequestResponse", "Event", "Stream", "URL"]
Status = Literal["success", "failure", "error", "timeout"]


@dataclass(kw_only=True, eq=False)
class BusEvent:
    """Something that happened.

    Attributes:
        function: The function's name.
        request_id: The invocation's id; empty outside of invocations.
        time: The time of the event, in seconds of Unix time.
    """

    function: str
    request_id: str
    time: float = field(default_factory=time.time)


@dataclass(kw_only=True, eq=False)
class Reported(BusEvent):
    """An invocation has ended: the numbers of the REPORT line.

    Attributes:
        status: The outcome; a ``failure`` is an error that the function itself reported.
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
