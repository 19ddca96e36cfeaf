"""Writes logs to a file descriptor, readably if that is a terminal."""

import os
import re

_CARRIAGE_RETURN = re.compile(rb"\r(?!\n)")
_DIM, _RED, _RESET = b"\x1b[2m", b"\x1b[31m", b"\x1b[0m"
# Lambda's own lines are dimmed beside the function's; failures stand out.
_PLATFORM = re.compile(rb"^(?:START|END|REPORT|INIT_START|EXTENSION|TELEMETRY)\b.*", re.MULTILINE)
_FAILURE = re.compile(
    rb"^(?:\[(?:ERROR|CRITICAL)\].*|INIT_REPORT .*|REPORT .*\tStatus: .*|RequestId: .* Error: .*"
    rb"|\S+ \S+ Task timed out .*)",
    re.MULTILINE,
)


class LogWriter:
    """Writes the logs that it is called with; `NO_COLOR` is honoured. See https://no-color.org."""

    def __init__(self, descriptor: int) -> None:
        """Write to a file descriptor.

        Args:
            descriptor: The file descriptor.
        """
        self._descriptor = descriptor
        self._terminal = os.isatty(descriptor)
        self._colour = self._terminal and not os.environ.get("NO_COLOR")

    def __call__(self, data: bytes) -> None:
        """Write.

        Args:
            data: Output of a function or of Lambda.
        """
        if self._terminal:
            # In CloudWatch a carriage return begins a line; in a terminal it would overwrite one.
            data = _CARRIAGE_RETURN.sub(b"\n", data)
        if self._colour:
            data = colour(data)
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except BrokenPipeError:  # the reader of the log has left; the function is still served
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._descriptor)


def colour(data: bytes) -> bytes:
    """Return a log with the colours of a terminal.

    Args:
        data: Lines of a log.
    """
    data = _FAILURE.sub(lambda found: _RED + found[0] + _RESET, data)
    return _PLATFORM.sub(lambda found: _DIM + found[0] + _RESET, data)
