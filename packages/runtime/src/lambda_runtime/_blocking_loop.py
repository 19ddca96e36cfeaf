"""The loop for `def` handlers: one invocation after the other, in the main thread."""

from __future__ import annotations

from _contextvars import copy_context

from ._delivery import NEXT, check_delivery, deliver, exchange, poll_next
from ._garbage import start_to_collect
from ._invocation import Invocation
from ._prepared_handler import ending_of, reject_awaitable, streams
from ._program import HEADERS, give_up
from ._shutdown import Shutdown, forks
from ._socket_transport import SocketTransport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from ._delivery import RetryPolicy
    from ._http1 import Request
    from ._in_flight import Slot
    from ._prepared_handler import PreparedHandler
    from ._program import Program
    from ._response_stream import BlockingResponseStream
    from ._transport import Response, Transport
    from ._worker import Worker


def start(program: Program, worker: Worker | None) -> NoReturn:
    """Enter the lifespan, wait for the snapshot if there is one, and serve.

    Args:
        program: The handler with its options.
        worker: The worker that this process is, if it is one.

    Raises:
        SystemExit: In the end.
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
    """
    handler, lifespan = program.handler, program.lifespan
    try:
        if lifespan is not None:
            handler.state = lifespan.enter()
            if forks.is_child:
                forks.end()
    except BaseException as error:  # noqa: BLE001 (a lifespan may raise anything)
        give_up(error, program.environment, handler.log)
    try:
        steps = program.snapshot_steps()
        if steps is not None:
            from ._snapstart import run_hooks

            run_hooks(steps)
        shutdown = program.listen(Shutdown(), worker)
        start_to_collect()
        transport = SocketTransport(program.environment.api, HEADERS, shutdown.wakeup())
        serve(transport, handler, shutdown, worker.slots[0] if worker else None)
    finally:
        if lifespan is not None:
            lifespan.exit(handler.complain)


def serve(
    transport: Transport, handler: PreparedHandler, shutdown: Shutdown, slot: Slot | None = None
) -> NoReturn:
    """Poll for invocations and answer them, for as long as the process lives.

    Args:
        transport: The way to the Runtime API.
        handler: The handler.
        shutdown: The request to end the loop between two invocations.
        slot: A worker's note of its invocation, for the case that the process dies.

    Raises:
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
        SystemExit: The handler ended the process, after its caller was told; or Lambda did.
    """
    while True:
        shutdown.idle = True
        if shutdown.requested:
            raise SystemExit(0)
        invocation = _next_invocation(transport, handler.policy)
        shutdown.idle = False
        if slot is not None:
            slot.enter(invocation.request_id, invocation.invocation_id)
        # A context variable that a handler sets must not be there for the next one.
        ending = copy_context().run(serve_one, transport, handler, invocation, slot)
        if ending is not None:
            raise ending


def serve_one(
    transport: Transport,
    handler: PreparedHandler,
    invocation: Invocation,
    slot: Slot | None = None,
) -> BaseException | None:
    """Answer an invocation, and do the work that it left for the time after its response.

    Args:
        transport: The way to the Runtime API.
        handler: The handler.
        invocation: The invocation.
        slot: A worker's note of it, which ends with the answer.

    Returns:
        The exception by which the handler ends the process, if it does.
    """
    ending = _answer(transport, handler, invocation, slot)
    if forks.is_child:
        forks.end(ending)
    for work, args, kwargs in invocation.after_response:  # it may become longer on the way
        failure: BaseException | None = None
        try:
            reject_awaitable(work(*args, **kwargs), repr(work))
        except BaseException as error:  # noqa: BLE001 (a function may raise anything)
            failure = error
        if forks.is_child:
            forks.end(failure, handler.complain, invocation.request_id)
        if failure is not None:
            handler.complain(failure, invocation.request_id)
            ending = ending or ending_of(failure)
    if invocation.after_response:
        handler.log.flush()
    invocation.over = True
    return ending


def _answer(
    transport: Transport, handler: PreparedHandler, invocation: Invocation, slot: Slot | None
) -> BaseException | None:
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
        if stream is not None:
            handler.ignore(invocation, value)
        elif streams(value):
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
            handler.observe_end(invocation, value, failure or problem, stream, request)
    return ending_of(failure)


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
    first = _attempt(transport, NEXT)
    if not isinstance(first, OSError) and first.status == 200:
        invocation = Invocation(first.headers, first.body)
        if invocation.request_id:
            return invocation
    return exchange(transport, NEXT, poll_next(policy, first))


def _deliver(transport: Transport, request: Request, handler: PreparedHandler) -> Exception | None:
    first = _attempt(transport, request)
    if not isinstance(first, OSError) and first.status < 300:
        return None
    return exchange(transport, request, deliver(request, handler.log, handler.policy, first))


def _attempt(transport: Transport, request: Request) -> Response | OSError:
    """Send a request once: nearly always, that is enough."""
    try:
        return transport.round_trip(request)
    except OSError as error:
        return error
