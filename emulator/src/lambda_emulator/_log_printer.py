"""Prints the logs of functions: as they are into a file or a pipe, readably in a terminal."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from ._log import Output, Writer
from ._log_record import render_record

_DIM, _RED, _YELLOW, _RESET = b"\x1b[2m", b"\x1b[31m", b"\x1b[33m", b"\x1b[0m"
_NAME_COLOURS = (b"\x1b[36m", b"\x1b[35m", b"\x1b[32m", b"\x1b[34m")
_LEVEL_COLOURS = {"ERROR": _RED, "CRITICAL": _RED, "FATAL": _RED, "WARNING": _YELLOW, "": _DIM}
# Lambda's own lines are dimmed beside the function's; failures stand out.
_PLATFORM = re.compile(rb"^(?:START|END|REPORT|INIT_START|EXTENSION|TELEMETRY)\b.*", re.MULTILINE)
_FAILURE = re.compile(
    rb"^(?:\[(?:ERROR|CRITICAL)\].*|INIT_REPORT .*|REPORT .*\tStatus: .*|RequestId: .* Error: .*"
    rb"|\S+ \S+ Task timed out .*)",
    re.MULTILINE,
)
_MAX_HELD = 1 << 18  # bytes of a line that waits for its end


@dataclass(eq=False, repr=False)
class _StreamState:
    """The state of an environment's log between two writes.

    Attributes:
        after_return: True if the last line ended with a carriage return.
        held: The beginning of a record, which is printed when it is whole.
    """

    after_return: bool = False
    held: bytes = b""

    def unix_lines(self, data: bytes) -> bytes:
        """Return data in which each line ends with a line feed alone.

        A carriage return begins a line within a record in CloudWatch.
        """
        if b"\r" not in data and not self.after_return:
            return data
        if self.after_return and data.startswith(b"\n"):
            data = data[1:]
        self.after_return = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class LogPrinter(Output):
    """Prints logs to a file descriptor, without carriage returns.

    A terminal gets colours, unless `NO_COLOR` is set (https://no-color.org), and JSON as text.
    """

    def __init__(
        self, descriptor: int, functions: Sequence[str] = (), *, times: bool | None
    ) -> None:
        """Print to a file descriptor.

        Args:
            descriptor: The file descriptor.
            functions: The names of the functions. If they are several, each line says whose it is.
            times: True if the lines of a log in text begin with the time in UTC; None for only in a
                terminal.
        """
        super().__init__(self._print)
        self._descriptor = descriptor
        self._terminal = os.isatty(descriptor)
        self._times = self._terminal if times is None else times
        self._colour = self._terminal and not os.environ.get("NO_COLOR")
        self._streams: WeakKeyDictionary[Writer, _StreamState] = WeakKeyDictionary()
        self._names: dict[str, bytes] = {}
        if len(functions) > 1:
            width = max(map(len, functions))
            for number, name in enumerate(functions):
                colour = _NAME_COLOURS[number % len(_NAME_COLOURS)]
                self._names[name] = self._coloured(f"{name:{width}} | ".encode(), colour)

    def write(self, writer: Writer, data: bytes) -> None:
        """Print what was written to a log.

        Args:
            writer: The one that wrote it.
            data: Not empty; lines need not be whole.
        """
        state = self._streams.get(writer)
        if state is None:
            self._streams[writer] = state = _StreamState()
        data = state.held + state.unix_lines(data)
        state.held = b""
        if writer.log_format == "json" and (self._terminal or self._names):
            start = data.rfind(b"\n") + 1
            if data.startswith(b"{", start) and len(data) - start < _MAX_HELD:
                data, state.held = data[:start], data[start:]
        printed: list[bytes] = []
        data = self._without_end(writer, data)
        for piece in data.splitlines(keepends=True):
            if self._within_line_of is writer:
                printed.append(piece)
            else:
                if self._ends_line_of_another(writer):
                    printed.append(b"\n")
                printed.append(self._begin_line(writer, piece))
            self._within_line_of = None if piece.endswith(b"\n") else writer
        if printed:
            self._print(b"".join(printed))

    def _begin_line(self, writer: Writer, line: bytes) -> bytes:
        """Return a line, or the beginning of one, as it is printed."""
        name = self._names.get(writer.function, b"")
        if writer.log_format == "json" and line.startswith(b"{"):
            if not self._terminal:
                return _with_name(line, writer.function) if name else line
            if (record := render_record(line)) is not None:
                time = record.time.partition("T")[2] or record.time
                first, *rest = record.text.encode(errors="replace").split(b"\n")
                colour = _LEVEL_COLOURS.get(record.level, b"")
                if not record.level and b"status=" in first and b"status=success" not in first:
                    colour = _RED
                begin = self._coloured(f"{time} ".encode(), _DIM) + name
                lines = [self._coloured(first, colour), *rest]
                return b"".join(begin + each + b"\n" for each in lines)
        if self._times and (self._terminal or writer.log_format == "text"):
            name = self._coloured(self._now(), _DIM) + name
        if self._colour:
            line = colour_text(line)
        return name + line if line != b"\n" else name.rstrip() + line

    def _now(self) -> bytes:
        now = datetime.now(UTC).replace(tzinfo=None)
        text = now.isoformat(timespec="milliseconds")
        return f"{text[11:] if self._terminal else text}Z ".encode()

    def _coloured(self, text: bytes, colour: bytes) -> bytes:
        return colour + text + _RESET if self._colour and colour else text

    def _print(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except BrokenPipeError:  # the reader of the log has left; the function is still served
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._descriptor)


def colour_text(data: bytes) -> bytes:
    """Return a log in text with the colours of a terminal.

    Args:
        data: Lines of a log.
    """
    data = _FAILURE.sub(lambda found: _RED + found[0] + _RESET, data)
    return _PLATFORM.sub(lambda found: _DIM + found[0] + _RESET, data)


def _with_name(record: bytes, function: str) -> bytes:
    """Return a JSON object, or the beginning of one, with a field that names its function."""
    separator = b"" if record[1:].lstrip().startswith(b"}") else b","
    return b'{"functionName":"' + function.encode() + b'"' + separator + record[1:]
