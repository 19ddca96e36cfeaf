"""What code in this process prints, told apart by who prints it."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Generator

_current: ContextVar[list[str] | None] = ContextVar("lambda_testing_recording", default=None)
_lock = threading.Lock()
_active: list[list[str]] = []
_replaced: list[tuple[str, TextIO, TextIO]] = []


@contextmanager
def recording() -> Generator[list[str]]:
    """Record what is printed from here: by this code, and by its tasks, if others record too.

    It is still printed: pytest, a debugger and a terminal see it as ever. What does not go through
    `sys.stdout` and `sys.stderr`, such as the output of child processes, is not recorded.

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
    """A stream that also tells the recording at hand what is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        written = _current.get()
        if written is None and len(_active) == 1:
            written = _active[0]  # a thread without the context: it can only be this one's
        if written is not None:
            written.append(text)
        # A carriage return keeps a record of several lines together: for a log, not for a reader.
        return self._stream.write(text.replace("\r", "\n"))

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


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
                if getattr(sys, name) is tee:  # else somebody has put another one there meanwhile
                    setattr(sys, name, stream)
