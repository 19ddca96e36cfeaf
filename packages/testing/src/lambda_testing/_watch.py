"""Waiting, on one event loop, for a change worth looking at."""

from __future__ import annotations

import asyncio


class Watch:
    """Wakes all that wait, whenever it is told of a change. What has changed, each looks up."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wake all that wait."""
        self._event.set()
        self._event = asyncio.Event()

    async def change(self) -> None:
        """Wait for the next `notify`."""
        await self._event.wait()
