"""Signals that end a build: it tidies up first."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

_ENDING = ("SIGTERM", "SIGHUP")


@contextmanager
def tidy_end() -> Generator[None]:
    """Let SIGTERM and SIGHUP end what is run as SIGINT does, by an exception.

    Python would end at once, and leave temporary files and processes that it has started. A signal
    that the program handles or ignores is left alone.
    """
    ours = [
        number
        for name in _ENDING
        if current_thread() is main_thread()  # only there can a signal be handled
        and (number := getattr(signal, name, None)) is not None
        and signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough: the next one would stop the tidying
    raise SystemExit(128 + number)
