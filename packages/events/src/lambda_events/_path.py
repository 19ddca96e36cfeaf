"""Paths into JSON values: ``Records/0/eventSource``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Any = _Absent()
"""Stands for a key that is not there."""


def look(value: Any, path: str) -> Any:
    """Find a part of a JSON value.

    Args:
        value: The JSON value.
        path: Keys with slashes between them; a number stands for an item of an array.

    Returns:
        The part, or `ABSENT`.
    """
    for key in path.split("/"):
        if type(value) is list:
            if not key.isdecimal() or int(key) >= len(value):
                return ABSENT
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value.get(key, ABSENT)
        else:
            return ABSENT
    return value


def dotted(path: str) -> str:
    """Return a path as people write it: ``Records[0].eventSource``."""
    words = ""
    for key in path.split("/"):
        words += f"[{key}]" if key.isdecimal() else f".{key}" if words else key
    return words
