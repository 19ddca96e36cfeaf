"""An invocation on the event loop: it is handled, answered, and its work and its tasks end."""

from __future__ import annotations

import asyncio
import sys
from asyncio import _enter_task as enter_task, _leave_task as leave_task
from types import CoroutineType

from lambda_logging.runtime import is_awaitable, is_streamed

from ._delivery import check_delivery, deliver
from ._options import freeze_hooks
from ._prepared_handler import PLAIN, ending_of
from ._shutdown import forks
from ._tasks import cancel_leftovers
from ._time_limit import TimeLimit, TimeLimits
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextvars import Context
    from typing import Any, TypeVar

    from ._delivery import Attempts
    from ._http1 import Request
    from ._in_flight import Slot
    from ._invocation import Invocation
    from ._options import Options
    from ._prepared_handler import PreparedHandler
    from ._response_stream import BlockingResponseStream, ResponseStream
    from ._transport import AsyncTransport, Response

    T = TypeVar("T")

# Python 3.12 can begin a task without a turn of the event loop.
_AT_ONCE: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}
# A turn of an event loop calls this; Python 3.11 no longer changes.
_run_handle: Callable[[asyncio.Handle], None] = vars(asyncio.Handle)["_run"]


class Pending:
    """An invocation whose handler was called outside of the event loop.

    Attributes:
        invocation: The invocation.
        stream: The response of a handler that writes it itself.
        value: The handler's result: an awaitable, or an async iterator.
    """

    __slots__ = ("invocation", "stream", "value")

    def __init__(
        self, invocation: Invocation, value: Any, stream: BlockingResponseStream | None
    ) -> None:
        self.invocation = invocation
        self.value = value
        self.stream = stream


