"""Payloads in base64, with or without compression."""

from __future__ import annotations

from binascii import Error, a2b_base64

from .errors import EventDecodeError, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ANY_HEADER = 47  # zlib finds out by itself whether it is gzip's format or its own


def from_base64(text: Any, model: str, path: str) -> bytes:
    """Decode base64.

    Args:
        text: The text.
        model: What it is a part of, for errors.
        path: Where it stands there, for errors.

    Returns:
        The bytes.

    Raises:
        EventDecodeError: It is no base64.
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


def decompress(data: bytes, model: str, path: str) -> bytes:
    """Decompress gzip or zlib data.

    Args:
        data: The compressed bytes.
        model: What they are a part of, for errors.
        path: Where they stand there, for errors.

    Returns:
        The bytes; of several compressed parts in a row, all of them.

    Raises:
        EventDecodeError: They are neither.
    """
    import zlib

    parts: list[bytes] = []
    rest = data
    try:
        while rest or not parts:
            part = zlib.decompressobj(_ANY_HEADER)
            parts.append(part.decompress(rest))
            if not part.eof:
                raise EventDecodeError(model, path, "gzip or zlib data", "a part of it")
            rest = part.unused_data
    except zlib.error as error:
        raise EventDecodeError(model, path, "gzip or zlib data", str(error)) from None
    return b"".join(parts)
