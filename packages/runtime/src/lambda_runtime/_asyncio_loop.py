"""The invocation loop for `async def` handlers: one invocation after the other, on one event loop."""

from __future__ import annotations

import asyncio

from ._runtime_api import NEXT, delivering, polling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TypeVar

    from aiohttp import ClientSession

    from ._function import Function
    from ._runtime_api import Answer, AsyncTransport, Call, Exchange

    T = TypeVar("T")


async def serve(transport: AsyncTransport, function: Function) -> NoReturn:
    """Poll for invocations and answer them, for as long as the process lives.

    Args:
        transport: The way to the Runtime API; it is closed in the end.
        function: What to invoke.

    Raises:
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
        SystemExit: The handler ended the process; its caller was told before.
    """
    session = _SharedSession()
    function.session = session.get
    try:
        while True:
            await _serve_next(transport, function)
    finally:
        await session.close()
        await transport.close()


async def _serve_next(transport: AsyncTransport, function: Function) -> None:
    invocation = await exchange(transport, NEXT, polling())
    ending: BaseException | None = None
    try:
        value = function.call(invocation)
        if hasattr(value, "__await__"):
            value = await value
        call = function.succeed(invocation, value)
    except BaseException as error:
        if isinstance(error, asyncio.CancelledError) and _is_cancelled():
            raise
        call = function.fail(invocation, error)
        if isinstance(error, (SystemExit, KeyboardInterrupt)):
            ending = error
    function.log.flush()
    await exchange(transport, call, delivering(call, function.log))
    if ending is not None:
        raise ending


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


def _is_cancelled() -> bool:
    """Tell the end of the program from a cancellation that the handler brought on itself."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class _SharedSession:
    """The aiohttp session of `Context.session`, made when a handler first asks for it."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    def get(self) -> ClientSession:
        if self._session is None or self._session.closed:
            from aiohttp import ClientSession

            self._session = ClientSession()
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
