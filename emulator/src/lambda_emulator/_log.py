"""A function's log: its own lines and those of Lambda, in one stream as in CloudWatch."""

from collections.abc import Callable
from typing import Protocol
from weakref import WeakSet

from ._config import FunctionConfig

_TAIL_SIZE = 4096  # bytes that a caller can ask for


class Listener(Protocol):
    """Is called with what is written to a log."""

    def __call__(self, data: bytes, *, platform: bool) -> None:
        """Take what was written.

        Args:
            data: The bytes.
            platform: True if Lambda wrote the lines.
        """


class Writer:
    """One that writes to the log of a function.

    Attributes:
        function: The name of the function.
        log_format: The format of Lambda's records.
    """

    def __init__(self, config: FunctionConfig) -> None:
        """Write to the log of a function.

        Args:
            config: The function.
        """
        self.function = config.function.name
        self.log_format = config.log_format


class Output:
    """The shared log of several environments; none continues a line of another."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """Begin with nothing written.

        Args:
            write: Passes on what is written.
        """
        self._write = write
        self._within_line_of: Writer | None = None
        self._cut = WeakSet[Writer]()  # whose line another one has ended

    def write(self, writer: Writer, data: bytes) -> None:
        """Pass on what was written to a log.

        Args:
            writer: The one that wrote it.
            data: Not empty.
        """
        data = self._without_end(writer, data)
        if not data:
            return
        if self._ends_line_of_another(writer):
            data = b"\n" + data
        self._within_line_of = None if data.endswith(b"\n") else writer
        self._write(data)

    def _without_end(self, writer: Writer, data: bytes) -> bytes:
        """Return data without the end of a line that another writer has ended already."""
        if data and writer in self._cut:
            self._cut.discard(writer)
            return data.removeprefix(b"\n")
        return data

    def _ends_line_of_another(self, writer: Writer) -> bool:
        """Return True if a line of another writer has to end before this one begins its own."""
        if self._within_line_of is None or self._within_line_of is writer:
            return False
        self._cut.add(self._within_line_of)
        return True


class LogStream(Writer):
    """The log of one environment: passed on as it comes, with its end kept.

    Attributes:
        tail: The last 4096 bytes.
    """

    def __init__(self, config: FunctionConfig, output: Output, listen: Listener) -> None:
        """Begin an empty log.

        Args:
            config: The function that runs in the environment.
            output: The destination of the log.
            listen: Called with it, too.
        """
        super().__init__(config)
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
