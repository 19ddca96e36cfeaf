"""`log`: the logger that writes a record without building a record of ``logging``."""

from __future__ import annotations

from ._config import configured
from ._record import PLATFORM_KEYS, Record, renamed
from ._scope import FieldScope
from ._settings import level_name, settings, severity_of
from ._writer import exception_of, write, write_least

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from typing import Any

    from ._writer import ExcInfo

_FUNCTION = type(lambda: None)


class Log:
    """Writes records: a message, which may be any value, and fields.

    The fields are keyword arguments. Strings, numbers, lists and dicts are written as they are;
    data classes, attrs classes, pydantic models and named tuples as objects; all else as text, by
    ``str()``. A message that is a function is called, but only if its level is written; a message
    that is an exception is written with its traceback. As in ``logging``, every method takes
    ``exc_info``, and arguments for the percent signs of the message, which are put in only if the
    level is written. ``warn`` and ``fatal`` are other names of ``warning`` and ``critical``.

    The methods for records never raise.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any] | None = None) -> None:
        """Make a logger.

        Args:
            fields: Fields of each of its records.
        """
        self._fields = fields

    def trace(
        self, message: object, /, *args: object, exc_info: ExcInfo = None, **fields: Any
    ) -> None:
        """Write a record of the level TRACE, below DEBUG."""
        if settings.floor <= 5:
            _write(Record(5, "TRACE", message, fields), exc_info, self._fields, args)

    def debug(
        self, message: object, /, *args: object, exc_info: ExcInfo = None, **fields: Any
    ) -> None:
        """Write a record of the level DEBUG."""
        if settings.floor <= 10:
            _write(Record(10, "DEBUG", message, fields), exc_info, self._fields, args)

    def info(
        self, message: object, /, *args: object, exc_info: ExcInfo = None, **fields: Any
    ) -> None:
        """Write a record of the level INFO."""
        if settings.floor <= 20:
            _write(Record(20, "INFO", message, fields), exc_info, self._fields, args)

    def warning(
        self, message: object, /, *args: object, exc_info: ExcInfo = None, **fields: Any
    ) -> None:
        """Write a record of the level WARN."""
        if settings.floor <= 30:
            _write(Record(30, "WARN", message, fields), exc_info, self._fields, args)

    def error(
        self, message: object, /, *args: object, exc_info: ExcInfo = None, **fields: Any
    ) -> None:
        """Write a record of the level ERROR."""
        if settings.floor <= 40:
            _write(Record(40, "ERROR", message, fields), exc_info, self._fields, args)

    def critical(
        self, message: object, /, *args: object, exc_info: ExcInfo = None, **fields: Any
    ) -> None:
        """Write a record of the level FATAL."""
        if settings.floor <= 50:
            _write(Record(50, "FATAL", message, fields), exc_info, self._fields, args)

    warn = warning
    fatal = critical

    def exception(
        self, message: object, /, *args: object, exc_info: ExcInfo = True, **fields: Any
    ) -> None:
        """Write a record of the level ERROR, with the exception that is being handled."""
        if settings.floor <= 40:
            _write(Record(40, "ERROR", message, fields), exc_info, self._fields, args)

    def log(
        self,
        level: str | int,
        message: object,
        /,
        *args: object,
        exc_info: ExcInfo = None,
        **fields: Any,
    ) -> None:
        """Write a record of a level given by name or number.

        Args:
            level: One of the platform's levels or of ``logging``'s, in any case, or a number;
                anything else counts as INFO.
            message: Any value.
            *args: The arguments for the percent signs of the message.
            exc_info: An exception, or True for the one being handled.
            fields: The fields of the record.
        """
        try:
            severity = severity_of(level)
        except (ValueError, AttributeError):
            severity = 20
        if settings.floor <= severity:
            record = Record(severity, level_name(severity), message, fields)
            _write(record, exc_info, self._fields, args)

    def is_enabled(self, level: str | int) -> bool:
        """Return True if records of a level may be written.

        Args:
            level: A name or a number.

        Raises:
            ValueError: The level does not exist.
        """
        if settings.sink is None:
            configured()
        return settings.floor <= severity_of(level)

    def bind(self, **fields: Any) -> Log:
        """Return a logger whose records have these fields too; this one stays as it is.

        Args:
            fields: Fields of each record.
        """
        return Log({**(self._fields or {}), **fields})

    def scope(self, **fields: Any) -> AbstractContextManager[None]:
        """Add fields to all records that are made within a ``with`` statement.

        They are for this invocation, thread or task only, and for what it calls and starts, and
        they are in records of ``logging`` too. A field hides a field of an outer scope until the
        end.

        Args:
            fields: Fields of each record.
        """
        return FieldScope(fields if PLATFORM_KEYS.isdisjoint(fields) else renamed(fields))


log = Log()
"""The logger of this process."""


def _write(
    record: Record, exc_info: ExcInfo, bound: Mapping[str, Any] | None, args: tuple[object, ...]
) -> None:
    """Complete a record with what its logger knows, and write it."""
    try:
        if settings.sink is None:
            configured()
            if record.severity < settings.floor:
                return
        if exc_info is not None:
            record.error = exception_of(exc_info)
        if bound:
            record.fields = {**bound, **record.fields}
        if type(record.message) is not str:
            _read_message(record)
        if args:
            from ._percent import formatted

            record.message = formatted(record.message, args)
        if settings.add_location:
            from ._caller import location

            record.location = location()
        if record.severity >= settings.level:
            write(record)
        else:
            write(record, is_wanted=False)
        if settings.mirror is not None:
            settings.mirror(record)
    except Exception as fault:  # noqa: BLE001 (a truth value or an attribute of a user's class)
        write_least(record.level, record.message, fault)


def _read_message(record: Record) -> None:
    """Call a message that is a function; a message that is an exception is the record's error."""
    message: Any = record.message
    if type(message) is _FUNCTION:
        message = _result(message)
    if isinstance(message, BaseException):
        from ._plain import text

        if record.error is None:
            record.error = message
        message = text(message)
    record.message = message


def _result(message: Any) -> object:
    try:
        return message()
    except Exception as error:  # noqa: BLE001 (whatever a user's function raises)
        from ._plain import text

        return f"<{message.__qualname__} raised {type(error).__name__}: {text(error)}>"
