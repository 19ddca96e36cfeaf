"""A record of a queue or a stream, on its way to a function."""

from typing import Any, NamedTuple


class Record(NamedTuple):
    """A record.

    Attributes:
        event: The record as an event has it.
        item_id: The identifier for ``batchItemFailures``.
        data: The body or data as text or bytes, for filters; None if it has none.
        arrival: The time of arrival at the source, in seconds of Unix time.
        key: Records with the same key are handled in order.
        handle: The source's handle, such as the receipt handle of a message.
    """

    event: dict[str, Any]
    item_id: str
    data: str | bytes | None = None
    arrival: float = 0.0
    key: str = ""
    handle: str = ""
