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

from ._shutdown import leave_at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from ._shutdown import Shutdown


def interrupt_poller(shutdown: Shutdown, poller: asyncio.Task[Any]) -> None:
    """Let a shutdown end the one poller of an event loop, and leave other tasks to their owners.

    SIGTERM may come in the middle of any of them, and while the event loop waits. An exception
    there would end the event loop, which cancels all tasks at once: those that the lifespan has
    started before the lifespan itself, and that would have no time to close what they use.

    Args:
        shutdown: The request to end.
        poller: The task that waits for invocations.
    """
    loop = poller.get_loop()

    def cancel() -> None:
        if shutdown.idle:  # no invocation has come meanwhile
            poller.cancel()

    def interrupt() -> None:
        if asyncio.current_task(loop) is poller:
            leave_at_once()
        loop.call_soon_threadsafe(cancel)

    shutdown.interrupt = interrupt


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
