"""The standard library's ``logging``: its records become records of the platform.

This loads when ``logging`` is imported, so a function that does not use it does not pay for it.
"""

from __future__ import annotations

import logging
import sys
from functools import wraps
from time import gmtime

from ._extra import BARE, request_of, set_up as set_up_records, store_request
from ._formatter import as_record, platform_formatter, set_by_program, without_secrets
from ._settings import SEVERITY, current_request, request_in_hand, settings
from ._writer import write, write_least, write_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._record import Record


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
    """Writes records of ``logging`` as `log` writes its own, or as a formatter says that is set.

    It never raises, and changes no record that it formats itself.
    """

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
            store_request(record)
            verdict: Any = self.filter(record)
            if not verdict:
                return False
            if isinstance(verdict, logging.LogRecord):  # of Python 3.12 and later
                record = verdict
        self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record: in the platform's form, or as the formatter says that is set.

        Args:
            record: The record; attributes that ``extra`` has added become fields.
        """
        if settings.sink is None and configure is not None:
            configure()
        token = None
        try:
            request = request_of(record) if len(record.__dict__) > BARE else None
            if request is not None:
                token = current_request.set(request)
            if settings.redact:
                record = without_secrets(record)
            formatter = self.formatter
            if (
                formatter is not None
                and (formatter is not platform_formatter or not platform_formatter.is_unchanged())
            ) or "format" in self.__dict__:  # a method that the program has put there
                self._write_formatted(record)
            elif _lowered is None or _is_wanted(record):
                write(as_record(record))
            else:
                write(as_record(record), is_wanted=False)
        except Exception as fault:  # noqa: BLE001 (a record that was made or changed by hand)
            write_least("INFO", record.msg, fault)
        finally:
            if token is not None:
                current_request.reset(token)

    def _write_formatted(self, record: logging.LogRecord) -> None:
        is_wanted = _lowered is None or _is_wanted(record)
        store_request(record)
        try:
            line = self.format(record)
        except Exception as fault:  # noqa: BLE001 (the record is not lost with its format)
            ours = as_record(record)
            ours.fields = {**ours.fields, "logError": f"{type(fault).__name__}: {fault}"}
            write(ours, is_wanted=is_wanted)
            return
        frame: object = getattr(record, "_frame_type", None)  # AWS's JsonFormatter sets it
        is_json = isinstance(frame, bytes) and not frame[-1] & 1
        write_line(str(line), record.levelno, json=is_json, is_wanted=is_wanted)


root_handler: LambdaHandler = type("LambdaHandler", (LambdaHandler,), {})()
"""The handler that this package puts on the root logger; its class has another name on Lambda."""


_basic_config = logging.basicConfig


def set_up() -> None:
    """Make the root logger write to the platform's log."""
    logging.addLevelName(SEVERITY["TRACE"], "TRACE")
    logging.basicConfig = _configure
    set_up_records()
    if platform_formatter.is_unchanged():
        platform_formatter.follow_settings()
    if root_handler.formatter is None:
        root_handler.setFormatter(platform_formatter)
    if settings.in_lambda:
        logging.Formatter.converter = gmtime  # as under AWS's runtime
        # Datadog's agent and others know AWS's handler by its name, and set a formatter on it. It
        # has the other one where the format is JSON or a level is configured.
        has_frames = settings.format == "JSON" or settings.stdlib_level is not None
        type(root_handler).__name__ = "LambdaLoggerHandler" + "WithFrameType" * has_frames
    root = logging.getLogger()
    _replace_printing(root)
    if not any(isinstance(handler, LambdaHandler) for handler in root.handlers) and (
        settings.in_lambda or not root.handlers
    ):
        root.addHandler(root_handler)
    if settings.stdlib_level is not None:
        root.setLevel(settings.stdlib_level)
    settings.mirror = _mirror
    settings.on_floor = _follow_floor


def _replace_printing(root: logging.Logger) -> None:
    """Replace root handlers that print with ours on Lambda, and keep the formatter that is set."""
    if not settings.in_lambda:
        return
    printing = [handler for handler in root.handlers if _prints(handler)]
    for handler in printing:
        root.removeHandler(handler)
    formatters = filter(None, (set_by_program(handler.formatter) for handler in printing))
    formatter = next(formatters, None)
    if formatter is not None:
        root_handler.setFormatter(formatter)
    for handler in printing:
        if _is_aws(handler):
            root_handler.setLevel(handler.level)
            root_handler.filters.extend(each for each in handler.filters if not _is_aws(each))
    if printing and not any(isinstance(handler, LambdaHandler) for handler in root.handlers):
        root.addHandler(root_handler)


@wraps(_basic_config)
def _configure(**options: Any) -> None:
    """Do what ``logging.basicConfig`` does: nothing, if the root logger has a handler.

    On Lambda it has ours from the start, as it has AWS's under AWS's runtime. With ``force``, and
    where the program has removed our handler, a handler that prints is replaced by ours, with the
    formatter that it was given. Outside Lambda, the handler of the program takes the place of ours.
    """
    root = logging.getLogger()
    if root_handler in root.handlers:
        if settings.in_lambda and not options.get("force"):
            return
        root.removeHandler(root_handler)
        root_handler.setFormatter(platform_formatter)
    try:
        _basic_config(**options)
    finally:
        _replace_printing(root)
        if not root.handlers:
            root.addHandler(root_handler)


def _prints(handler: logging.Handler) -> bool:
    return _is_aws(handler) or (
        type(handler) is logging.StreamHandler and _is_console(handler.stream)
    )


def _is_aws(part: object) -> bool:
    return type(part).__module__.partition(".")[0] == "awslambdaric"


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
    """Return True if the record would have been made at the usual level."""
    logger = logging.getLogger(record.name)
    while logger.parent is not None:
        if logger.level:
            return record.levelno >= logger.level
        logger = logger.parent
    return _lowered is None or record.levelno >= _lowered
