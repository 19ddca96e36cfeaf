"""Cuts records that are too long, so that they stay records: CloudWatch would split them."""

from __future__ import annotations

from ._small_json import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SHORT = 256
"""Strings are cut to no fewer characters than this before lists are cut."""

_ENDS = 50
"""The number of items that are left at either end of a list, before whole fields are left out."""

KEPT = ("timestamp", "level", "message", "errorType", "errorMessage", "requestId")
"""The keys that are never left out."""
_MAX_NAMES, _MAX_NAME = 20, 64


def fit(record: dict[str, Any], line: bytes, max_bytes: int) -> bytes:
    """Return a shorter JSON line of a record: the longest strings are cut, as little as will do.

    The line says ``truncated`` (true) and ``originalBytes`` (int). If cutting strings is not
    enough, long lists lose their middles; then the largest fields are left out, and ``omitted``
    names them.

    Args:
        record: Plain values.
        line: The JSON.
        max_bytes: The size to stay below.
    """
    record = {**record, "truncated": True, "originalBytes": len(line)}
    shortest = to_json(_shortened(record, _SHORT))
    if len(shortest) >= max_bytes:
        record = _without_middles(_shortened(record, _SHORT))
        line = to_json(record)
        return line if len(line) < max_bytes else _without_fields(record, max_bytes)
    low, high, best = _SHORT, len(line), shortest
    while high - low > 1 and len(best) < max_bytes - max_bytes // 16:
        length = (low + high) // 2
        candidate = to_json(_shortened(record, length))
        if len(candidate) < max_bytes:
            low, best = length, candidate
        else:
            high = length
    return best


def _shortened(value: Any, length: int) -> Any:
    if isinstance(value, str):
        if len(value) <= length:
            return value
        return f"{value[:length]}... ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: _shortened(item, length) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item, length) for item in value]
    return value


def _without_middles(value: Any) -> Any:
    """Return a value whose lists are short: both ends of a stack trace are worth keeping."""
    if isinstance(value, dict):
        return {key: _without_middles(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items = [_without_middles(item) for item in value]
    if len(items) > 2 * _ENDS:
        items[_ENDS:-_ENDS] = [f"... ({len(items) - 2 * _ENDS} more)"]
    return items


def _without_fields(record: dict[str, Any], max_bytes: int) -> bytes:
    message = record.get("message")
    if isinstance(message, (dict, list)):
        record["message"] = _shortened(to_json(message).decode(), _SHORT)
    kept = (*KEPT, "truncated", "originalBytes")
    sizes = {key: len(to_json({key: item})) for key, item in record.items() if key not in kept}
    size = len(to_json(record))
    names: list[str] = []
    for key in sorted(sizes, key=sizes.__getitem__, reverse=True):
        del record[key]
        size -= sizes[key] - 1  # the braces around it, and the comma before
        if len(names) < _MAX_NAMES:
            names.append(_shortened(key, _MAX_NAME))
        if size + len(to_json(names)) + len('"omitted":,') < max_bytes:
            break
    return to_json({**record, "omitted": names})


def cut_text(text: str, max_bytes: int) -> bytes:
    """Return a line of text in UTF-8, cut to a size, with a line feed at the end.

    Args:
        text: The text.
        max_bytes: The size of the whole line; a cut one ends by saying how long it was.
    """
    line = text.encode("utf-8", "backslashreplace")
    if len(line) < max_bytes:
        return line + b"\n"
    ending = f"... ({len(line)} bytes)\n".encode()
    return line[: max_bytes - len(ending)].decode("utf-8", "ignore").encode() + ending
