"""The time that a start or an invocation may take."""

import asyncio
import math
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import Any

_EARLY_SECONDS = 0.002  # uvloop counts milliseconds: its time may be over a little before ours


class TimeLimit:
    """An amount of time, which runs.

    Attributes:
        seconds: The seconds of the limit; infinite when it was lifted.
        began: The beginning, in seconds of `time.monotonic`.
    """

    def __init__(self, seconds: float) -> None:
        """Begin now.

        Args:
            seconds: The seconds of the limit.
        """
        self.seconds = seconds
        self.began = time.monotonic()
        self._timeout: asyncio.Timeout | None = None

    def lift(self) -> None:
        """Let there be no limit: a developer is at a breakpoint."""
        self.seconds = math.inf
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(None)

    def spent(self) -> float:
        """Return how much of it has passed, in seconds."""
        return min(time.monotonic() - self.began, self.seconds)

    async def wait_for(
        self, event: Awaitable[object], unless: Sequence[asyncio.Future[Any]]
    ) -> bool:
        """Wait for an event.

        It is awaited in the task of the caller: unlike with `asyncio.wait`, neither a task nor
        rounds of the event loop are spent on it.

        Args:
            event: Is awaited, and cancelled when that is in vain.
            unless: Futures that make it vain to wait any longer when they are done.

        Returns:
            True if it happened. If not, and none of the futures is done, the time is over.
        """
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            left = self.seconds - self.spent()
            async with asyncio.timeout(left if left < math.inf else None) as timeout:
                self._timeout = timeout

                def give_up(_: object) -> None:
                    # It may be called when the event has happened, and nobody waits any more.
                    if self._timeout is timeout and not timeout.expired():
                        timeout.reschedule(loop.time())

                for future in unless:
                    future.add_done_callback(give_up)
                try:
                    await event
                finally:
                    self._timeout = None
                    for future in unless:
                        future.remove_done_callback(give_up)
                return True
        left = self.seconds - self.spent()
        if left > 0 and not any(future.done() for future in unless):
            await asyncio.sleep(left + _EARLY_SECONDS)
        return False
