"""Waiting for an invocation, from any thread and on any asyncio event loop."""

from __future__ import annotations

import asyncio
import math
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


HEADERS = -1
"""The index of the headers; the chunks have those from 0."""
END = math.inf
"""The index of the end."""


class Waiters:
    """Those who wait for a piece of a response, by its index.

    The server's thread notifies them; any thread may begin to wait.
    """

    __slots__ = ("_last", "_lock", "_waiting")

    def __init__(self) -> None:
        """Begin with none, before the headers."""
        self._lock = threading.Lock()
        self._last = -math.inf
        self._waiting: list[tuple[float, Callable[[], object]]] = []

    def add(self, index: float, wake: Callable[[], object]) -> bool:
        """Note whom to wake for a piece; return False if there is no need to.

        Args:
            index: The piece's.
            wake: Called once, by the thread that notifies.
        """
        with self._lock:
            if index <= self._last:
                return False
            self._waiting.append((index, wake))
            return True

    def future(self, index: float) -> asyncio.Future[None] | None:
        """Return a future to await for a piece, or None if there is no need to.

        Args:
            index: The piece's.
        """
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        return waiter if self.add(index, partial(_wake, waiter)) else None

    def block(self, index: float, timeout: float) -> bool:
        """Wait for a piece; return False if it did not come in time.

        Args:
            index: The piece's.
            timeout: The longest wait, in seconds.
        """
        here = threading.Event()
        return not self.add(index, here.set) or here.wait(timeout)

    def notify(self, last: float) -> None:
        """Wake those whose pieces are here, or never will be.

        Args:
            last: The index of the last piece that is here; `END` after the end.
        """
        ready: list[Callable[[], object]] = []
        with self._lock:
            self._last = max(self._last, last)
            waiting, self._waiting = self._waiting, []
            for index, wake in waiting:
                if index <= self._last:
                    ready.append(wake)
                else:
                    self._waiting.append((index, wake))
        for wake in ready:
            wake()


def _wake(waiter: asyncio.Future[None]) -> None:
    """Wake one who waits, on the event loop that it waits on: at once if that is this one."""
    loop = waiter.get_loop()
    try:
        here = asyncio.get_running_loop() is loop
    except RuntimeError:
        here = False
    if here:
        _set(waiter)
    else:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_set, waiter)


def _set(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
