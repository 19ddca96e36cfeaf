"""Signals as something to wait for, together with the time."""

from __future__ import annotations

import os
import signal
from select import select

from ._wakeup import Wakeup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType
    from typing import NoReturn


class SignalInbox:
    """Collects signals from its creation on, instead of what they would do otherwise.

    Works with other threads around, as waiting with `sigwait` does not: it wants the signals
    blocked in all of them.
    """

    def __init__(self, signals: Iterable[signal.Signals]) -> None:
        """Take the signals over; only the main thread can.

        Args:
            signals: Which ones.
        """
        self._signals = tuple(signals)
        self._wakeup = Wakeup()
        # Any handler will do: what counts is the number that Python writes into the pipe.
        self._handlers = {number: signal.signal(number, _ignore) for number in self._signals}

    def wait(self, timeout: float | None) -> set[int]:
        """Wait for signals.

        Args:
            timeout: How many seconds at most, or None for as long as it takes.

        Returns:
            Those that have come; empty when the time is over.
        """
        select((self._wakeup,), (), (), timeout)
        return set(self._wakeup.read())

    def close(self) -> None:
        """Put back what was there before."""
        for number, handler in self._handlers.items():
            # None: set by C code, which Python cannot put back.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._wakeup.close()

    def fork(self, child: Callable[[], NoReturn]) -> int:
        """Fork the process; the child has the signals as they were before this inbox.

        Args:
            child: What the child does. It ends the process; if it raises, the exit code is 1.

        Returns:
            The child's process id.

        Raises:
            OSError: There is no process or memory to be had.
        """
        # The child shares the pipe: until it has let go of it, its signals would come in here.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        try:
            pid = os.fork()
            if pid:
                return pid
            try:
                self.close()
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
                child()
            finally:  # a signal handler may raise at any point, and this must not return
                os._exit(1)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _ignore(number: int, frame: FrameType | None) -> None:
    pass
