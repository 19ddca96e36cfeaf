"""Coroutines that can be awaited up to a pause, and later on from there.

An application answers in the middle of its work: nobody waits for what it does after its response.
A task of its own would cost four turns of the event loop for each request. Here it runs in the task
of whoever awaits it: cancellations, time limits and cancel scopes are those of that task, before a
pause and after it.
"""

from __future__ import annotations

import asyncio
from types import coroutine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator
    from typing import Any

_PAUSE = object()


@coroutine
def pause() -> Generator[Any, None, None]:
    """Pause the `PausableCoroutine` that awaits this, in whose task it must be awaited."""
    yield _PAUSE


class PausableCoroutine:
    """A coroutine that is awaited up to a pause.

    Attributes:
        is_done: Whether it has ended.
        task: The task that awaits it, while it runs.
    """

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        """Wrap a coroutine, which does not begin yet.

        Args:
            work: The coroutine.
        """
        self.is_done = False
        self.task: asyncio.Task[Any] | None = None
        self._work = work
        self._awaited: asyncio.Future[Any] | None = None  # by the coroutine
        self._change: asyncio.Future[None] | None = None  # that, or an interrupt
        self._is_interrupted = False

    def interrupt(self) -> None:
        """Pause it from another task, while it waits for something."""
        self._is_interrupted = True
        self._changed()

    @coroutine
    def resume(self, *, cancel: bool = False) -> Generator[Any, Any, None]:
        """Go on until it ends or pauses.

        Args:
            cancel: Whether what it waits for is cancelled.

        Raises:
            BaseException: Whatever it raises.
        """
        self.task = asyncio.current_task()
        error: BaseException | None = asyncio.CancelledError() if cancel else None
        try:
            while True:
                if self._awaited is not None:
                    outcome = yield from self._wait(self._awaited, error)
                    if outcome is _PAUSE:
                        return
                    self._awaited, error = None, outcome
                awaited = self._work.send(None) if error is None else self._work.throw(error)
                error = None
                if awaited is _PAUSE:
                    return
                if _can_be_watched(awaited):
                    self._awaited = awaited
                    continue
                try:
                    yield awaited  # a turn of the event loop, or what asyncio complains of
                except BaseException as thrown:  # noqa: BLE001 (it is the coroutine's)
                    error = thrown
        except StopIteration:
            self.is_done = True
        except BaseException:
            self.is_done = True
            raise
        finally:
            self.task = None

    def _wait(
        self, awaited: asyncio.Future[Any], error: BaseException | None
    ) -> Generator[Any, Any, Any]:
        """Wait for a future, which an error cancels.

        Returns:
            The pause, if an interrupt came first; or the error that the future did not take.
        """
        if error is not None and not awaited.cancel():
            return error
        loop = awaited.get_loop()
        awaited.add_done_callback(self._changed)
        try:
            while not awaited.done():
                if self._is_interrupted:
                    self._is_interrupted = False
                    return _PAUSE
                self._change = loop.create_future()
                try:
                    yield from self._change
                except asyncio.CancelledError as cancelled:
                    # As a task does it: cancel what it waits for, and go on when that has ended.
                    # Frameworks know their own cancellations by the message.
                    if not awaited.cancel(*cancelled.args):
                        return cancelled
        finally:
            self._change = None
            awaited.remove_done_callback(self._changed)
        return None

    def _changed(self, _: object = None) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)


def _can_be_watched(awaited: Any) -> bool:
    """Tell whether a coroutine waits for a future as it should, and take that on as a task does."""
    if getattr(awaited, "_asyncio_future_blocking", None) is not True:
        return False
    if awaited.get_loop() is not asyncio.get_running_loop():
        return False
    awaited._asyncio_future_blocking = False  # noqa: SLF001 (the protocol of asyncio's tasks)
    return True
