"""Waits that miss no signal.

A signal that comes just before a system call does not interrupt it: Python notes the signal, and
the call sleeps on, for as long as nothing else happens. So what has a handler of signals waits for a
pipe too, into which Python writes each signal when it comes.
"""

from __future__ import annotations

import os

# The C module below `signal`, whose enums take longer to make than all of this.
from _signal import set_wakeup_fd  # type: ignore[import-not-found]
from select import POLLIN, poll

_MOST_AT_ONCE = 4096


class Wakeup:
    """Wakes waits of the main thread when a signal comes, whose Python handler runs then."""

    def __init__(self) -> None:
        """Take Python's wake-up descriptor; an event loop that has it already keeps it.

        Raises:
            ValueError: This is not the main thread.
        """
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        taken = set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        if taken != -1:
            set_wakeup_fd(taken)

    def fileno(self) -> int:
        """Return the descriptor that can be read once a signal has come."""
        return self._reader

    def drain(self) -> None:
        """Make the next wait one for further signals."""
        try:  # noqa: SIM105 (contextlib takes long to import)
            os.read(self._reader, _MOST_AT_ONCE)
        except BlockingIOError:  # a child process with the same pipe was quicker
            pass

    def wait(self, descriptor: int) -> None:
        """Wait until a descriptor can be read; handlers of signals run meanwhile, and may raise.

        Args:
            descriptor: What is waited for.
        """
        look = poll()
        look.register(descriptor, POLLIN)
        look.register(self._reader, POLLIN)
        while True:
            ready = [found for found, _ in look.poll()]
            if self._reader in ready:
                self.drain()
            if descriptor in ready:
                return
