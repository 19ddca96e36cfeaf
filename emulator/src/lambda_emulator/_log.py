"""A function's log: its own lines and those of Lambda, in one stream as in CloudWatch."""

from collections.abc import Callable
from typing import Protocol

_TAIL_SIZE = 4096  # bytes that a caller can ask for


class Listener(Protocol):
    """Is called with what is written to a log."""

    def __call__(self, data: bytes, *, platform: bool) -> None:
        """Take what was written.

        Args:
            data: The bytes.
            platform: Whether Lambda wrote them.
        """


class Output:
    """Where the logs of several environments go; none continues a line of another."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """Begin with nothing written.

        Args:
            write: Passes on what is written.
        """
        self._write = write
        self._within_line_of: object = None

    def write(self, writer: object, data: bytes) -> None:
        """Write.

        Args:
            writer: The one that writes it.
            data: Not empty.
        """
        if self._within_line_of not in (None, writer):
            data = b"\n" + data
        self._within_line_of = None if data.endswith(b"\n") else writer
        self._write(data)


class LogStream:
    """The log of one environment: passed on as it comes, with its end kept.

    Attributes:
        tail: The last 4096 bytes.
    """

    def __init__(self, output: Output, listen: Listener) -> None:
        """Begin an empty log.

        Args:
            output: Where it goes.
            listen: Called with it, too.
        """
        self._output = output
        self._listen = listen
        self.tail = b""
        self._within_line = False

    def write(self, data: bytes) -> None:
        """Write what the function wrote, unchanged.

        Args:
            data: Any bytes.
        """
        self._pass_on(data, platform=False)

    def write_platform(self, data: bytes) -> None:
        """Write lines of Lambda's own, which never continue one of the function's.

        Args:
            data: Whole lines, or nothing.
        """
        if data:
            self._pass_on(b"\n" + data if self._within_line else data, platform=True)

    def clear_tail(self) -> None:
        """Let the tail begin here."""
        self.tail = b""

    def _pass_on(self, data: bytes, *, platform: bool) -> None:
        if data:
            self.tail = (self.tail + data)[-_TAIL_SIZE:]
            self._within_line = not data.endswith(b"\n")
            self._output.write(self, data)
            self._listen(data, platform=platform)
