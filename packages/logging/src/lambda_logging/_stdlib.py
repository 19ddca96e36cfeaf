"""The standard library's ``logging``: its records become records of the platform.

This loads when ``logging`` is imported, so a function that does not use it does not pay for it.
"""

from __future__ import annotations

import logging
import sys
from functools import wraps

from ._extra import fields_of, make_record
from ._record import Record
from ._settings import (
    SEVERITY,
    current_request,
    known_severity,
    level_name,
    request_in_hand,
    settings,
)
from ._writer import exception_of, write, write_least

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


configure: Callable[[], object] | None = None
"""Configures this package before a first record; given where a program adds the handler itself."""


def keep_request(record: logging.LogRecord) -> bool:
    """Keep the request in a record, for a handler that gets the record in another thread.

    It is a filter for the handler that passes records on, which runs in the first thread:
    ``QueueHandler(queue).addFilter(keep_request)``. The queue must be one of this process.

    Args:
        record: The record; it gets an attribute.

    Returns:
        True: every record passes.
    """
    record.lambda_request = request_in_hand()
    return True


class LambdaHandler(logging.Handler):
    """Writes records of ``logging`` as `log` writes its own. It never raises, and changes none."""

    def createLock(self) -> None:  # noqa: N802 (its name in logging)
        """Set no lock: the sink has one, which does not stop a signal handler that logs."""
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Write a record that the handler's filters let through.

        Args:
            record: The record.

        Returns:
            True if they did.
        """
        if self.filters:
            verdict: Any = self.filter(record)
            if not verdict:
                return False
            if isinstance(verdict, logging.LogRecord):  # of Python 3.12 and later
                record = verdict
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record.

        Args:
            record: The record; attributes that ``extra`` has added become fields.
        """
        if settings.sink is None and configure is not None:
            configure()
        request = getattr(record, "lambda_request", None)
        token = current_request.set(request) if request is not None else None
        try:
            self._write(record)
        except Exception as fault:  # noqa: BLE001 (a record that was made or changed by hand)
            write_least("INFO", record.msg, fault)
        finally:
            if token is not None:
                current_request.reset(token)

    def _write(self, record: logging.LogRecord) -> None:
        severity = record.levelno
        is_json = settings.format == "JSON"
        message = _formatted(record) if record.args else _without_secrets(record.msg)
        if not isinstance(message, dict) or not is_json:
            message = _text(message)
        # Text has no fields, as under AWS's runtime.
        fields = fields_of(record) if is_json else {}
        if record.stack_info:
            if is_json:
                fields["stackInfo"] = record.stack_info.splitlines()
            else:
                message = f"{message}\n{record.stack_info}"
        ours = Record(severity, level_name(severity), message, fields)
        ours.logger = record.name
        ours.shown_level = record.levelname
        # A float is exact to a microsecond only: 0.123 s must not become 0.122.
        ours.time_ns = round(record.created * 1e6) * 1000
        if record.exc_info:
            ours.error = exception_of(record.exc_info)
        if ours.error is not None or settings.add_location:
            ours.location = f"{record.pathname}:{record.funcName}:{record.lineno}"
        write(ours, is_wanted=_lowered is None or _is_wanted(record))


def _formatted(record: logging.LogRecord) -> str:
    """Return the message, or its parts if it cannot be formatted."""
    if not settings.redact or type(record) is not logging.LogRecord:
        try:
            return record.getMessage()
        except Exception:  # noqa: BLE001, S110 (wrong arguments, or a user's __str__: see below)
            pass
    from ._percent import formatted

    return formatted(record.msg, record.args)


def _without_secrets(value: object) -> object:
    if not settings.redact:
        return value
    from ._redact import without_secrets

    return without_secrets(value, settings.redact)


def _text(message: object) -> str:
    if type(message) is str:
        return message
    from ._plain import text

    return text(message)


root_handler = LambdaHandler()
"""The handler that this package puts on the root logger."""


_basic_config = logging.basicConfig


def set_up() -> None:
    """Make the root logger write to the platform's log."""
    logging.addLevelName(SEVERITY["TRACE"], "TRACE")
    logging.basicConfig = _configure
    loggers: Any = logging.Logger
    loggers.makeRecord = make_record
    _take_over()
    if settings.stdlib_level is not None:
        logging.getLogger().setLevel(settings.stdlib_level)
    settings.mirror = _mirror
    settings.on_floor = _follow_floor


def _take_over() -> None:
    """Replace root handlers that print with ours; outside Lambda, add it if there are none."""
    root = logging.getLogger()
    if settings.in_lambda:
        for handler in root.handlers[:]:
            if _is_aws(handler) or (
                type(handler) is logging.StreamHandler and _is_console(handler.stream)
            ):
                root.removeHandler(handler)
    if any(isinstance(handler, LambdaHandler) for handler in root.handlers):
        return
    if settings.in_lambda or not root.handlers:
        root.addHandler(root_handler)


@wraps(_basic_config)
def _configure(**options: Any) -> None:
    """Make ``logging.basicConfig`` useful although there is a handler, for which it does nothing.

    On Lambda it sets the level, which most calls are for; the rest is not done, as under AWS's
    runtime: there is no file to write to. Outside Lambda it does what it always does.
    """
    root = logging.getLogger()
    if root_handler not in root.handlers:
        _basic_config(**options)
    elif settings.in_lambda and not options.get("force"):
        level = options.get("level")
        severity = None if level is None else known_severity(level)
        if severity is not None:
            root.setLevel(severity)
    else:
        root.removeHandler(root_handler)
        try:
            _basic_config(**options)
        finally:
            _take_over()


def _is_aws(handler: logging.Handler) -> bool:
    return type(handler).__module__.partition(".")[0] == "awslambdaric"


def _is_console(stream: object) -> bool:
    return stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)


def _mirror(record: Record) -> None:
    """Pass a record of `log` to other handlers of the root logger, such as pytest's.

    Handlers that print do not get it, because it has been printed.
    """
    for handler in logging.getLogger().handlers:
        if (
            isinstance(handler, LambdaHandler)
            or record.severity < handler.level
            or _is_console(getattr(handler, "stream", None))
        ):
            continue
        from ._mirror import record_of

        try:
            handler.handle(record_of(record))
        except Exception:  # noqa: BLE001, S112 (a failing handler must not stop the work)
            continue


_lowered: int | None = None
"""The root logger's usual level, while an invocation wants a lower one."""


def _follow_floor(floor: int | None) -> None:
    """Lower the level of the root logger to what invocations want, or set it back.

    Args:
        floor: The lowest severity that is wanted, or None for the usual one.
    """
    global _lowered  # noqa: PLW0603 (as global as the root logger)
    root = logging.getLogger()
    if floor is None:
        if _lowered is not None:
            root.setLevel(_lowered)
        _lowered = None
        return
    if _lowered is None:
        _lowered = root.level
    root.setLevel(min(floor, _lowered))


def _is_wanted(record: logging.LogRecord) -> bool:
    """Tell if the record would have been made at the usual level."""
    logger = logging.getLogger(record.name)
    while logger.parent is not None:
        if logger.level:
            return record.levelno >= logger.level
        logger = logger.parent
    return _lowered is None or record.levelno >= _lowered
