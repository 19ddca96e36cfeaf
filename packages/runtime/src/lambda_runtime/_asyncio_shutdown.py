"""The end of an event loop that serves invocations: by SIGTERM, and by Ctrl-C."""

from __future__ import annotations

import asyncio

# The C module below `signal`, as in `_shutdown`.
from _signal import (  # type: ignore[import-not-found]
    SIG_DFL,
    SIG_IGN,
    SIGINT,
    SIGTERM,
    default_int_handler,
    getsignal,
    signal,
)

from ._shutdown import Shutdown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class LoopShutdown(Shutdown):
    """Ends the one poller of an event loop, and leaves other tasks to what started them.

    SIGTERM may come in the middle of any of them, and while the event loop waits. An exception
    there would end the event loop, which cancels all tasks at once: those that the lifespan has
    started before the lifespan itself, and that would have no time to close what they use.
    """

    def __init__(self) -> None:
        """Make it, in the task of the poller."""
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._poller = asyncio.current_task()

    def _request(self, *_: object) -> None:
        if asyncio.current_task(self._loop) is self._poller:
            super()._request()
            return
        self.requested = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        if self.idle and self._poller is not None:
            self.idle = False  # a second signal does not disturb the end
            self._poller.cancel()


class PollerShutdown:
    """Ends the pollers of an event loop: idle ones at once, others after their invocation.

    Attributes:
        idle: The pollers that wait for an invocation.
        requested: True if the pollers have to end.
    """

    def __init__(self) -> None:
        self.idle: set[asyncio.Task[Any]] = set()
        self.requested = False
        self._handler: object = None

    def listen(self) -> None:
        """Handle SIGTERM, unless the function does. The event loop must be running."""
        if getsignal(SIGTERM) is SIG_DFL:
            asyncio.get_running_loop().add_signal_handler(SIGTERM, self.request)
            self._handler = getsignal(SIGTERM)

    def request(self) -> None:
        """End the pollers."""
        self.requested = True
        for poller in self.idle:
            poller.cancel()

    def close(self) -> None:
        """Ignore SIGTERM: the event loop is about to end.

        asyncio closes the pipe that Python writes signals to before it takes its handlers away. For
        one that comes in between, Python would print a complaint.
        """
        if self._handler is not None and getsignal(SIGTERM) is self._handler:
            signal(SIGTERM, SIG_IGN)


def interrupt_at_once() -> None:
    """Let Ctrl-C end a program whose event loop may be blocked.

    asyncio would only note it, and act on it in the loop's next turn.
    """
    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, _interrupt)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
