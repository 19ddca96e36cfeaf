"""Blocking code around a coroutine: it runs in a thread, and waits there for the event loop."""

from __future__ import annotations

import asyncio
import signal
from contextvars import ContextVar, copy_context
from threading import Event, Thread, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import FrameType
    from typing import Any

    SignalHandler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None


class BlockingCall:
    """A blocking function in a thread of its own, which may wait for coroutines of the event loop.

    The thread begins with the context variables of who starts it.
    """

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        """Start the function.

        Args:
            function: The function.
            *args: The arguments.
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
        tasks: list[asyncio.Task[tuple[Any, BaseException | None]]] = []

        def begin() -> None:
            task = asyncio.Task(_outcome(awaitable), loop=self._loop, context=context)
            tasks.append(task)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            task.add_done_callback(lambda _: ended.set())
            if self._is_cancelled:
                task.cancel()

        self._loop.call_soon_threadsafe(begin)
        ended.wait()
        value, error = tasks[0].result()
        if self._is_cancelled and isinstance(error, asyncio.CancelledError):
            # An ordinary exception, which is what agents report.
            raise TimeoutError("the invocation has been cancelled") from error
        if error is not None:
            raise error
        return value

    @property
    def may_block(self) -> bool:
        """True if the caller is in this call's thread, and not on the event loop."""
        return get_ident() != self._loop_thread


_call: ContextVar[BlockingCall | None] = ContextVar("blocking_call", default=None)


async def _outcome(awaitable: Awaitable[Any]) -> tuple[Any, BaseException | None]:
    """Return what an awaitable ends with: a task would end the event loop with a SystemExit."""
    try:
        return await awaitable, None
    except BaseException as error:  # noqa: BLE001 (it is raised where it is waited for)
        return None, error


def may_wait() -> bool:
    """Return True if the calling code may block: it belongs to a call, and is not on its loop."""
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


_set_handler = signal.signal


def _set_handler_anywhere(
    signalnum: int | signal.Signals, handler: SignalHandler, /
) -> SignalHandler:
    """Set a handler of a signal for blocking code, too: agents time invocations with SIGALRM.

    Python takes it from the main thread only, which is where the event loop is.
    """
    if not may_wait():
        return _set_handler(signalnum, handler)

    async def in_main_thread() -> SignalHandler:
        return _set_handler(signalnum, handler)

    previous: SignalHandler = wait_for(in_main_thread())
    return previous


setattr(signal, "signal", _set_handler_anywhere)  # noqa: B010 (checkers forbid it otherwise)
