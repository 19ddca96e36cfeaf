"""The loop for `def` handlers: one invocation after the other, in the main thread."""

from __future__ import annotations

from _contextvars import copy_context

from lambda_logging.runtime import (
    current_request,
    is_async_iterable,
    is_awaitable,
    is_streamed,
)

from ._delivery import NEXT, check_delivery, deliver, exchange, poll_next
from ._garbage import start_to_collect
from ._invocation import Invocation
from ._options import freeze_hooks, registered_observers
from ._prepared_handler import PLAIN, ending_of, reject_awaitable
from ._program import HEADERS, give_up
from ._shutdown import Shutdown, forks
from ._socket_transport import SocketTransport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context as ContextVariables
    from typing import Any, NoReturn, TypeAlias

    from ._delivery import RetryPolicy
    from ._event_loop import EventLoop
    from ._http1 import Request
    from ._in_flight import Slot
    from ._lifespan import Lifespan
    from ._prepared_handler import PreparedHandler
    from ._program import Program
    from ._response_stream import BlockingResponseStream
    from ._transport import Response, Transport
    from ._worker import Worker

    # The event loop that has to await what a handler has returned, that value, and its stream.
    Unfinished: TypeAlias = tuple[EventLoop, Any, BlockingResponseStream | None]


class OwnEventLoop:
    """The event loop for what a handler returns: there is none until there is something to await.

    Attributes:
        current: The event loop, or None.
    """

    __slots__ = ("_make", "current")

    def __init__(self, make: Callable[[object], EventLoop]) -> None:
        """Know how to make one.

        Args:
            make: Makes one for a value.
        """
        self.current: EventLoop | None = None
        self._make = make

    def for_value(self, value: object) -> EventLoop:
        """Return the event loop that awaits a value: always the same, unless somebody closes it.

        Args:
            value: An awaitable, or an async iterator; None for one that is still to come.
        """
        if self.current is None or not self.current.is_usable:
            self.current = self._make(value)
        return self.current


def start(program: Program, worker: Worker | None) -> NoReturn:
    """Enter the lifespan, wait for the snapshot if there is one, and serve.

    Args:
        program: The handler with its options.
        worker: The worker that this process is, if it is one.

    Raises:
        SystemExit: In the end.
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
    """
    handler, lifespan, shutdown = program.handler, program.lifespan, Shutdown()
    transport = SocketTransport(program.environment.api, HEADERS)

    def make_event_loop(value: object) -> EventLoop:
        from ._event_loop import connected

        return connected(program, transport, shutdown, value)

    own_loop = OwnEventLoop(make_event_loop)
    try:
        context = enter(handler, lifespan, own_loop)
        if forks.is_child:
            forks.end()
    except BaseException as error:  # noqa: BLE001 (a lifespan may raise anything)
        give_up(error, program.environment, handler.log)
    try:
        steps = program.snapshot_steps()
        if steps is not None:
            from ._snapstart import run_hooks

            run_hooks(steps, own_loop.current.wait if own_loop.current is not None else None)
        program.listen(shutdown, worker)
        start_to_collect()
        transport.wakeup = shutdown.wakeup()
        slot = worker.slots[0] if worker else None
        if context is not None:
            context.run(serve, transport, handler, shutdown, own_loop, slot)
        serve(transport, handler, shutdown, own_loop, slot)
    finally:
        shutdown.idle = False  # a signal does not disturb the end
        leave(handler, lifespan, own_loop)
        if own_loop.current is not None:
            own_loop.current.close()


def enter(
    handler: PreparedHandler, lifespan: Lifespan | None, own_loop: OwnEventLoop
) -> ContextVariables | None:
    """Enter the lifespan of a handler, and make its event loop if it may need one.

    Args:
        handler: The handler, which gets its state.
        lifespan: The lifespan, or None.
        own_loop: The event loop for what the handler returns.

    Returns:
        The context variables to serve with, if an event loop has entered the lifespan.

    Raises:
        BaseException: Whatever the lifespan raises.
    """
    if handler.may_be_async:
        event_loop = own_loop.for_value(None)  # in the init phase, it costs nothing
        if lifespan is not None and lifespan.needs_event_loop():
            context = copy_context()
            handler.state = event_loop.enter(lifespan, context)
            return context
    if lifespan is not None:
        handler.state = lifespan.enter()
    return None


