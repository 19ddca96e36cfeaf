"""The two interfaces of this package: the request of a record, and the sink for records."""

from __future__ import annotations

from typing import Protocol


class RequestContext(Protocol):
    """The invocation that records belong to; the context of any runtime is one.

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
    """Separates the lines of a text record, so that it stays one record."""

    def write(self, record: bytes, level: str | None, *, json: bool, time_ns: int) -> None:
        """Write a record as it is.

        Args:
            record: The record, in UTF-8, with its line end.
            level: One of the platform's levels, or None for a record without a level.
            json: True for JSON, False for text.
            time_ns: The time of the record, in nanoseconds since the epoch.
        """
