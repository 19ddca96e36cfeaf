"""The invocation loop for `async def` handlers: on one event loop, one or more at a time."""

from __future__ import annotations

import asyncio
import sys

from ._function import ending_of, streams
from ._runtime_api import NEXT, delivered, delivering, polling
from ._tasks import cancel_leftovers
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal, NoReturn, TypeVar

    from ._function import Function
    from ._in_flight import Slot
    from ._life import Life, SharedLife
    from ._response_stream import ResponseStream
    from ._runtime_api import Answer, AsyncTransport, Call, Exchange, Invocation

    T = TypeVar("T")
    LeftoverTasks = Literal["cancel", "keep"]

# Python 3.12 can begin a task without a turn of the event loop.
_AT_ONCE: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}


class Loop:
    """The invocation loop of one process.

    Attributes:
        function: What to invoke.
        margin: Seconds before an invocation's deadline at which its handler is cancelled, or None.
        leftovers: What happens to tasks that a handler leaves behind.
    """

    def __init__(self, function: Function, margin: float | None, leftovers: LeftoverTasks) -> None:
        """Prepare to serve.

        Args:
            function: What to invoke.
            margin: Seconds before an invocation's deadline at which its handler is cancelled.
            leftovers: What happens to tasks that a handler leaves behind.
        """
        self.function = function
        self.margin = margin
        self.leftovers = leftovers

    async def serve(self, transport: AsyncTransport, life: Life) -> NoReturn:
        """Answer invocations one after the other, for as long as the process lives.

        Args:
            transport: The way to the Runtime API; it is closed in the end.
            life: What ends the loop between two invocations.

        Raises:
            RuntimeAPIError: The Runtime API is gone, or has given this environment up.
            SystemExit: The handler ended the process, and its caller was told before; or Lambda did.
        """
        try:
            while True:
                life.wait()
                invocation = await exchange(transport, NEXT, polling())
                life.idle = False
                ending = await self._own_task(transport, invocation)
                if ending is not None:
                    raise ending
        finally:
            await transport.close()

    async def serve_many(
        self, transports: Sequence[AsyncTransport], life: SharedLife, slots: Sequence[Slot]
    ) -> None:
        """Answer as many invocations at the same time as there are transports.

        Args:
            transports: Ways to the Runtime API; they are closed in the end.
            life: What ends the pollers.
            slots: For each poller, where it notes its invocation for the case that it dies.

        Raises:
            RuntimeAPIError: The Runtime API is gone, or has given this environment up.
            SystemExit: A handler ended the process; its caller was told before.
        """
        pollers = [
            asyncio.Task(self._poll(transport, life, slot), name=f"lambda-poller-{number}")
            for number, (transport, slot) in enumerate(zip(transports, slots, strict=True))
        ]
        try:
            await asyncio.wait(pollers, return_when=asyncio.FIRST_COMPLETED)
            # One ends because all are to, or has trouble: the others may finish what they do.
            life.stop()
            await asyncio.wait(pollers)
        finally:
            for poller in pollers:
                poller.cancel()
            for transport in transports:
                await transport.close()
        for poller in pollers:
            if not poller.cancelled() and (ending := poller.result()) is not None:
                raise ending

    async def _poll(
        self, transport: AsyncTransport, life: SharedLife, slot: Slot
    ) -> BaseException | None:
        """Serve until the end; return what a handler has raised to bring it about."""
        poller = _this_task()
        while not life.stopping:
            life.idle.add(poller)
            try:
                invocation = await exchange(transport, NEXT, polling(self.function.policy))
            finally:
                life.idle.discard(poller)
            slot.enter(invocation.request_id, invocation.invocation_id)
            ending = await self._own_task(transport, invocation)
            slot.leave()
            if ending is not None:
                return ending
        return None

    def _own_task(
        self, transport: AsyncTransport, invocation: Invocation
    ) -> asyncio.Task[BaseException | None]:
        """Serve in a task: what a handler sets in the context, or cancels, ends with it."""
        loop = asyncio.get_running_loop()
        work = self._serve_one(transport, invocation, _this_task())
        return asyncio.Task(work, loop=loop, **_AT_ONCE)

    async def _serve_one(
        self, transport: AsyncTransport, invocation: Invocation, poller: asyncio.Task[Any]
    ) -> BaseException | None:
        ending = await self._answer(transport, invocation, poller)
        if invocation.after_response:
            ending = await self._work_on(invocation, poller) or ending
        invocation.over = True
        if invocation.tasks and self.leftovers == "cancel":
            await cancel_leftovers(invocation, self.function.log)
        return ending

    async def _answer(
        self, transport: AsyncTransport, invocation: Invocation, poller: asyncio.Task[Any]
    ) -> BaseException | None:
        function = self.function
        stream: ResponseStream | None = None
        call: Call | None = None
        failure: BaseException | None = None
        left = invocation.remaining()
        timeout = asyncio.timeout(self._limit(left))
        try:
            try:
                async with timeout:
                    if function.takes_stream:
                        stream = _stream(transport, invocation)
                    value = function.call(invocation, stream)
                    if hasattr(value, "__await__"):
                        value = await value
                    if stream is not None:
                        function.ignore(invocation, value)
                    elif streams(value):
                        stream = _stream(transport, invocation)
                        await stream.write_all(value)
                    else:
                        call = function.succeed(invocation, value)
                    await _meet_cancellation()
            except TimeoutError as error:
                if timeout.expired():
                    raise self._timed_out(invocation, left, error) from None
                raise
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and poller.cancelling():
                raise  # it is the program that ends
            failure = error
            if stream is None or not stream.begun:
                stream, call = None, function.fail(invocation, error)
        if stream is not None:
            await self._end_stream(stream, invocation, failure)
        elif call is not None:
            function.log.flush()
            await exchange(transport, call, delivering(call, function.log, function.policy))
        return ending_of(failure)

    async def _end_stream(
        self, stream: ResponseStream, invocation: Invocation, error: BaseException | None
    ) -> None:
        """End a response, well or in the middle."""
        function = self.function
        trailers = function.break_off(invocation, error, stream) if error is not None else ()
        function.log.flush()
        try:
            answer = await stream.end(trailers)
        except OSError as broken:
            function.lost(stream, broken)
        else:
            delivered(stream.call, answer, function.log, function.policy)

    async def _work_on(
        self, invocation: Invocation, poller: asyncio.Task[Any]
    ) -> BaseException | None:
        """Do what the handler left for the time after its answer."""
        ending: BaseException | None = None
        for work, args, kwargs in invocation.after_response:  # it may become longer on the way
            left = invocation.remaining()
            timeout = asyncio.timeout(self._limit(left))
            try:
                async with timeout:
                    value: Any = work(*args, **kwargs)
                    if hasattr(value, "__await__"):
                        await value
                    await _meet_cancellation()
            except BaseException as error:
                if isinstance(error, asyncio.CancelledError) and poller.cancelling():
                    raise
                failure = error
                if isinstance(error, TimeoutError) and timeout.expired():
                    failure = self._timed_out(invocation, left, error)
                self.function.complain(failure, invocation.request_id)
                ending = ending or ending_of(error)
        self.function.log.flush()
        return ending

    def _limit(self, left: float) -> float | None:
        """Return how many of the seconds left a handler has, or None if nobody counts them."""
        # A deadline that is past, or nearly, is Lambda's to judge: clocks jump after a thaw.
        if self.margin is None or left <= self.margin:
            return None
        return left - self.margin

    def _timed_out(self, invocation: Invocation, left: float, error: TimeoutError) -> Fault:
        fault = Fault(
            "Sandbox.Timedout",
            f"RequestId: {invocation.request_id} Error: Task timed out after {left:.2f} seconds "
            f"(cancelled {self.margin:g} s before)",
        )
        cancelled = error.__cause__
        # Where the handler was is what one wants to know.
        return fault.with_traceback(cancelled.__traceback__ if cancelled else None)


def _stream(transport: AsyncTransport, invocation: Invocation) -> ResponseStream:
    from ._response_stream import ResponseStream

    return ResponseStream(invocation, transport.upload)


async def exchange(transport: AsyncTransport, call: Call, attempts: Exchange[T]) -> T:
    """Send a call as often as it takes.

    Args:
        transport: The way to the Runtime API.
        call: What to send.
        attempts: What judges the answers.

    Returns:
        What the call was for.

    Raises:
        RuntimeAPIError: It came to nothing.
    """
    delay = next(attempts)
    while True:
        if delay:
            await asyncio.sleep(delay)
        answer: Answer | OSError
        try:
            answer = await transport.call(call)
        except OSError as error:
            answer = error
        try:
            delay = attempts.send(answer)
        except StopIteration as end:
            outcome: T = end.value
            return outcome


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 (for the type checker: everything here is in a task)
    return task


async def _meet_cancellation() -> None:
    """Let a cancellation come that user code asked for: it would hit whatever is awaited next."""
    if _this_task().cancelling():
        await asyncio.sleep(0)
