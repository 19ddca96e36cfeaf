"""Percent-encoding of paths and queries.

`urllib.parse` does the same, and takes longer to import than all of this package.
"""

from __future__ import annotations

_HEX = frozenset(b"0123456789abcdefABCDEF")
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~"
_IN_QUERY = bytes(range(0x21, 0x7F)).replace(b"#", b"")
_IN_PATH = _IN_QUERY.replace(b"?", b"")


def decoded(text: str) -> str:
    """Return a text without percent-encoding; bytes that are not UTF-8 are replaced."""
    if "%" not in text:
        return text
    return unquoted(text.encode("utf-8", "replace")).decode("utf-8", "replace")


def unquoted(data: bytes) -> bytes:
    """Return bytes without percent-encoding."""
    first, *rest = data.split(b"%")
    result = bytearray(first)
    for part in rest:
        if len(part) > 1 and part[0] in _HEX and part[1] in _HEX:
            result.append(int(part[:2], 16))
            result += part[2:]
        else:
            result += b"%" + part
    return bytes(result)


def path_bytes(path: str) -> bytes:
    """Return a path as a request line has it; what is encoded stays as it is."""
    return _encoded(path, _IN_PATH)


def query_bytes(query: str) -> bytes:
    """Return a query string as a request line has it; what is encoded stays as it is."""
    return _encoded(query, _IN_QUERY)


def encoded_value(text: str) -> str:
    """Return a decoded name or value of a query as a form encodes it."""
    return _encoded(text, _UNRESERVED).decode().replace("%20", "+")


def _encoded(text: str, kept: bytes) -> bytes:
    data = text.encode("utf-8", "replace")
    if not data.translate(None, kept):  # nothing is left without what is kept
        return data
    return b"".join([b"%c" % byte if byte in kept else b"%%%02X" % byte for byte in data])
