"""Methods of records with base64 data: those of streams and brokers."""

from __future__ import annotations

from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any


class Base64Data(Generic[T]):
    """The data of a record, decoded.

    A base for models with the field ``data``.
    """

    __slots__ = ()

    @property
    def data_bytes(self) -> bytes:
        """The data.

        Raises:
            EventDecodeError: It is not base64.
        """
        from ._bytes import from_base64

        record: Any = self
        return from_base64(record.data, type(self).__name__, "data")

    @property
    def data_text(self) -> str:
        """The data as text.

        Raises:
            EventDecodeError: It is not UTF-8.
        """
        from ._payload import decode_text

        text: str = decode_text(self.data_bytes, str, type(self).__name__, "data")
        return text

    @property
    def data_decompressed(self) -> bytes:
        """The data, decompressed by gzip or zlib, as CloudWatch Logs sends it.

        Raises:
            EventDecodeError: It is neither.
        """
        from ._bytes import decompress

        return decompress(self.data_bytes, type(self).__name__, "data")

    @property
    def payload(self) -> T:
        """The data as the type that the event was asked for, as in ``FirehoseEvent[Order]``.

        Without one, its JSON. It is decoded when it is first asked for.

        Raises:
            EventDecodeError: The data is not of that type.
        """
        from ._payload import payload

        record: Any = self
        return payload(  # type: ignore[no-any-return]
            record, "data", record.data, decode=lambda: self.data_bytes
        )


def base64_of(value: Any) -> str:
    """Return the base64 text of what a function or a test puts into a record.

    Args:
        value: Bytes and text as they are, all else as JSON.
    """
    from ._bytes import to_base64
    from ._codec import dumps

    if isinstance(value, str):
        value = value.encode()
    return to_base64(value if isinstance(value, bytes) else dumps(value))


def milliseconds_of(value: Any) -> datetime | None:
    """Read a time that is milliseconds of Unix time, or in AWS's own samples ISO 8601.

    Args:
        value: A number, the text of one, or ISO 8601.

    Returns:
        The time in UTC; None if it is not a time.
    """
    from ._time import from_epoch, from_text

    return from_epoch(value, 1000) or from_text(value)
