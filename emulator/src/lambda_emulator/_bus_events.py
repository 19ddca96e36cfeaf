"""The events of the bus: one for each step of an invocation. Loaded when somebody listens."""

from dataclasses import dataclass
from typing import Any

from ._report import BusEvent, InvocationType


@dataclass(kw_only=True, eq=False)
class Invoked(BusEvent):
    """An invocation began.

    Attributes:
        event: The event, as JSON.
        kind: The kind of the invocation.
        attempt: The number of attempts, this one included; more than 1 for retries.
        tenant_id: The tenant that it is for, or None.
    """

    event: bytes
    kind: InvocationType
    attempt: int = 1
    tenant_id: str | None = None


@dataclass(kw_only=True, eq=False)
class LogWritten(BusEvent):
    """Something was written to a function's log.

    Attributes:
        data: Any bytes; lines need not be whole.
        platform: True if Lambda wrote the text, False if the function did.
    """

    data: bytes
    platform: bool


@dataclass(kw_only=True, eq=False)
class ResponseStarted(BusEvent):
    """A streamed response begins.

    Attributes:
        content_type: The media type, if the function named one.
    """

    content_type: str | None


@dataclass(kw_only=True, eq=False)
class ChunkSent(BusEvent):
    """A piece of a streamed response is here.

    Attributes:
        data: The bytes.
        index: The place in the response, from 0.
    """

    data: bytes
    index: int


@dataclass(kw_only=True, eq=False)
class Answered(BusEvent):
    """An invocation has its answer.

    Attributes:
        payload: The response, or the error as JSON; empty for a streamed response.
        error_type: The type of the error, or None.
        content_type: The response's media type, if the function named one.
        streamed: True for a streamed response.
        omitted: The number of bytes at the end of a streamed response that the history has not
            kept.
    """

    payload: bytes
    error_type: str | None
    content_type: str | None
    streamed: bool
    omitted: int = 0


@dataclass(kw_only=True, eq=False)
class HTTPAnswered(BusEvent):
    """The front end has answered the HTTP request that an invocation comes from.

    Attributes:
        status: The status of its response.
    """

    status: int


@dataclass(kw_only=True, eq=False)
class Traced(BusEvent):
    """Spans of an invocation have come.

    Attributes:
        spans: All that there are until now, the invocation's own first, for JSON.
    """

    spans: list[dict[str, Any]]


@dataclass(kw_only=True, eq=False)
class Cleared(BusEvent):
    """The invocations that have ended were removed from the history."""
