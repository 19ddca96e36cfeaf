"""A function's log: what it writes, and what Lambda writes about it, in one stream as in CloudWatch."""

from collections.abc import Callable
from typing import Protocol

_TAIL_SIZE = 4096  # bytes that a caller can ask for


class Listener(Protocol):
    """Hears what is written to a log."""

    def __call__(self, data: bytes, *, platform: bool) -> None:
        """Take what was written.

        Args:
            data: The bytes.
            platform: Whether Lambda wrote them.
        """


class Output:
    """Where the logs of several environments go, none of whose lines another continues."""

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
            writer: Whose it is.
            data: Not empty.
        """
        if self._within_line_of not in (None, writer):
            data = b"\n" + data
        self._within_line_of = None if data.endswith(b"\n") else writer
        self._write(data)


class Log:
    """The log of one environment: passed on as it comes, with its end kept."""

    def __init__(self, output: Output, listen: Listener | None = None) -> None:
        """Begin an empty log.

        Args:
            output: Where it goes.
            listen: Hears it, too.
        """
        self._output = output
        self._listen = listen
        self._tail = b""
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

    def forget(self) -> None:
        """Let the tail begin here."""
        self._tail = b""

    @property
    def tail(self) -> bytes:
        """The last 4096 bytes."""
        return self._tail

    def _pass_on(self, data: bytes, *, platform: bool) -> None:
        if data:
            self._tail = (self._tail + data)[-_TAIL_SIZE:]
            self._within_line = not data.endswith(b"\n")
            self._output.write(self, data)
            if self._listen is not None:
                self._listen(data, platform=platform)
