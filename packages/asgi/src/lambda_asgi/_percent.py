"""Percent-encoding of paths and queries.

`urllib.parse` does the same, and takes longer to import than all of this package.
"""

from __future__ import annotations

_HEX = frozenset(b"0123456789abcdefABCDEF")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~")
_IN_QUERY = frozenset(range(0x21, 0x7F)) - frozenset(b"#")
_IN_PATH = _IN_QUERY - frozenset(b"?")


def decoded(text: str) -> str:
    """Return a text without percent-encoding; bytes that are not UTF-8 are replaced."""
    if "%" not in text:
        return text
    first, *rest = text.encode("utf-8", "replace").split(b"%")
    result = bytearray(first)
    for part in rest:
        if len(part) > 1 and part[0] in _HEX and part[1] in _HEX:
            result.append(int(part[:2], 16))
            result += part[2:]
        else:
            result += b"%" + part
    return result.decode("utf-8", "replace")


def path_bytes(path: str) -> bytes:
    """Return a path as a request line has it; what is encoded stays as it is."""
    return _encoded(path, _IN_PATH).encode()


def query_bytes(query: str) -> bytes:
    """Return a query string as a request line has it; what is encoded stays as it is."""
    return _encoded(query, _IN_QUERY).encode()


def encoded_value(text: str) -> str:
    """Return a decoded name or value of a query as a form encodes it."""
    return _encoded(text, _UNRESERVED).replace("%20", "+")


def _encoded(text: str, kept: frozenset[int]) -> str:
    data = text.encode("utf-8", "replace")
    if kept.issuperset(data):
        return text
    return "".join([chr(byte) if byte in kept else f"%{byte:02X}" for byte in data])
