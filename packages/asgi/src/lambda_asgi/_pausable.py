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
    from collections.abc import Callable, Coroutine, Generator
    from contextvars import Context
    from typing import Any

_PAUSE = object()


@coroutine
def pause() -> Generator[Any, None, None]:
    """Pause the `PausableCoroutine` that awaits this, in whose task it must be awaited."""
    yield _PAUSE


class PausableCoroutine:
    """A coroutine that is awaited up to a pause.

    Attributes:
        is_done: True if it has ended.
        task: The task that awaits it, while it runs.
    """

    def __init__(self, work: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> None:
        """Wrap a coroutine, which does not begin yet.

        Args:
            work: The coroutine.
            loop: The event loop that it is awaited on.
        """
        self.is_done = False
        self.task: asyncio.Task[Any] | None = None
        self._work = work
        self._loop = loop
        self._awaited: asyncio.Future[Any] | None = None  # by the coroutine
        self._wait: _Wait | None = None
        self._is_interrupted = False

    def interrupt(self) -> None:
        """Pause it from another task, while it waits for something."""
        self._is_interrupted = True
        if self._wait is not None:
            self._wait.end()

    @coroutine
    def resume(self, *, cancel: bool = False) -> Generator[Any, Any, None]:
        """Go on until it ends or pauses.

        Args:
            cancel: True to cancel the future that it waits for.

        Raises:
            BaseException: Whatever it raises.
        """
        # By the event loop: to look for that one takes a call of the kernel each time.
        self.task = asyncio.current_task(self._loop)
        error: BaseException | None = asyncio.CancelledError() if cancel else None
        try:
            while True:
                if self._awaited is not None:
                    if error is None or self._awaited.cancel():
                        outcome = yield from self._wait_for(self._awaited)
                        if outcome is _PAUSE:
                            return
                        error = outcome
                    self._awaited = None
                awaited = self._work.send(None) if error is None else self._work.throw(error)
                error = None
                if awaited is _PAUSE:
                    return
                if self._can_watch(awaited):
                    self._awaited = awaited
                    continue
                try:
                    yield awaited  # a turn of the event loop, or what asyncio complains about
                except BaseException as thrown:  # noqa: BLE001 (it is the coroutine's)
                    error = thrown
        except StopIteration:
            self.is_done = True
        except BaseException:
            self.is_done = True
            raise
        finally:
            self.task = None

    def _can_watch(self, awaited: Any) -> bool:
        """Return True if it waits properly for a future, and take that on as a task does."""
        if getattr(awaited, "_asyncio_future_blocking", None) is not True:
            return False
        if awaited.get_loop() is not self._loop:
            return False
        awaited._asyncio_future_blocking = False  # noqa: SLF001 (the protocol of asyncio's tasks)
        return True

    def _wait_for(self, awaited: asyncio.Future[Any]) -> Generator[Any, Any, Any]:
        """Wait for a future.

        Returns:
            The pause, if an interrupt came first; or the error that the task was woken with.
        """
        if not (self._is_interrupted or awaited.done()):
            self._wait = _Wait(awaited)
            try:
                yield self._wait
            except BaseException as error:  # noqa: BLE001 (the future's, or a cancellation)
                return error
            finally:
                self._wait = None
        if self._is_interrupted and not awaited.done():
            self._is_interrupted = False
            return _PAUSE
        return None


class _Wait:
    """A task's wait for a future, which can end before: to the task, it is the future."""

    __slots__ = ("_asyncio_future_blocking", "_context", "_future", "_wakeup")

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self._asyncio_future_blocking = True
        self._future = future

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._future.get_loop()

    def add_done_callback(self, wakeup: Callable[[Any], object], *, context: Context) -> None:
        self._wakeup, self._context = wakeup, context
        self._future.add_done_callback(wakeup, context=context)

    def cancel(self, msg: Any = None) -> bool:
        return self._future.cancel(msg)

    def end(self) -> None:
        """Wake the task now, unless the future is about to."""
        if self._future.remove_done_callback(self._wakeup):
            over = self.get_loop().create_future()
            over.add_done_callback(self._wakeup, context=self._context)
            over.set_result(None)
