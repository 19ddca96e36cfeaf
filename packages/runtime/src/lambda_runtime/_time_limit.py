"""The time that a handler on the event loop has, before Lambda would end its process."""

from __future__ import annotations

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._invocation import Invocation


class TimeLimit:
    """Cancels a task in time. It takes a timer only once the task waits for something.

    Attributes:
        expired: True if it has cancelled the task.
        left: The seconds that were left of the invocation in the beginning.
    """

    __slots__ = ("_is_over", "_margin", "_task", "_timer", "expired", "left")

    def __init__(self, invocation: Invocation, margin: float | None) -> None:
        """Begin the limit; nothing is cancelled before it is watched.

        Args:
            invocation: The invocation.
            margin: The seconds before the deadline at which the task is cancelled; None for never.
        """
        self._margin = margin
        self._task: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.begin(invocation)

    def begin(self, invocation: Invocation) -> None:
        """Begin, or begin again after the end: for what is done after the response.

        Args:
            invocation: The invocation.
        """
        self.expired = False
        self.left = invocation.remaining()
        # A deadline that is past, or nearly, is Lambda's to judge: clocks jump after a thaw.
        self._is_over = self._margin is None or self.left <= self._margin
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
        left = invocation.remaining() - (self._margin or 0.0)
        self._timer = task.get_loop().call_later(left, self._expire)

    def end(self) -> None:
        """Cancel the task no more."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()

    def has_caused(self, error: BaseException) -> bool:
        """Return True if an exception is what became of the cancellation, and take that back.

        Args:
            error: The exception that the task's work raised.
        """
        if self._task is None or not self.expired or self._task.uncancel():
            return False
        return issubclass(type(error), (asyncio.CancelledError, TimeoutError))

    def _expire(self) -> None:
        if self._task is not None and not self._is_over:
            self.expired = True
            self._task.cancel()
