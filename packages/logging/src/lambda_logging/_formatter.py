"""Records of ``logging`` in the platform's form, and the formatter that gives it."""

from __future__ import annotations

import logging

from ._extra import fields_of
from ._record import Record, as_json
from ._settings import level_name, request_in_hand, settings
from ._writer import exception_of

_TEXT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
_TEXT_DATE = "%Y-%m-%dT%H:%M:%S"


class PlatformFormatter(logging.Formatter):
    """The formatter of a handler for which the program has set none.

    It reads as that of AWS's runtime does, whose format programs take and extend.
    """

    __slots__ = ("_original", "_own")  # besides the attributes that anybody can see and set

    def __init__(self) -> None:
        self.follow_settings()

    def follow_settings(self) -> None:
        """Have the format and the date format that AWS's runtime has with these settings."""
        if settings.format == "JSON":
            super().__init__(datefmt=f"{_TEXT_DATE}Z")
        else:
            super().__init__(_TEXT, _TEXT_DATE)
        self._own = (vars(self), vars(self._style))
        self._original = (vars(self).copy(), vars(self._style).copy())

    def is_unchanged(self) -> bool:
        """Return True if nobody has set another format, date or method in this very formatter."""
        return self._own == self._original

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as the platform's handler writes it, with its line end.

        Args:
            record: The record.
        """
        if not self.is_unchanged():
            return super().format(record)
        ours = as_record(record)
        ours.request = request_in_hand()
        if settings.format == "JSON":
            return as_json(ours).decode()
        from ._text import as_text

        return as_text(ours, "\n").decode()


platform_formatter = PlatformFormatter()
"""The formatter of the root logger's handler."""


def set_by_program(formatter: logging.Formatter | None) -> logging.Formatter | None:
    """Return the formatter of a handler if a program has chosen it, and None otherwise.

    Args:
        formatter: The formatter of any handler.
    """
    if (
        formatter is None
        or type(formatter).__module__.partition(".")[0] == "awslambdaric"
        or (
            type(formatter) is logging.Formatter and formatter._fmt in (_TEXT, logging.BASIC_FORMAT)  # noqa: SLF001 (there is no other way)
        )
        or (formatter is platform_formatter and platform_formatter.is_unchanged())
    ):
        return None
    return formatter


_STANDARD = frozenset((logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR))


def as_record(record: logging.LogRecord) -> Record:
    """Return a record of ``logging`` as one of ours.

    Args:
        record: The record; attributes that ``extra`` has added become fields.
    """
    severity = record.levelno
    is_json = settings.format == "JSON"
    message = _formatted(record) if record.args else record.msg
    if type(message) is not str and not (is_json and isinstance(message, dict)):
        from ._plain import text

        message = text(message)
    fields = fields_of(record)
    # A float is exact to a microsecond only: 0.123 s must not become 0.122.
    time_ns = int(record.created * 1e6 + 0.5) * 1000
    ours = Record(severity, level_name(severity), message, fields, time_ns)
    ours.logger = record.name
    ours.shown_level = record.levelname
    if is_json and (settings.platform_levels or severity not in _STANDARD):
        ours.shown_level = _json_level(severity)
    if record.stack_info:
        ours.stack = record.stack_info
        if is_json:
            fields["stackInfo"] = record.stack_info.splitlines()
    if record.exc_info:
        ours.error = exception_of(record.exc_info)
    if ours.error is not None or settings.add_location:
        ours.location = f"{record.pathname}:{record.funcName}:{record.lineno}"
    return ours


def _json_level(severity: int) -> str | None:
    """Return the name that AWS's runtime gives a level, or None for the platform's name."""
    if settings.platform_levels or severity < logging.DEBUG:
        return None
    return logging.getLevelName(min(severity, logging.CRITICAL) // 10 * 10)


def without_secrets(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy of a record whose message, arguments and fields hold no secrets.

    Args:
        record: The record; it stays as it is, for the handlers of others.
    """
    from copy import copy

    from ._redact import redact, without_secrets as clean

    keys = settings.redact
    record = copy(record)
    record.msg = clean(record.msg, keys)
    args = record.args
    if isinstance(args, tuple):
        record.args = tuple(clean(arg, keys) for arg in args)
    elif args is not None:
        record.args = clean(args, keys)  # type: ignore[assignment]
    fields = fields_of(record)
    vars(record).update({name: clean(value, keys) for name, value in redact(fields, keys).items()})
    return record


def _formatted(record: logging.LogRecord) -> str:
    """Return the message, or its parts if it cannot be formatted."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 (wrong arguments, or a user's __str__)
        from ._percent import formatted

        return formatted(record.msg, record.args)
