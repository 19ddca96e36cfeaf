"""A record of `log` as a record of ``logging``'s, for the handlers that need one."""

from __future__ import annotations

import logging

from ._extra import add_fields
from ._log import caller
from ._safe import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

NAME = "lambda"
"""The name of the logger that such records are said to come from."""


def record_of(
    severity: int, message: object, fields: Mapping[str, Any], error: BaseException | None
) -> logging.LogRecord:
    """Return the record of a call of `log`'s.

    Args:
        severity: The number of its level.
        message: Any value; it is the record's ``msg``, as text.
        fields: What else it says: attributes of the record, as with ``extra``.
        error: The exception that it is about.
    """
    code = caller()
    record = logging.getLogger(NAME).makeRecord(
        NAME,
        severity,
        code.f_code.co_filename,
        code.f_lineno,
        text(message),
        (),
        (type(error), error, error.__traceback__) if error is not None else None,
        code.f_code.co_name,
    )
    add_fields(record, fields)
    return record
