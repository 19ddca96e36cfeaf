"""Recording the output of code in this process, apart from the output of other code."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_current: ContextVar[list[str] | None] = ContextVar("lambda_testing_recording", default=None)
_lock = threading.Lock()
_active: list[list[str]] = []
_replaced: list[tuple[str, TextIO, TextIO]] = []


@contextmanager
def recording() -> Generator[list[str]]:
    """Record what this code prints, and its tasks; only theirs, if others record too.

    It is still printed, for pytest, a debugger or a terminal. Output that does not go through
    `sys.stdout` and `sys.stderr`, such as that of child processes, is not recorded.

    Yields:
        The pieces of text that were written, in order; the list grows.
    """
    written: list[str] = []
    token = _current.set(written)
    _begin(written)
    try:
        yield written
    finally:
        _end(written)
        _current.reset(token)


class _Tee:
    """A stream that also writes to the current recording."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        _record(text)
        # A carriage return keeps a record of several lines together: for a log, not for a reader.
        return self._stream.write(text.replace("\r", "\n"))

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> _BinaryTee:
        """The stream below, for programs that write bytes."""
        return _BinaryTee(self._stream.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _BinaryTee:
    """A binary stream that also writes to the current recording."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, data: bytes) -> int:
        _record(bytes(data).decode("utf-8", "replace"))
        return self._stream.write(data)

    def writelines(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _record(text: str) -> None:
    written = _current.get()
    if written is None and len(_active) == 1:
        written = _active[0]  # a thread without the context: it can only be this one's
    if written is not None:
        written.append(text)


def _begin(written: list[str]) -> None:
    with _lock:
        _active.append(written)
        if len(_active) == 1:
            for name in ("stdout", "stderr"):
                stream: TextIO = getattr(sys, name)
                tee = cast(TextIO, _Tee(stream))
                _replaced.append((name, stream, tee))
                setattr(sys, name, tee)


def _end(written: list[str]) -> None:
    with _lock:
        _active[:] = [other for other in _active if other is not written]
        if not _active:
            while _replaced:
                name, stream, tee = _replaced.pop()
                if getattr(sys, name) is tee:  # else another one was put there meanwhile
                    setattr(sys, name, stream)
