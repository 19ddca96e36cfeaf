"""The filters of event source mappings: which records a function gets.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .pattern import compile_pattern
from .record import Record

_DATA_FIELDS = {"sqs": "body", "kinesis": "data", "kafka": "value"}

RecordFilter = Callable[[Record], bool]
"""Returns whether a function gets a record."""


def compile_filters(kind: str, patterns: Sequence[str]) -> RecordFilter:
    """Return a function that says whether a record matches one of some patterns.

    Args:
        kind: The kind of the event source.
        patterns: The patterns, as JSON; without any, all records match.

    Raises:
        PatternError: A pattern is not valid.
    """
    field = _DATA_FIELDS.get(kind)
    filters = [_compile_filter(pattern, field) for pattern in patterns]
    if not filters:
        return lambda _record: True

    def matches(record: Record) -> bool:
        data = _parse(record.data)
        event = record.event
        view = {**event, **event.get("kinesis", {})}
        if field is not None:
            view[field] = data
        return any(each(view) for each in filters)

    return matches


def _compile_filter(pattern: str, field: str | None) -> Callable[[dict[str, Any]], bool]:
    matches = compile_pattern(pattern)
    parsed: dict[str, Any] = json.loads(pattern)
    if field is None or not any(isinstance(each, Mapping) for each in _find(parsed, field)):
        return matches
    # A pattern for JSON never matches other data, not even where it says that a field is missing.
    return lambda view: isinstance(view[field], dict | list) and matches(view)


def _find(pattern: Mapping[str, Any], field: str) -> list[Any]:
    """Return what a pattern says of a field, in its alternatives too."""
    found = [pattern[field]] if field in pattern else []
    choices = pattern.get("$or", [])
    for each in choices if isinstance(choices, list) else []:
        found += _find(each, field) if isinstance(each, Mapping) else []
    return found


def _parse(data: str | bytes | None) -> Any:
    """Return data as patterns see it: JSON objects and arrays parsed, and the rest as text."""
    if isinstance(data, bytes):
        data = data.decode(errors="replace")
    try:
        value = json.loads(data or "")
    except (ValueError, RecursionError):
        return data
    return value if isinstance(value, dict | list) else data
