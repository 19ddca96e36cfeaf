"""A function's log: what it writes, and what Lambda writes about it, in one stream as in CloudWatch."""

from collections.abc import Callable

_TAIL_SIZE = 4096  # bytes that a caller can ask for


class Log:
    """A stream of bytes that is passed on as it comes, and whose end is kept."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """Begin an empty log.

        Args:
            write: Passes on what is written.
        """
        self._write = write
        self._tail = b""
        self._within_line = False

    def write(self, data: bytes) -> None:
        """Write what the function wrote, unchanged.

        Args:
            data: Any bytes.
        """
        if data:
            self._tail = (self._tail + data)[-_TAIL_SIZE:]
            self._within_line = not data.endswith(b"\n")
            self._write(data)

    def write_platform(self, text: str) -> None:
        """Write lines of Lambda's own, which never continue one of the function's.

        Args:
            text: Whole lines.
        """
        if self._within_line:
            self.write(b"\n")
        self.write(text.encode())

    def forget(self) -> None:
        """Let the tail begin here."""
        self._tail = b""

    @property
    def tail(self) -> bytes:
        """The last 4096 bytes."""
        return self._tail
