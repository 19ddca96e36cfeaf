"""Waiting for changes, on one event loop."""

from __future__ import annotations

import asyncio
import contextlib


class Watch:
    """Wakes all that wait whenever something has changed; each looks for itself at what has."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def notify(self) -> None:
        """Wake all that wait."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():  # else it was cancelled
                waiter.set_result(None)

    def attach(self) -> None:
        """Let `notify_threadsafe` reach this event loop."""
        self._loop = asyncio.get_running_loop()

    def notify_threadsafe(self) -> None:
        """Wake all that wait, from any thread; it does nothing without an attached event loop."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self.notify)

    async def change(self) -> None:
        """Wait for the next `notify`."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter
