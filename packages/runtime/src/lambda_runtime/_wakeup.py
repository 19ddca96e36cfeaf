"""Waits that miss no signal.

A signal that comes just before a system call does not interrupt it: Python notes the signal, and
the call sleeps on, for as long as nothing else happens. So a process that handles signals waits for
a pipe too, into which Python writes each signal when it comes.
"""

from __future__ import annotations

import os
import sys

# The C module below `signal`, whose enums take longer to make than all of this.
from _signal import set_wakeup_fd  # type: ignore[import-not-found]

# gevent and eventlet change what `os` and `select` have, for other code to run meanwhile, or remove
# it. So these are taken from below `os`, and from a copy of `select` that nobody else has.
from posix import read

_changed = sys.modules.pop("select", None)
from select import POLLIN as POLLIN, poll as poll  # noqa: E402, PLC0414 (exported)

if _changed is not None:
    sys.modules["select"] = _changed

_MOST_AT_ONCE = 4096


class Wakeup:
    """Wakes waits of the main thread when a signal comes, whose Python handler runs then.

    Attributes:
        replaced: The descriptor that Python has written signals to before, such as an event loop's;
            -1 if there was none.
    """

    def __init__(self) -> None:
        """Have Python write signals here from now on.

        Raises:
            ValueError: This is not the main thread.
        """
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self.replaced: int = set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._look = poll()
        self._descriptor = -1  # that it looks at

    def fileno(self) -> int:
        """Return the descriptor that can be read once a signal has come."""
        return self._reader

    def read(self) -> bytes:
        """Return the numbers of the signals that have come, and forget them."""
        try:
            return read(self._reader, _MOST_AT_ONCE)
        except BlockingIOError:  # none; or a child process with the same pipe was quicker
            return b""

    def wait(self, descriptor: int) -> None:
        """Wait until a descriptor can be read; handlers of signals run meanwhile, and may raise.

        Args:
            descriptor: The descriptor to wait for.
        """
        if descriptor != self._descriptor:  # nearly always, it is the same connection
            self._look, self._descriptor = poll(), descriptor
            self._look.register(descriptor, POLLIN)
            self._look.register(self._reader, POLLIN)
        while True:
            ready = dict(self._look.poll())
            if self._reader in ready:
                self.read()
            if descriptor in ready:
                return

    def close(self) -> None:
        """Put back what was there before."""
        set_wakeup_fd(self.replaced)
        os.close(self._reader)
        os.close(self._writer)
