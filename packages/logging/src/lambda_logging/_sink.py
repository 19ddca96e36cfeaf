"""Where records go: the platform's framed log channel, or standard output."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from typing import Protocol

    class Sink(Protocol):
        """A channel for whole records."""

        def write(self, level: str | None, record: str, *, json: bool) -> None:
            """Write a record as it is."""

        def write_text(self, level: str, lines: Sequence[str]) -> None:
            """Write a text record of one or more lines so that it stays one record."""


# A frame's type carries its record's level (bits 2 to 4) and whether it is text (bit 0).
_FRAME_TYPE = 0xA55A0002
_FRAME_TEXT = 1
_FRAME_LEVEL = {"TRACE": 1, "DEBUG": 2, "INFO": 3, "WARN": 4, "ERROR": 5, "FATAL": 6}


class StandardOutput:
    """Standard output, where a line feed ends a record and a carriage return does not."""

    def write(self, level: str | None, record: str, *, json: bool) -> None:  # noqa: ARG002 (a Sink)
        """Write a record as it is, after what the function has printed so far."""
        flush_streams()
        _write_fully(1, record.encode("utf-8", "backslashreplace"))

    def write_text(self, level: str, lines: Sequence[str]) -> None:
        """Write a text record, its lines joined by carriage returns."""
        self.write(level, "\r".join(lines) + "\n", json=False)


class TelemetryChannel:
    """The framed channel of Lambda's managed runtimes: every record is whole, whatever is in it.

    A frame is its type (4 bytes), its length (4), the time in microseconds since the epoch (8),
    all big-endian, and the record in UTF-8.
    """

    def __init__(self, fd: int) -> None:
        """Write to an open file descriptor.

        Args:
            fd: The descriptor; it stays the caller's to close.
        """
        self._fd = fd

    def write(self, level: str | None, record: str, *, json: bool) -> None:
        """Write a record as one frame."""
        frame_type = _FRAME_TYPE | (_FRAME_LEVEL[level] << 2 if level else 0)
        body = record.encode("utf-8", "backslashreplace")
        head = (
            (frame_type if json else frame_type | _FRAME_TEXT).to_bytes(4, "big")
            + len(body).to_bytes(4, "big")
            + (time.time_ns() // 1000).to_bytes(8, "big")
        )
        _write_fully(self._fd, head + body)

    def write_text(self, level: str, lines: Sequence[str]) -> None:
        """Write a text record; a frame may hold line feeds."""
        self.write(level, "\n".join(lines) + "\n", json=False)


def open_sink(environ: MutableMapping[str, str]) -> Sink:
    """Choose the sink that the environment names, and take its name out of the environment.

    Args:
        environ: ``_LAMBDA_TELEMETRY_LOG_FD`` is read and removed.

    Returns:
        The framed channel when there is one, else standard output.
    """
    fd = environ.pop("_LAMBDA_TELEMETRY_LOG_FD", "")
    return TelemetryChannel(int(fd)) if fd.isdecimal() else StandardOutput()


def flush_streams() -> None:
    """Write out what is buffered in standard output and standard error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # None, a closed pipe, a closed file
            continue


def _write_fully(fd: int, data: bytes) -> None:
    """Write all of the data: a pipe may take it in parts, and a torn frame loses every later one."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:  # a non-blocking descriptor whose pipe is full
            from select import select

            select((), (fd,), ())
        except OSError:  # closed: nobody is there to be told
            return
