"""A record of a log in JSON, as text for people."""

import json
from typing import Any, NamedTuple

_TIME = ("timestamp", "time", "ts")
_LEVEL = ("level", "severity", "levelname")
_MESSAGE = ("message", "msg", "event", "errorMessage")
_INDENT = "    "


class RecordText(NamedTuple):
    """A record as text.

    Attributes:
        time: The time, as the record has it; empty if it has none.
        level: The level in upper case, such as ``ERROR``; empty for a record of Lambda's own.
        text: The lines, without the time, with line feeds between them.
    """

    time: str
    level: str
    text: str


def render_record(line: bytes) -> RecordText | None:
    """Return a record as text.

    Args:
        line: A line of a log.

    Returns:
        The record, or None for a line that is not one: it is shown as it is.
    """
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    kind = record.get("type")
    if isinstance(kind, str) and kind.startswith("platform.") and "record" in record:
        fields = record["record"]
        if isinstance(fields, dict) and isinstance(metrics := fields.pop("metrics", {}), dict):
            fields |= metrics
        return RecordText(str(record.get("time", "")), "", _with_fields([kind], fields))
    level, message = _take(record, _LEVEL), _take(record, _MESSAGE)
    if not level or message is None:  # a record of metrics, or what a function has printed
        return None
    time = str(_take(record, _TIME) or "")
    level = str(level).upper()
    text = message if isinstance(message, str) else json.dumps(message, ensure_ascii=False)
    return RecordText(time, level, _with_fields([f"{level:5}", text], record))


def _take(record: dict[str, Any], names: tuple[str, ...]) -> Any:
    """Remove the first field that has one of the names; return its value."""
    return next((record.pop(name) for name in names if name in record), None)


def _with_fields(words: list[str], fields: Any) -> str:
    """Return words and fields in one line; what has lines of its own comes below it."""
    below: list[str] = []
    first, *rest = words[-1].split("\n")
    words = [*words[:-1], first]
    below += rest
    for name, value in _flatten("", fields):
        text = value
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            text = "".join(f"{item}\n" for item in value)  # a stack trace
        if isinstance(text, str) and "\n" in text:
            lines = text.replace("\n\n", "\n").rstrip("\n").split("\n")
            below += [f"{name}:", *lines]
        elif isinstance(text, str) and text and " " not in text:
            words.append(f"{name}={text}")
        else:
            shown = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            words.append(f"{name}={shown}")
    return "\n".join([" ".join(words), *(_INDENT + line for line in below)])


def _flatten(prefix: str, fields: Any) -> list[tuple[str, Any]]:
    if not isinstance(fields, dict):
        return [(prefix or "record", fields)]
    pairs: list[tuple[str, Any]] = []
    for name, value in fields.items():
        path = f"{prefix}.{name}" if prefix else str(name)
        pairs += _flatten(path, value) if isinstance(value, dict) and value else [(path, value)]
    return pairs