class InvocationServer:
    """Serves invocations with a handler, each in a task of its own.

    Attributes:
        handler: The handler.
    """

    def __init__(self, handler: PreparedHandler, options: Options) -> None:
        """Prepare to serve.

        Args:
            handler: The handler.
            options: The options: the deadline's margin, and what becomes of leftover tasks.
        """
        self.handler = handler
        self._limits = TimeLimits(options.deadline_margin)
        self._leftovers = options.leftover_tasks
        self._known_leftovers: set[str] = set()

    def serve_one(
        self,
        transport: AsyncTransport,
        invocation: Invocation,
        poller: asyncio.Task[Any],
        slot: Slot | None = None,
    ) -> asyncio.Task[BaseException | None]:
        """Serve in a task: a context variable that a handler sets, or a cancellation, ends with it.

        Args:
            transport: The way to the Runtime API.
            invocation: The invocation.
            poller: The task that calls this.
            slot: A worker's note of it, which ends with the answer.

        Returns:
            The task, whose result is the exception by which the handler ends the process, or None.
        """
        limit = TimeLimit(invocation, self._limits)
        work = self._serve_one(transport, invocation, poller, slot, None, limit)
        return _limited(work, limit, invocation, poller)

    def finish(
        self,
        transport: AsyncTransport,
        pending: Pending,
        context: Context,
        slot: Slot | None = None,
    ) -> asyncio.Task[BaseException | None]:
        """Serve an invocation whose handler has been called.

        Args:
            transport: The way to the Runtime API.
            pending: The invocation, with what the handler has returned.
            context: The context variables that it was called with.
            slot: A worker's note of it, which ends with the answer.

        Returns:
            As for `serve_one`.
        """
        limit = TimeLimit(pending.invocation, self._limits)
        poller = this_task()
        work = self._serve_one(transport, pending.invocation, poller, slot, pending, limit)
        return _limited(work, limit, pending.invocation, poller, context)

    def work(
        self, invocation: Invocation, value: Any, context: Context
    ) -> asyncio.Task[BaseException | None]:
        """Await what work for the time after the response has returned.

        Args:
            invocation: The invocation that it belongs to.
            value: An awaitable.
            context: The context variables of the invocation.

        Returns:
            As for `serve_one`.
        """
        limit = TimeLimit(invocation, self._limits)
        poller = this_task()
        work = self._work(invocation, poller, limit, lambda: value)
        return _limited(work, limit, invocation, poller, context)

    async def _serve_one(
        self,
        transport: AsyncTransport,
        invocation: Invocation,
        poller: asyncio.Task[Any],
        slot: Slot | None,
        pending: Pending | None,
        limit: TimeLimit,
    ) -> BaseException | None:
        ending = await self._answer(transport, invocation, poller, slot, pending, limit)
        if forks.is_child:
            forks.end(ending)
        if invocation.after_response:
            ending = await self._work_on(invocation, poller, limit) or ending
        invocation.over = True
        if invocation.tasks:
            await self.end_leftovers(invocation)
        if freeze_hooks and not self.handler.is_concurrent:
            ending = self.handler.before_freeze() or ending
        return ending

    async def end_leftovers(self, invocation: Invocation) -> None:
        """End the tasks that a handler has left, unless they may run on.

        Args:
            invocation: The handler's invocation.
        """
        if self._leftovers == "cancel":
            await cancel_leftovers(invocation, self.handler.log, self._known_leftovers)

    async def _answer(
        self,
        transport: AsyncTransport,
        invocation: Invocation,
        poller: asyncio.Task[Any],
        slot: Slot | None,
        pending: Pending | None,
        limit: TimeLimit,
    ) -> BaseException | None:
        handler = self.handler
        stream: ResponseStream | BlockingResponseStream | None = None
        request: Request | None = None
        failure: BaseException | None = None
        value: Any = None
        try:
            try:
                if pending is not None:
                    value, stream = pending.value, pending.stream
                else:
                    if handler.takes_stream:
                        stream = _stream(transport, invocation)
                    value = handler.call(invocation, stream)
                if type(value) is CoroutineType or is_awaitable(value):
                    value = await value
                if forks.is_child:
                    forks.end()
                if stream is not None:
                    handler.ignore(invocation, value)
                elif type(value) not in PLAIN and is_streamed(value):
                    stream = response = _stream(transport, invocation)
                    await response.write_all(value)
                else:
                    request = handler.succeed(invocation, value)
                if _is_cancelled(poller):
                    await asyncio.sleep(0)  # for the cancellation
            except BaseException as error:
                if limit.has_caused(error):
                    raise self._timed_out(invocation, limit, error) from None
                raise
            finally:
                limit.end()
        except BaseException as error:
            failure = error
            if forks.is_child:
                forks.end(error, handler.complain, invocation.request_id)
            if issubclass(type(error), asyncio.CancelledError) and poller.cancelling():
                handler.observe_end(invocation, None, error, stream, None)
                raise  # it is the program that ends
            if stream is None or not stream.begun:
                stream, request = None, handler.fail(invocation, error)
        problem: BaseException | None = None
        try:
            if stream is not None:
                problem = await self._end_stream(stream, invocation, failure)
            elif request is not None:
                handler.log.flush()
                problem = await self._deliver(transport, request)
            if slot is not None:
                slot.leave()  # whatever happens now, it has been answered
        except BaseException as error:
            problem = error
            raise
        finally:
            if invocation.tell_observers is not None:
                reason = problem if failure is None else failure  # which may be false
                handler.observe_end(invocation, value, reason, stream, request)
        return ending_of(failure)

    async def _deliver(self, transport: AsyncTransport, request: Request) -> Exception | None:
        handler = self.handler
        first: Response | OSError
        try:  # nearly always, one attempt is enough
            first = await transport.round_trip(request)
            if first.status < 300:
                return None
        except OSError as error:
            first = error
        attempts = deliver(request, handler.log, handler.policy, first)
        return await exchange(transport, request, attempts)

    async def _end_stream(
        self,
        stream: ResponseStream | BlockingResponseStream,
        invocation: Invocation,
        error: BaseException | None,
    ) -> Exception | None:
        """End a response, well or in the middle; return the reason if Lambda has not taken it."""
        handler = self.handler
        trailers = handler.break_off(invocation, error, stream) if error is not None else ()
        handler.log.flush()
        try:
            response: Any = stream.end(trailers)
            if is_awaitable(response):
                response = await response
        except OSError as broken:
            handler.report_broken(stream, broken)
            return broken
        return check_delivery(stream.request, response, handler.log, handler.policy)

    async def _work_on(
        self, invocation: Invocation, poller: asyncio.Task[Any], limit: TimeLimit
    ) -> BaseException | None:
        """Do the work that the handler left for the time after its response."""
        ending: BaseException | None = None
        for work, args, kwargs in invocation.after_response:  # it may become longer on the way
            done = await self._work(invocation, poller, limit, work, *args, **kwargs)
            ending = ending or done
        invocation.after_response = ()  # arguments may refer to the context, and that to this
        self.handler.log.flush()
        return ending

    async def _work(
        self,
        invocation: Invocation,
        poller: asyncio.Task[Any],
        limit: TimeLimit,
        work: Callable[..., Any],
        *args: Any,
        **kwargs: Any,
    ) -> BaseException | None:
        limit.begin(invocation)
        try:
            value = work(*args, **kwargs)
            if type(value) is CoroutineType or is_awaitable(value):
                await value
            if forks.is_child:
                forks.end()
            if _is_cancelled(poller):
                await asyncio.sleep(0)  # for the cancellation
        except BaseException as error:
            limit.end()
            if forks.is_child:
                forks.end(error, self.handler.complain, invocation.request_id)
            if issubclass(type(error), asyncio.CancelledError) and poller.cancelling():
                raise
            failure = error
            if limit.has_caused(error):
                failure = self._timed_out(invocation, limit, error)
            self.handler.complain(failure, invocation.request_id)
            return ending_of(error)
        limit.end()
        return None

    def _timed_out(self, invocation: Invocation, limit: TimeLimit, error: BaseException) -> Fault:
        fault = Fault(
            "Sandbox.Timedout",
            f"RequestId: {invocation.request_id} Error: Task timed out after "
            f"{limit.left:.2f} seconds (cancelled {self._limits.margin:g} s before)",
        )
        # Only the handler's own line helps the reader.
        return fault.with_traceback(error.__traceback__)


