"""The invocation loop for `def` handlers: one invocation after the other, in the main thread."""

from __future__ import annotations

from _contextvars import copy_context
from time import sleep

from ._function import ending_of, reject_awaitable, streams
from ._runtime_api import NEXT, delivered, delivering, polling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TypeVar

    from ._function import Function
    from ._in_flight import Slot
    from ._life import Life
    from ._response_stream import BlockingResponseStream
    from ._runtime_api import Answer, Call, Exchange, Invocation, Transport

    T = TypeVar("T")


def serve(
    transport: Transport, function: Function, life: Life, slot: Slot | None = None
) -> NoReturn:
    """Poll for invocations and answer them, for as long as the process lives.

    Args:
        transport: The way to the Runtime API.
        function: What to invoke.
        life: What ends the loop between two invocations.
        slot: Where the invocation is noted for the case that the process dies.

    Raises:
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
        SystemExit: The handler ended the process, and its caller was told before; or Lambda did.
    """
    policy = function.policy
    while True:
        life.wait()
        invocation = exchange(transport, NEXT, polling(policy))
        life.idle = False
        if slot is not None:
            slot.enter(invocation.request_id, invocation.invocation_id)
        # What a handler sets in the context must not be there for the next one.
        ending = copy_context().run(_serve_one, transport, function, invocation)
        if slot is not None:
            slot.leave()
        if ending is not None:
            raise ending


def _serve_one(
    transport: Transport, function: Function, invocation: Invocation
) -> BaseException | None:
    """Answer an invocation; return what the handler has raised to end the process."""
    ending = _answer(transport, function, invocation)
    for work, args, kwargs in invocation.after_response:  # it may become longer on the way
        try:
            reject_awaitable(work(*args, **kwargs), repr(work))
        except BaseException as error:  # noqa: BLE001 (a function may raise anything)
            function.complain(error, invocation.request_id)
            ending = ending or ending_of(error)
    if invocation.after_response:
        function.log.flush()
    invocation.over = True
    return ending


def _answer(
    transport: Transport, function: Function, invocation: Invocation
) -> BaseException | None:
    stream: BlockingResponseStream | None = None
    call: Call | None = None
    failure: BaseException | None = None
    try:
        if function.takes_stream:
            stream = _stream(transport, invocation)
        value = function.call(invocation, stream)
        if stream is not None:
            function.ignore(invocation, value)
        elif streams(value):
            stream = _stream(transport, invocation)
            stream.write_all(value)
        else:
            call = function.succeed(invocation, value)
    except BaseException as error:  # noqa: BLE001 (a handler may raise anything)
        failure = error
        if stream is None or not stream.begun:
            stream, call = None, function.fail(invocation, error)
    if stream is not None:
        _end_stream(stream, function, invocation, failure)
    elif call is not None:
        function.log.flush()
        exchange(transport, call, delivering(call, function.log, function.policy))
    return ending_of(failure)


def _stream(transport: Transport, invocation: Invocation) -> BlockingResponseStream:
    from ._response_stream import BlockingResponseStream

    return BlockingResponseStream(invocation, transport.upload)


def _end_stream(
    stream: BlockingResponseStream,
    function: Function,
    invocation: Invocation,
    error: BaseException | None,
) -> None:
    """End a response, well or in the middle."""
    trailers = function.break_off(invocation, error, stream) if error is not None else ()
    function.log.flush()
    try:
        answer = stream.end(trailers)
    except OSError as broken:
        function.lost(stream, broken)
    else:
        delivered(stream.call, answer, function.log, function.policy)


def exchange(transport: Transport, call: Call, attempts: Exchange[T]) -> T:
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
            sleep(delay)
        answer: Answer | OSError
        try:
            answer = transport.call(call)
        except OSError as error:
            answer = error
        try:
            delay = attempts.send(answer)
        except StopIteration as end:
            outcome: T = end.value
            return outcome
