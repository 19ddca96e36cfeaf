"""The invocation loop for `def` handlers: one invocation after the other, in the main thread."""

from __future__ import annotations

from time import sleep

from ._runtime_api import NEXT, delivering, polling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TypeVar

    from ._function import Function
    from ._runtime_api import Answer, Call, Exchange, Transport

    T = TypeVar("T")


def serve(transport: Transport, function: Function) -> NoReturn:
    """Poll for invocations and answer them, for as long as the process lives.

    Args:
        transport: The way to the Runtime API.
        function: What to invoke.

    Raises:
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
        SystemExit: The handler ended the process; its caller was told before.
    """
    while True:
        invocation = exchange(transport, NEXT, polling())
        ending: BaseException | None = None
        try:
            call = function.succeed(invocation, function.call(invocation))
        except BaseException as error:  # noqa: BLE001 (a handler may raise anything)
            call = function.fail(invocation, error)
            if isinstance(error, (SystemExit, KeyboardInterrupt)):
                ending = error
        function.log.flush()
        exchange(transport, call, delivering(call, function.log))
        if ending is not None:
            raise ending


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
