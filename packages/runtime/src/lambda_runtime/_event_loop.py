"""The event loop of a handler that is called outside of one, and returns what has to be awaited.

A decorator may run an event loop of its own around an ``async def``, as `asyncio.run` does, or
return the coroutine. Only a call shows which, and an event loop cannot run inside another. So such
a handler is always called while no event loop runs. This one runs for what it returns: it is made
once, for the life of the process.
"""

from __future__ import annotations

import asyncio
import warnings
from contextlib import nullcontext

from ._asyncio_invocation import InvocationServer, Pending, exchange
from ._asyncio_shutdown import interrupt_poller
from ._context import give_session
from ._delivery import NEXT, poll_next
from ._loop_socket_transport import LoopSocketTransport
from ._program import HEADERS
from ._session import SharedSession
from ._shutdown import leave_at_once
from ._tasks import Tasks, end_in_children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from contextvars import Context
    from typing import Any, TypeVar

    from ._in_flight import Slot
    from ._invocation import Invocation
    from ._lifespan import Lifespan
    from ._options import Options
    from ._prepared_handler import PreparedHandler
    from ._program import Program
    from ._response_stream import BlockingResponseStream
    from ._shutdown import Shutdown
    from ._socket_transport import SocketTransport
    from ._transport import AsyncTransport

    T = TypeVar("T")


