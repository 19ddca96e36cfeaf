"""Signals as something to wait for, together with the time."""

from __future__ import annotations

import signal

# By name, and before the function's code is imported: gevent replaces what its modules have.
from math import ceil
from os import _exit, fork
from signal import pthread_sigmask, signal as set_handler

from ._shutdown import forks
from ._wakeup import POLLIN, Wakeup, poll

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
            signals: The signals.
        """
        self._signals = tuple(signals)
        self._wakeup = Wakeup()
        # Any handler will do: what counts is the number that Python writes into the pipe.
        self._handlers = {number: set_handler(number, _ignore) for number in self._signals}

    def wait(self, timeout: float | None, descriptors: Iterable[int] = ()) -> set[int]:
        """Wait for signals, or for input.

        Args:
            timeout: The longest wait, in seconds, or None for no limit.
            descriptors: The descriptors whose input ends the wait, too.

        Returns:
            The signals that have come, if any.
        """
        look = poll()
        for descriptor in (self._wakeup.fileno(), *descriptors):
            look.register(descriptor, POLLIN)
        look.poll(None if timeout is None else ceil(timeout * 1000))
        return set(self._wakeup.read())

    def close(self) -> None:
        """Put back what was there before."""
        for number, handler in self._handlers.items():
            # None: set by C code, which Python cannot put back.
            set_handler(number, signal.SIG_DFL if handler is None else handler)
        self._wakeup.close()

    def fork(self, child: Callable[[], NoReturn]) -> int:
        """Fork the process; the child has the signals as they were before this inbox.

        Args:
            child: The work of the child. It ends the process; if it raises, the exit code is 1.

        Returns:
            The child's process id.

        Raises:
            OSError: There is no process or memory to be had.
        """
        # The child shares the pipe: until it has let go of it, its signals would come in here.
        mask = pthread_sigmask(signal.SIG_BLOCK, self._signals)
        try:
            forks.of_runtime = True
            try:
                pid = fork()
            finally:
                forks.of_runtime = False
            if pid:
                return pid
            try:
                self.close()
                pthread_sigmask(signal.SIG_SETMASK, mask)
                child()
            finally:  # a signal handler may raise at any point, and this must not return
                _exit(1)
        finally:
            pthread_sigmask(signal.SIG_SETMASK, mask)


def _ignore(number: int, frame: FrameType | None) -> None:
    pass