def _stream(transport: AsyncTransport, invocation: Invocation) -> ResponseStream:
    from ._response_stream import ResponseStream

    return ResponseStream(invocation, transport.upload)


async def exchange(transport: AsyncTransport, request: Request, attempts: Attempts[T]) -> T:
    """Send a request until the rule has a result.

    Args:
        transport: The way to the Runtime API.
        request: The request.
        attempts: The rule that judges the responses.

    Returns:
        The rule's result.

    Raises:
        RuntimeAPIError: It came to nothing.
    """
    response: Response | OSError | None = None
    while True:
        try:
            delay = attempts.send(response)  # type: ignore[arg-type] # None starts a generator
        except StopIteration as end:
            result: T = end.value
            return result
        if delay:
            await asyncio.sleep(delay)
        try:
            response = await transport.round_trip(request)
        except OSError as error:
            response = error


def _limited(
    work: Coroutine[Any, Any, T],
    limit: TimeLimit,
    invocation: Invocation,
    poller: asyncio.Task[Any],
    context: Context | None = None,
) -> asyncio.Task[T]:
    task = _task(work, poller, context)
    if not task.done():
        limit.watch(task, invocation)
    return task


def _task(
    work: Coroutine[Any, Any, T], maker: asyncio.Task[Any], context: Context | None
) -> asyncio.Task[T]:
    # Without its event loop, Python cannot start it at once.
    loop = maker.get_loop()
    task = asyncio.Task(work, loop=loop, context=context, **_AT_ONCE)
    if not _AT_ONCE:
        _take_first_step(loop, maker)
    return task


def _take_first_step(loop: asyncio.AbstractEventLoop, maker: asyncio.Task[Any]) -> None:
    """Begin the task that was made last, as later versions of Python can: two turns less."""
    ready = getattr(loop, "_ready", None)
    if ready is None:  # not an event loop of asyncio's own
        return
    step = ready.pop()
    leave_task(loop, maker)
    try:
        _run_handle(step)
    finally:
        enter_task(loop, maker)


def this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 (for the type checker: everything here is in a task)
    return task


def _is_cancelled(poller: asyncio.Task[Any]) -> bool:
    """Return True if user code has cancelled this task: that would hit whatever is awaited next."""
    # By its event loop: to look for that one takes a call of the kernel each time.
    task = asyncio.current_task(poller.get_loop())
    return task is not None and task.cancelling() > 0
