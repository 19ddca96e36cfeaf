"""How the process of a function ends: between two invocations, and not in the middle of one."""

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


class Life:
    """Ends a loop on SIGTERM: at once while it waits for an invocation, else after that.

    Attributes:
        idle: Whether the loop waits for an invocation.
        stopping: Whether it is to end.
    """

    def __init__(self) -> None:
        self.idle = False
        self.stopping = False

    def listen(self) -> None:
        """Take SIGTERM over, unless the function has."""
        if getsignal(SIGTERM) is SIG_DFL:
            signal(SIGTERM, self._stop)

    def wait(self) -> None:
        """Note that the loop waits for an invocation.

        Raises:
            SystemExit: It is to end.
        """
        self.idle = True
        if self.stopping:
            raise SystemExit(0)

    def overruled(self) -> bool:
        """Tell whether the function handles SIGTERM itself."""
        handler = getsignal(SIGTERM)
        return callable(handler) and handler != self._stop

    def wakeup(self) -> Wakeup | None:
        """Return what the loop has to wait with, for SIGTERM to be heard; None if nobody hears."""
        if not callable(getsignal(SIGTERM)):
            return None
        from ._wakeup import Wakeup

        try:
            wakeup = Wakeup()
        except ValueError:  # signals are the main thread's, and this is another
            return None
        if wakeup.replaced == -1:
            return wakeup
        wakeup.close()  # an event loop hears them, and needs them
        return None

    def _stop(self, *_: object) -> None:
        self.stopping = True
        if self.idle:
            raise SystemExit(0)


class SharedLife:
    """Ends the pollers of an event loop: those that wait at once, others after their invocation.

    Attributes:
        idle: The pollers that wait for an invocation.
        stopping: Whether they are to end.
    """

    def __init__(self) -> None:
        self.idle: set[Task[Any]] = set()
        self.stopping = False

    def listen(self) -> None:
        """Take SIGTERM over, unless the function has. The event loop must be running."""
        if getsignal(SIGTERM) is SIG_DFL:
            from asyncio import get_running_loop

            get_running_loop().add_signal_handler(SIGTERM, self.stop)

    def stop(self) -> None:
        """End the pollers."""
        self.stopping = True
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