def leave(handler: PreparedHandler, lifespan: Lifespan | None, own_loop: OwnEventLoop) -> None:
    """Leave the lifespan of a handler.

    Args:
        handler: The handler.
        lifespan: The lifespan, or None.
        own_loop: The event loop for what the handler returns.
    """
    if own_loop.current is not None:
        own_loop.current.leave()
    if lifespan is not None:
        lifespan.exit(handler.complain)


def serve(
    transport: Transport,
    handler: PreparedHandler,
    shutdown: Shutdown,
    own_loop: OwnEventLoop,
    slot: Slot | None = None,
) -> NoReturn:
    """Poll for invocations and answer them, for as long as the process lives.

    Args:
        transport: The way to the Runtime API.
        handler: The handler.
        shutdown: The request to end the loop between two invocations.
        own_loop: The event loop for what the handler returns.
        slot: A worker's note of its invocation, for the case that the process dies.

    Raises:
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
        SystemExit: The handler ended the process, after its caller got an error; or Lambda did.
    """
    while True:
        shutdown.idle = True
        if shutdown.requested:
            raise SystemExit(0)
        event_loop = own_loop.current
        if event_loop is None or event_loop.is_idle():
            invocation = _next_invocation(transport, handler.policy)
        else:
            invocation = event_loop.next_invocation(shutdown)
        shutdown.idle = False
        if slot is not None:
            slot.enter(invocation.request_id, invocation.invocation_id)
        # Context variables that a handler sets last, as under awslambdaric: the context of an
        # application may be entered by the first invocation, for all. Those of observers and
        # awaitables do not.
        if event_loop is None and not registered_observers and not handler.observers:
            ending = serve_one(transport, handler, invocation, own_loop, slot)
        else:
            context = copy_context()
            ending = serve_one(transport, handler, invocation, own_loop, slot, context)
        if ending is not None:
            raise ending


def serve_one(
    transport: Transport,
    handler: PreparedHandler,
    invocation: Invocation,
    own_loop: OwnEventLoop,
    slot: Slot | None = None,
    context: ContextVariables | None = None,
) -> BaseException | None:
    """Answer an invocation, and do the work that it left for the time after its response.

    Args:
        transport: The way to the Runtime API.
        handler: The handler.
        invocation: The invocation.
        own_loop: The event loop for what the handler returns.
        slot: A worker's note of it, which ends with the answer.
        context: The context variables to call the handler with; the current ones by default.

    Returns:
        The exception by which the handler ends the process, if it does.
    """
    if context is None:
        ending = _answer(transport, handler, invocation, own_loop, slot)
    else:
        ending = context.run(_answer, transport, handler, invocation, own_loop, slot)
    if ending is not None and isinstance(ending, tuple):
        event_loop, value, stream = ending
        if context is None:
            context = copy_context()
            current_request.set(None)
        return event_loop.finish(invocation, value, stream, context, slot)
    if forks.is_child:
        forks.end(ending)
    if invocation.after_response:
        variables = copy_context() if context is None else context
        ending = _work_on(handler, invocation, variables, own_loop.current) or ending
    invocation.over = True
    if invocation.tasks and own_loop.current is not None:
        own_loop.current.end_leftovers(invocation)
    if freeze_hooks and not handler.is_concurrent:
        hooks = handler.before_freeze
        ending = (hooks() if context is None else context.run(hooks)) or ending
    if context is None:
        current_request.set(None)
    return ending


