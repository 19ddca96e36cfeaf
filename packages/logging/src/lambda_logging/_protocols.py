"""What logging asks of others: a request to belong to, and a channel to write to."""

from __future__ import annotations

from typing import Protocol


class RequestContext(Protocol):
    """What a record says of the invocation that it belongs to; any runtime's context will do.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    aws_request_id: str
    """The invocation's id."""
    tenant_id: str | None
    """The tenant, for functions with tenant isolation."""
    trace_id: str | None
    """The X-Ray trace header, such as ``Root=1-...;Parent=...;Sampled=1``."""


class Sink(Protocol):
    """A channel for whole records."""

    line_end: str
    """What separates the lines of one text record, so that it stays one record."""

    def write(self, record: bytes, level: str | None, *, json: bool, time_ns: int) -> None:
        """Write a record as it is.

        Args:
            record: The record, in UTF-8, with its line end.
            level: One of the platform's levels, or None for a record without a level.
            json: Whether it is JSON (text otherwise).
            time_ns: When it was made, in nanoseconds since the epoch.
        """
