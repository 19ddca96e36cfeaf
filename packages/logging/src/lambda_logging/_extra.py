"""``extra``: fields on their way into records of ``logging`` and out of them."""

from __future__ import annotations

import logging
from functools import wraps
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

_EMPTY = logging.LogRecord("", 0, "", 0, "", (), None)
_COUNT = len(_EMPTY.__dict__)
_OWN_ATTRIBUTES = frozenset(
    (
        *_EMPTY.__dict__,
        "taskName",  # of Python 3.12 and later
        "message",  # what other formatters leave behind
        "asctime",
        "_frame_type",  # what AWS's handler leaves behind
        "lambda_request",  # what keep_request adds
    )
)

_make_record = logging.Logger.makeRecord
_EXTRA = 8
"""Where ``extra`` stands among the arguments of ``Logger.makeRecord``, whose others are many."""


@wraps(_make_record)
def make_record(
    logger: logging.Logger, *parts: Any, extra: Mapping[str, Any] | None = None, **named: Any
) -> logging.LogRecord:
    """Make a record whatever ``extra`` names: by itself ``logging`` raises for a ``name``.

    Args:
        logger: The logger, whose method this becomes.
        parts: The arguments of ``Logger.makeRecord``.
        extra: Fields.
        named: The other arguments.
    """
    if len(parts) > _EXTRA:
        extra, parts = parts[_EXTRA], (*parts[:_EXTRA], None, *parts[_EXTRA + 1 :])
    record = _make_record(logger, *parts, **named)
    if extra:
        add_fields(record, extra)
    return record


def add_fields(record: logging.LogRecord, fields: Mapping[str, Any]) -> None:
    """Add fields to a record as ``extra`` does; one that has an attribute's name is renamed.

    Args:
        record: The record.
        fields: Names and values.
    """
    own = record.__dict__
    for key in fields:
        own[f"{key}_" if key in own or key in ("message", "asctime") else key] = fields[key]


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what was added to a record.

    Args:
        record: The record.

    Returns:
        Names and values, without those that are None.
    """
    attributes = record.__dict__
    names: Iterable[str] = attributes
    if type(record) is logging.LogRecord:
        if len(attributes) == _COUNT:
            return {}
        names = islice(attributes, _COUNT, None)  # it sets its own before anybody adds to them
    return {
        name: attributes[name]
        for name in names
        if name not in _OWN_ATTRIBUTES and attributes[name] is not None
    }
