"""The end of a function's process: between two invocations, and not in the middle of one."""

from __future__ import annotations

# The C module below `signal`, whose enums take longer to make than all of this.
from _signal import (  # type: ignore[import-not-found]
    SIG_DFL,
    SIGINT,
    SIGTERM,
    default_int_handler,
    getsignal,
    signal,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from typing import Any, NoReturn

    from ._wakeup import Wakeup


class Shutdown:
    """Ends a loop on SIGTERM: at once while it waits for an invocation, else after that one.

    Attributes:
        idle: Whether the loop waits for an invocation; the loop sets it.
        requested: Whether the loop has to end before it waits again.
    """

    def __init__(self) -> None:
        self.idle = False
        self.requested = False

    def listen(self) -> None:
        """Handle SIGTERM, unless the function does."""
        if getsignal(SIGTERM) is SIG_DFL:
            signal(SIGTERM, self._request)

    def function_handles_sigterm(self) -> bool:
        """Tell whether the function has a SIGTERM handler of its own."""
        handler = getsignal(SIGTERM)
        return callable(handler) and handler != self._request

    def wakeup(self) -> Wakeup | None:
        """Return the means to wait without missing SIGTERM; None where nobody handles it."""
        if not callable(getsignal(SIGTERM)):
            return None
        from ._wakeup import Wakeup

        try:
            wakeup = Wakeup()
        except ValueError:  # only the main thread gets signals, and this is another one
            return None
        if wakeup.replaced == -1:
            return wakeup
        wakeup.close()  # an event loop gets them, and needs them
        return None

    def _request(self, *_: object) -> None:
        self.requested = True
        if self.idle:
            raise SystemExit(0)


class PollerShutdown:
    """Ends the pollers of an event loop: idle ones at once, others after their invocation.

    Attributes:
        idle: The pollers that wait for an invocation.
        requested: Whether the pollers have to end.
    """

    def __init__(self) -> None:
        self.idle: set[Task[Any]] = set()
        self.requested = False

    def listen(self) -> None:
        """Handle SIGTERM, unless the function does. The event loop must be running."""
        if getsignal(SIGTERM) is SIG_DFL:
            from asyncio import get_running_loop

            get_running_loop().add_signal_handler(SIGTERM, self.request)

    def request(self) -> None:
        """End the pollers."""
        self.requested = True
        for poller in self.idle:
            poller.cancel()


def interrupt_at_once() -> None:
    """Let Ctrl-C end a program whose event loop may be blocked.

    asyncio would only note it, and act on it in the loop's next turn.
    """
    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, _interrupt)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
