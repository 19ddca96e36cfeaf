"""The sinks on Lambda: the framed log channel, and standard output. Records stay whole."""

from __future__ import annotations

import os
import sys
from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from ._protocols import Sink

# A frame's type carries its record's level (bits 2 to 4) and whether it is text (bit 0).
_LEVELS = (None, "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_JSON = {name: (0xA55A0002 | n << 2) << 96 for n, name in enumerate(_LEVELS)}
_TEXT = {name: (0xA55A0003 | n << 2) << 96 for n, name in enumerate(_LEVELS)}


class StandardOutput:
    """Standard output, where a line feed ends a record and a carriage return does not."""

    line_end = "\r"

    def __init__(self) -> None:
        self._descriptor = Descriptor(1)

    def write(
        self,
        record: bytes,
        level: str | None,  # noqa: ARG002 (a Sink)
        *,
        json: bool,  # noqa: ARG002
        time_ns: int,  # noqa: ARG002
    ) -> None:
        """Write a record as it is, after what the function has printed so far."""
        flush_streams()
        self._descriptor.write(record)


class TelemetryChannel:
    """The framed channel of Lambda's managed runtimes, where a record may hold any bytes.

    A frame is its type (4 bytes), its length (4), the time in microseconds since the epoch (8),
    all big-endian, and the record in UTF-8.
    """

    line_end = "\n"

    def __init__(self, fd: int) -> None:
        """Write to an open file descriptor.

        Args:
            fd: The descriptor; it stays the caller's to close.
        """
        self._fd = fd
        self._descriptor = Descriptor(fd)
        self._file = _file_behind(fd)
        self._instead: StandardOutput | None = None

    def write(self, record: bytes, level: str | None, *, json: bool, time_ns: int) -> None:
        """Write a record as one frame; to standard output if code of the function has closed it."""
        if self._instead is None and _file_behind(self._fd) != self._file:
            # The number may stand for something else by now, such as a connection.
            self._instead = StandardOutput()
            self.line_end = self._instead.line_end
            record = record.rstrip(b"\n").replace(b"\n", self.line_end.encode()) + b"\n"
        if self._instead is not None:
            self._instead.write(record, level, json=json, time_ns=time_ns)
            return
        head = (_JSON if json else _TEXT)[level] | len(record) << 64 | time_ns // 1000
        self._descriptor.write(head.to_bytes(16, "big") + record)


def open_sink(environ: MutableMapping[str, str]) -> Sink:
    """Return the sink that the environment names, and remove its name from the environment.

    Args:
        environ: ``_LAMBDA_TELEMETRY_LOG_FD`` is read and removed.

    Returns:
        The framed channel if there is one and it is open; otherwise standard output.
    """
    fd = environ.pop("_LAMBDA_TELEMETRY_LOG_FD", "")
    try:
        os.fstat(int(fd))
    except (ValueError, OverflowError, OSError):
        return StandardOutput()
    return TelemetryChannel(int(fd))


def _file_behind(fd: int) -> tuple[int, int] | None:
    """Return what an open descriptor stands for, or None for a closed one."""
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def flush_streams() -> None:
    """Write out what is buffered in standard output and standard error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError, RuntimeError):
            # None, a closed pipe, a closed file, a signal that came while it was being written to
            continue


class Descriptor:
    """A file descriptor that takes whole records from any thread, signal handler or fork."""

    def __init__(self, fd: int) -> None:
        """Write to a file descriptor.

        Args:
            fd: The descriptor; it stays the caller's to close.
        """
        self._fd = fd
        self._lock = RLock()
        self._pending: list[bytes] = []
        self._is_writing = False
        # A fork waits until other threads have written: the child could not know when they end.
        # The forking thread holds the lock then, and it is the only thread of the child.
        release = self._lock.release
        os.register_at_fork(
            before=self._lock.acquire, after_in_parent=release, after_in_child=release
        )

    def write(self, record: bytes) -> None:
        """Write a record, or drop it if the other end is closed.

        A signal handler (or a finalizer) that logs in the middle of a write finds that its own
        thread holds the lock: it leaves its record to the write that it interrupted.
        """
        with self._lock:
            if self._is_writing:
                self._pending.append(record)
                return
            self._is_writing = True
            try:
                if _is_shared or "multiprocessing" in _modules:
                    _write_alone(self._fd, record)
                else:
                    _write_fully(self._fd, record)
            finally:
                self._is_writing = False
            while self._pending:
                self.write(self._pending.pop(0))


def _write_alone(fd: int, record: bytes) -> None:
    """Write a record while no other process does: a pipe only keeps short writes apart.

    The lock is the kernel's, on the file behind the descriptor; it ends with the process.
    """
    try:
        from fcntl import LOCK_EX, LOCK_UN, lockf

        lockf(fd, LOCK_EX)
    except (ImportError, OSError):  # closed, a kernel that only locks files, or no descriptor left
        _write_fully(fd, record)
        return
    try:
        _write_fully(fd, record)
    finally:
        lockf(fd, LOCK_UN)


_modules = sys.modules
_is_shared = False


def _share() -> None:
    global _is_shared  # noqa: PLW0603 (a fact about the process)
    _is_shared = True


# From the first fork on, other processes may write to the same pipes, and so may the processes
# that multiprocessing starts. A process that is started in another way runs another program.
os.register_at_fork(before=_share)


def _write_fully(fd: int, record: bytes) -> None:
    """Write all of a record: a pipe may take it in parts, and a torn frame loses later ones."""
    rest: bytes | memoryview = record
    while True:
        try:
            written = os.write(fd, rest)
            if written == len(rest):
                return
            rest = memoryview(rest)[written:]
        except BlockingIOError:  # a non-blocking descriptor whose pipe is full
            from select import POLLOUT, poll  # select() knows no descriptor above 1023

            room = poll()
            room.register(fd, POLLOUT)
            room.poll()
        except OSError:  # closed: there is no reader
            return
