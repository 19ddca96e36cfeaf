"""The time that a handler on the event loop has, before Lambda would end its process."""

from __future__ import annotations

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._invocation import Invocation


class TimeLimits:
    """The limits of the invocations on an event loop, which have one timer together.

    Nearly all invocations end long before their deadline: a timer of its own for each would cost
    more than all else that is done for its limit.
    """

    def __init__(self, margin: float | None) -> None:
        """Describe limits.

        Args:
            margin: The seconds before the deadline at which a task is cancelled; None for never.
        """
        self.margin = margin
        self._watched: set[TimeLimit] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, limit: TimeLimit, loop: asyncio.AbstractEventLoop) -> None:
        """Have a limit expire when it is due.

        Args:
            limit: The limit.
            loop: The event loop of its task.
        """
        self._watched.add(limit)
        if self._timer is None or limit.due < self._timer.when():
            self._wake_up_at(limit.due, loop)

    def remove(self, limit: TimeLimit) -> None:
        """Let a limit expire no more.

        Args:
            limit: The limit; it need not have been added.
        """
        self._watched.discard(limit)

    def _wake_up_at(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(due, self._expire, due, loop)

    def _expire(self, now: float, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        for limit in [limit for limit in self._watched if limit.due <= now]:
            self._watched.discard(limit)
            limit.expire()
        if self._watched:
            self._wake_up_at(min(limit.due for limit in self._watched), loop)


class TimeLimit:
    """Cancels a task in time. It is only watched once the task waits for something.

    Attributes:
        due: The time at which it cancels the task, by the clock of its event loop.
        expired: True if it has cancelled the task.
        left: The seconds that were left of the invocation in the beginning.
    """

    __slots__ = ("_is_over", "_limits", "_task", "due", "expired", "left")

    def __init__(self, invocation: Invocation, limits: TimeLimits) -> None:
        """Begin the limit; nothing is cancelled before it is watched.

        Args:
            invocation: The invocation.
            limits: All limits of the event loop.
        """
        self._limits = limits
        self._task: asyncio.Task[Any] | None = None
        self.due = 0.0
        self.begin(invocation)

    def begin(self, invocation: Invocation) -> None:
        """Begin, or begin again after the end: for what is done after the response.

        Args:
            invocation: The invocation.
        """
        self.expired = False
        self.left = invocation.remaining()
        margin = self._limits.margin
        # A deadline that is past, or nearly, is Lambda's to judge: clocks jump after a thaw.
        self._is_over = margin is None or self.left <= margin
        if self._task is not None:
            self.watch(self._task, invocation)

    def watch(self, task: asyncio.Task[Any], invocation: Invocation) -> None:
        """Cancel a task when the time is up, unless the limit has ended.

        Args:
            task: The task.
            invocation: The invocation.
        """
        self._task = task
        if self._is_over:
            return
        loop = task.get_loop()
        self.due = loop.time() + invocation.remaining() - (self._limits.margin or 0.0)
        self._limits.add(self, loop)

    def end(self) -> None:
        """Cancel the task no more."""
        self._is_over = True
        self._limits.remove(self)

    def has_caused(self, error: BaseException) -> bool:
        """Return True if an exception is what became of the cancellation, and take that back.

        Args:
            error: The exception that the task's work raised.
        """
        if self._task is None or not self.expired or self._task.uncancel():
            return False
        return issubclass(type(error), (asyncio.CancelledError, TimeoutError))

    def expire(self) -> None:
        """Cancel the task: its time is up."""
        if self._task is not None and not self._is_over:
            self.expired = True
            self._task.cancel()
