"""Partial batch failures and time windows, shared by stream and queue triggers.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any, Self


class BatchItemFailure(Model):
    """A record to retry.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

    Attributes:
        item_identifier: The message id (SQS), the sequence number (Kinesis, DynamoDB), or an object
            of ``partition`` and ``offset`` (Kafka).
    """

    item_identifier: str | dict[str, Any]


class BatchItemFailuresResponse(Model):
    """The response of a function with ``ReportBatchItemFailures``.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

    An empty list means that all went well. An id that is empty or unknown makes Lambda try the
    whole batch again.

    Attributes:
        batch_item_failures: The records that failed; of a stream, the first one counts.
    """

    batch_item_failures: list[BatchItemFailure] = EMPTY

    @classmethod
    def of(cls, identifiers: Iterable[str | dict[str, Any]]) -> Self:
        """Make the response of the failed records' identifiers."""
        return cls(batch_item_failures=[BatchItemFailure(item_identifier=i) for i in identifiers])


class TimeWindow(Model):
    """A tumbling window.

    https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html

    Attributes:
        start: The start of the window, ISO 8601.
        end: The end of the window, ISO 8601.
    """

    start: str
    end: str

    @property
    def start_utc(self) -> datetime | None:
        """`start` as an aware datetime."""
        from ._time import from_text

        return from_text(self.start)

    @property
    def end_utc(self) -> datetime | None:
        """`end` as an aware datetime."""
        from ._time import from_text

        return from_text(self.end)


class TimeWindowResponse(Model):
    """The response of a function that aggregates over a tumbling window.

    https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html

    Attributes:
        state: The state for the next invocation of the window, 1 MB at most. It has to be
            there, be it empty: without it Lambda takes the invocation for a failed one.
        batch_item_failures: The records that failed.
    """

    state: dict[str, Any]
    batch_item_failures: list[BatchItemFailure] = EMPTY
