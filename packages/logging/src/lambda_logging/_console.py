"""Records for people outside Lambda: in colour in a terminal, and plain in a pipe or a file."""

from __future__ import annotations

import os
import sys
from time import localtime, strftime

from ._text import described

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._record import Record

_COLOURS = {
    "TRACE": "2",
    "DEBUG": "36",
    "INFO": "32",
    "WARN": "33",
    "WARNING": "33",
    "ERROR": "31",
    "FATAL": "1;31",
    "CRITICAL": "1;31",
}


class ConsoleSink:
    """Writes to the current `sys.stdout`: a terminal, a pipe, a test's capture."""

    line_end = "\n"

    def write(
        self,
        record: bytes,
        level: str | None,  # noqa: ARG002 (a Sink)
        *,
        json: bool,  # noqa: ARG002
        time_ns: int,  # noqa: ARG002
    ) -> None:
        """Write a record as it is."""
        stream = sys.stdout
        try:
            text = record.decode()
            try:
                stream.write(text)
            except UnicodeEncodeError:
                encoding = stream.encoding or "ascii"
                stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except (AttributeError, OSError, ValueError):  # None, a closed pipe, a closed file
            return


def as_console(record: Record) -> bytes:
    """Return a record as lines for a reader: ``time LEVEL message key=value``.

    Args:
        record: The record. The local time is written, and the id of its invocation is cut short.

    Returns:
        UTF-8, with a line feed at the end.
    """
    seconds, nanoseconds = divmod(record.time_ns, 1_000_000_000)
    time = f"{strftime('%H:%M:%S', localtime(seconds))}.{nanoseconds // 1_000_000:03d}"
    request = record.request
    origin = f"{request.aws_request_id[:8]} " if request and request.aws_request_id else ""
    if record.logger is not None:
        origin = f"{origin}{record.logger}: "
    text = f"{origin}{described(record)}"
    level = record.shown_level or record.level
    shown = f"{level:<5}"
    if _is_coloured():
        time = f"\x1b[2m{time}\x1b[0m"
        shown = f"\x1b[{_COLOURS.get(level, '0')}m{shown}\x1b[0m"
    return f"{time} {shown} {text}\n".encode("utf-8", "backslashreplace")


def _is_coloured() -> bool:
    """Return True if colours are wanted: https://no-color.org and https://force-color.org."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    try:
        return sys.stdout.isatty()
    except (AttributeError, ValueError):  # None, or a closed file
        return False