def _work_on(
    handler: PreparedHandler,
    invocation: Invocation,
    context: ContextVariables,
    event_loop: EventLoop | None,
) -> BaseException | None:
    """Do the work that the handler left for the time after its response."""
    ending: BaseException | None = None
    for work, args, kwargs in invocation.after_response:  # it may become longer on the way
        failure: BaseException | None = None
        try:
            value: Any = context.run(work, *args, **kwargs)
            if value is None:  # nearly always: nothing has to be asked
                pass
            elif event_loop is None or not event_loop.is_usable:
                reject_awaitable(value, repr(work))
            elif is_awaitable(value):
                ending = event_loop.work(invocation, value, context) or ending
        except BaseException as error:  # noqa: BLE001 (a function may raise anything)
            failure = error
        done = handler.after_work(failure, invocation.request_id)
        ending = ending or done
    invocation.after_response = ()  # arguments may refer to the context, and that to this
    handler.log.flush()
    return ending


def _answer(
    transport: Transport,
    handler: PreparedHandler,
    invocation: Invocation,
    own_loop: OwnEventLoop,
    slot: Slot | None,
) -> BaseException | Unfinished | None:
    stream: BlockingResponseStream | None = None
    request: Request | None = None
    failure: BaseException | None = None
    value: Any = None
    try:
        if handler.takes_stream:
            stream = _stream(transport, invocation)
        value = handler.call(invocation, stream)
        if forks.is_child:
            forks.end()
        if type(value) in PLAIN and stream is None:
            request = handler.succeed(invocation, value)
        elif stream is not None and value is stream.WRITTEN:
            value = None  # what `lambda event, stream, context: stream.write(event)` returns
        elif is_awaitable(value) or is_async_iterable(value):
            return own_loop.for_value(value), value, stream
        elif stream is not None:
            handler.ignore(invocation, value)
        elif is_streamed(value):
            stream = _stream(transport, invocation)
            stream.write_all(value)
        else:
            request = handler.succeed(invocation, value)
    except BaseException as error:  # noqa: BLE001 (a handler may raise anything)
        failure = error
        if forks.is_child:
            forks.end(error, handler.complain, invocation.request_id)
        if stream is None or not stream.begun:
            stream, request = None, handler.fail(invocation, error)
    problem: BaseException | None = None
    try:
        if stream is not None:
            problem = _end_stream(stream, handler, invocation, failure)
        elif request is not None:
            handler.log.flush()
            problem = _deliver(transport, request, handler)
        if slot is not None:
            slot.leave()  # whatever happens now, it has been answered
    except BaseException as error:
        problem = error
        raise
    finally:
        if invocation.tell_observers is not None:
            reason = problem if failure is None else failure  # which may be false
            handler.observe_end(invocation, value, reason, stream, request)
    return None if failure is None else ending_of(failure)


def _stream(transport: Transport, invocation: Invocation) -> BlockingResponseStream:
    from ._response_stream import BlockingResponseStream

    return BlockingResponseStream(invocation, transport.upload)


def _end_stream(
    stream: BlockingResponseStream,
    handler: PreparedHandler,
    invocation: Invocation,
    error: BaseException | None,
) -> Exception | None:
    """End a response, well or in the middle; return the reason if Lambda has not taken it."""
    trailers = handler.break_off(invocation, error, stream) if error is not None else ()
    handler.log.flush()
    try:
        response = stream.end(trailers)
    except OSError as broken:
        handler.report_broken(stream, broken)
        return broken
    return check_delivery(stream.request, response, handler.log, handler.policy)


def _next_invocation(transport: Transport, policy: RetryPolicy) -> Invocation:
    first: Response | OSError
    try:  # nearly always, one attempt is enough
        first = transport.round_trip(NEXT)
        if first.status == 200:
            invocation = Invocation(first.headers, first.body)
            if invocation.request_id:
                return invocation
    except OSError as error:
        first = error
    return exchange(transport, NEXT, poll_next(policy, first))


def _deliver(transport: Transport, request: Request, handler: PreparedHandler) -> Exception | None:
    first: Response | OSError
    try:
        first = transport.round_trip(request)
        if first.status < 300:
            return None
    except OSError as error:
        first = error
    return exchange(transport, request, deliver(request, handler.log, handler.policy, first))
