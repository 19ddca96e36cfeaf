"""Blocking code around a coroutine: it runs in a thread, and waits there for the event loop."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, copy_context
from threading import Event, Thread, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any


class BlockingCall:
    """A blocking function in a thread of its own, which may wait for coroutines of the event loop.

    The thread begins with the context variables of who starts it.
    """

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        """Start the function.

        Args:
            function: The function.
            *args: Its arguments.
        """
        self._loop = asyncio.get_running_loop()
        self._loop_thread = get_ident()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_cancelled = False
        self._done: asyncio.Future[tuple[Any, BaseException | None]] = self._loop.create_future()
        context = copy_context()
        context.run(_call.set, self)

        def work() -> None:
            value, error = None, None
            try:
                value = context.run(function, *args)
            except BaseException as problem:  # noqa: BLE001 (it is raised where it is awaited)
                error = problem
            self._loop.call_soon_threadsafe(self._done.set_result, (value, error))

        Thread(target=work, name="lambda-blocking-call", daemon=True).start()

    async def result(self) -> Any:
        """Wait for the end of the function, and return its result.

        A cancellation cancels the coroutine that the function waits for, and comes back when the
        function has ended.

        Raises:
            BaseException: Whatever the function raises.
        """
        try:
            value, error = await asyncio.shield(self._done)
        except asyncio.CancelledError as cancelled:
            self._is_cancelled = True
            for task in self._tasks:
                task.cancel()
            _, error = await self._done
            cause = None if error is None else error.__cause__
            raise cancelled.with_traceback((cause or cancelled).__traceback__) from None
        if error is not None:
            raise error
        return value

    def wait_for(self, awaitable: Awaitable[Any]) -> Any:
        """Block the thread until an awaitable of the event loop is done; return its result."""
        ended = Event()
        context = copy_context()
        tasks: list[asyncio.Task[Any]] = []

        def begin() -> None:
            task = asyncio.Task(_awaited(awaitable), loop=self._loop, context=context)
            tasks.append(task)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            task.add_done_callback(lambda _: ended.set())
            if self._is_cancelled:
                task.cancel()

        self._loop.call_soon_threadsafe(begin)
        ended.wait()
        try:
            return tasks[0].result()
        except asyncio.CancelledError as cancelled:
            if self._is_cancelled:
                raise TimeoutError("the invocation has been cancelled") from cancelled
            raise

    @property
    def may_block(self) -> bool:
        """Whether the calling code is in this call's thread, and not on the event loop."""
        return get_ident() != self._loop_thread


_call: ContextVar[BlockingCall | None] = ContextVar("blocking_call", default=None)


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def may_wait() -> bool:
    """Tell whether the calling code may block: it belongs to a call, and is not on its loop."""
    call = _call.get()
    return call is not None and call.may_block


def wait_for(awaitable: Awaitable[Any]) -> Any:
    """Block until an awaitable of the event loop is done, and return its result.

    Args:
        awaitable: It begins with the context variables of the calling code.

    Raises:
        TimeoutError: The invocation was cancelled before it was done.
        BaseException: Whatever the awaitable raises.
    """
    call = _call.get()
    assert call is not None  # noqa: S101 (for the type checker: `may_wait` says so)
    return call.wait_for(awaitable)
