"""Payloads in base64, with or without compression."""

from __future__ import annotations

from binascii import Error, a2b_base64

from .errors import EventDecodeError, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PIECE = 1024
_limit = 64 * 1024 * 1024
_ANY_HEADER = 47  # zlib finds out by itself whether it is gzip's format or its own


def from_base64(text: Any, model: str, path: str) -> bytes:
    """Decode base64.

    Args:
        text: The text.
        model: The name of the model that holds the value, for errors.
        path: The path of the value in the event, for errors.

    Returns:
        The bytes.

    Raises:
        EventDecodeError: It is not base64.
    """
    try:
        return a2b_base64(text, strict_mode=True)
    except (Error, TypeError, ValueError) as error:
        # Not the text itself: it may be a password, or the record of a customer.
        found = str(error) if isinstance(text, str) else describe(text)
        raise EventDecodeError(model, path, "base64", found) from None


def to_base64(data: bytes) -> str:
    """Encode bytes as base64 text."""
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode()


def set_decompression_limit(size: int) -> None:
    """Set how large data may become when it is decompressed: 64 MiB by default.

    A record of a few kilobytes can become gigabytes, which end a function for lack of memory. The
    limit is that of the process; set it where the function is imported.

    Args:
        size: The largest size of one record's data, in bytes.

    Raises:
        ValueError: It is less than one.
    """
    global _limit  # noqa: PLW0603 (one setting of the process)
    if size < 1:
        raise ValueError(f"the limit is {size}; it must be 1 or more")
    _limit = size


def decompress(data: bytes, model: str, path: str) -> bytes:
    """Decompress gzip or zlib data.

    Args:
        data: The compressed bytes.
        model: The name of the model that holds the bytes, for errors.
        path: The path of the bytes in the event, for errors.

    Returns:
        The bytes; of several compressed parts in a row, all of them.

    Raises:
        EventDecodeError: They are neither, or become larger than the limit.
    """
    import zlib

    made = bytearray()
    rest = memoryview(data)
    try:
        while True:
            # A part is given its data in pieces: what is left of one is copied with its end.
            part, size = zlib.decompressobj(_ANY_HEADER), _PIECE
            while not part.eof:
                if not rest:
                    raise EventDecodeError(model, path, "gzip or zlib data", "a part of it")
                piece, rest = rest[:size], rest[size:]
                made += part.decompress(piece, _limit + 1 - len(made))
                if len(made) > _limit:
                    raise EventDecodeError(
                        model, path, f"at most {_limit} bytes when decompressed", "more"
                    )
                size = min(2 * size, 64 * _PIECE)
            if part.unused_data:
                rest = memoryview(data)[len(data) - len(rest) - len(part.unused_data) :]
            if not rest:
                break
    except zlib.error as error:
        raise EventDecodeError(model, path, "gzip or zlib data", str(error)) from None
    return bytes(made)