class EventLoop:
    """An event loop that runs as long as there is something to await, and stands still meanwhile.

    Attributes:
        loop: The event loop.
    """

    def __init__(
        self,
        handler: PreparedHandler,
        options: Options,
        loop: asyncio.AbstractEventLoop | None,
        connect: Callable[[], AsyncTransport],
        is_busy: Callable[[], bool] = bool,
    ) -> None:
        """Take an event loop into use, or make one.

        Args:
            handler: The handler; it gets a session that is shared.
            options: The options.
            loop: The event loop, which does not run and stays open; None makes one.
            connect: Returns the way to the Runtime API, for each invocation.
            is_busy: Returns True if it is needed for something else than tasks, such as signals.
        """
        self._is_ours = loop is None
        if loop is None:
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
        self.loop = loop
        self._is_busy = is_busy
        self._connect = connect
        self._server = InvocationServer(handler, options)
        # A factory of the function's own stays: its tasks are not cancelled when they are left.
        self._tasks = Tasks(loop) if loop.get_task_factory() is None else None
        self._session = SharedSession()
        self._handler = handler
        self._leave: asyncio.Future[None] | None = None
        self._lifespan: asyncio.Task[None] | None = None
        handler.session = self._session.get

    @property
    def is_usable(self) -> bool:
        """True until it is closed."""
        return not self.loop.is_closed()

    def is_idle(self) -> bool:
        """Return True if nothing on it could use the time until the next invocation."""
        if not self.is_usable:
            return True
        if self._tasks is not None:
            return self._tasks.idle and not self._is_busy()
        return not self._is_busy() and asyncio.all_tasks(self.loop) <= {self._lifespan}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the event loop until a coroutine is done.

        Args:
            work: The coroutine; it is not one of the function's tasks.

        Returns:
            Its result.

        Raises:
            BaseException: Any exception of the coroutine.
        """
        return self.loop.run_until_complete(asyncio.Task(work, loop=self.loop))

    def wait(self, value: Awaitable[object]) -> None:
        """Run the event loop until an awaitable is done.

        Args:
            value: The awaitable.

        Raises:
            BaseException: Any exception of the awaitable.
        """

        async def wait() -> None:
            await value

        self.run(wait())

    def next_invocation(self, shutdown: Shutdown) -> Invocation:
        """Wait for an invocation, while the function's tasks go on.

        Args:
            shutdown: The request to end the wait, which may come in the middle of such a task.

        Raises:
            RuntimeAPIError: The Runtime API is gone, or has given this environment up.
            SystemExit: The wait was to end.
        """
        wait = exchange(self._connect(), NEXT, poll_next(self._handler.policy))
        poller = asyncio.Task(wait, loop=self.loop)
        interrupt_poller(shutdown, poller)
        try:
            return self.loop.run_until_complete(poller)
        except asyncio.CancelledError:
            if not shutdown.requested:
                raise
            leave_at_once()
        finally:
            shutdown.interrupt = leave_at_once

    def finish(
        self,
        invocation: Invocation,
        value: Any,
        stream: BlockingResponseStream | None,
        context: Context,
        slot: Slot | None = None,
    ) -> BaseException | None:
        """Answer an invocation whose handler has returned what has to be awaited.

        Args:
            invocation: The invocation.
            value: The handler's result.
            stream: The response of a handler that writes it itself.
            context: The context variables that the handler was called with.
            slot: A worker's note of it, which ends with the answer.

        Returns:
            The exception by which the handler ends the process, if it does.
        """

        async def finish() -> BaseException | None:
            pending = Pending(invocation, value, stream)
            return await self._server.finish(self._connect(), pending, context, slot)

        context.run(give_session, self._session.get)
        return self.run(finish())

    def work(self, invocation: Invocation, value: Any, context: Context) -> BaseException | None:
        """Await what work for the time after the response has returned.

        Args:
            invocation: The invocation that it belongs to.
            value: The awaitable.
            context: The context variables of the invocation.

        Returns:
            The exception by which it ends the process, if it does.
        """

        async def work() -> BaseException | None:
            return await self._server.work(invocation, value, context)

        return self.run(work())

    def end_leftovers(self, invocation: Invocation) -> None:
        """End the tasks that a handler has left, unless they may run on.

        Args:
            invocation: The handler's invocation.
        """
        self.run(self._server.end_leftovers(invocation))

    def enter(self, lifespan: Lifespan, context: Context) -> Any:
        """Enter a lifespan. One task enters and leaves it, as task groups and timeouts want it.

        Args:
            lifespan: The lifespan.
            context: The context variables, which it may set.

        Returns:
            The value that it yields.

        Raises:
            BaseException: Whatever it raises.
        """
        entered: asyncio.Future[tuple[BaseException | None, Any]] = self.loop.create_future()
        self._leave = self.loop.create_future()
        hold = _hold(lifespan, entered, self._leave, self._handler.complain)
        self._lifespan = asyncio.Task(hold, loop=self.loop, context=context)
        error, state = self.loop.run_until_complete(entered)
        if error is not None:
            raise error
        return state

    def leave(self) -> None:
        """Leave the lifespan, if it was entered here."""
        if not self.is_usable:
            return
        if self._leave is not None and self._lifespan is not None and not self._lifespan.done():
            if not self._leave.done():
                self._leave.set_result(None)
            self.loop.run_until_complete(self._lifespan)

    def close(self) -> None:
        """Close what invocations have shared, and end the event loop if it was made here."""
        if not self.is_usable:
            return
        with asyncio.Runner(loop_factory=lambda: self.loop) if self._is_ours else nullcontext():
            self.run(self._session.close())
            self.run(self._connect().close())
            if self._tasks is not None:
                self.loop.set_task_factory(None)
        if self._is_ours:
            asyncio.set_event_loop(None)


async def _hold(
    lifespan: Lifespan,
    entered: asyncio.Future[tuple[BaseException | None, Any]],
    leave: asyncio.Future[None],
    complain: Callable[[BaseException], object],
) -> None:
    try:
        state = await lifespan.enter_async()
    except BaseException as error:  # noqa: BLE001 (it may raise anything)
        entered.set_result((error, None))
        return
    entered.set_result((None, state))
    await leave
    await lifespan.exit_async(complain)


def connected(
    program: Program, transport: SocketTransport, shutdown: Shutdown, value: object
) -> EventLoop:
    """Return the event loop of a program that is called outside of one.

    Args:
        program: The program.
        transport: The connection that it waits for invocations on.
        shutdown: The request to end it.
        value: The first value to await; None for one that is still to come.
    """
    connection: LoopSocketTransport | None = None

    def connect() -> LoopSocketTransport:
        nonlocal connection
        if connection is None:
            if transport.wakeup is not None:  # the event loop's own waits may miss signals too
                event_loop.loop.add_reader(transport.wakeup, transport.wakeup.read)
            address = program.environment.api
            connection = LoopSocketTransport(address, HEADERS, event_loop.is_idle, transport)
        return connection

    is_busy = shutdown.function_handles_sigterm
    loop = existing_loop(value)
    handler = program.handler
    event_loop = EventLoop(handler, program.options, loop, connect, is_busy)
    end_in_children(event_loop.loop, handler.log, handler.complain)
    return event_loop


def existing_loop(value: object) -> asyncio.AbstractEventLoop | None:
    """Return the event loop that a value belongs to, or else the current one, or None.

    Args:
        value: A future or a task, or anything else, which belongs to none.
    """
    if asyncio.isfuture(value):
        return value.get_loop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.12, if it makes one
        try:
            loop = asyncio.get_event_loop()
        except RuntimeError:  # there is none, and this is not the main thread; or Python 3.14
            return None
    return None if loop.is_closed() else loop
