"""A record of `log` as a record of ``logging``, for handlers that need one."""

from __future__ import annotations

import logging

from ._caller import caller
from ._extra import add_fields
from ._plain import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._record import Record

NAME = "lambda"
"""The name of the logger of these records."""


def record_of(record: Record) -> logging.LogRecord:
    """Return a record of `log` as one of ``logging``.

    Args:
        record: The record. Its message is ``msg``, as text; its fields are attributes, as with
            ``extra``.
    """
    frame = caller()
    error = record.error
    copy = logging.getLogger(NAME).makeRecord(
        NAME,
        record.severity,
        frame.f_code.co_filename,
        frame.f_lineno,
        text(record.message),
        (),
        (type(error), error, error.__traceback__) if error is not None else None,
        frame.f_code.co_name,
    )
    add_fields(copy, record.fields)
    return copy
