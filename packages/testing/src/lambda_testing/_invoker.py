"""A handler, called in this process as a runtime calls it."""

from __future__ import annotations

import asyncio
import contextvars
import math
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, Unpack

from multidict import CIMultiDict

from lambda_runtime import in_process

from . import _wire as wire
from ._event import InvocationOptions, event_headers
from ._outcome import Chunk, Outcome
from ._recording import recording
from ._result import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from ._function import Function

_T = TypeVar("_T")


class HandlerOptions(TypedDict, total=False):
    """What stands around a handler, as `lambda_runtime.run` takes it.

    Attributes:
        lifespan: A context manager, or what returns one: entered and left with each invocation.
        middleware: Functions around the handler, outermost first.
        converter: A cattrs converter for events and results.
        deadline_margin: Seconds before the deadline at which an async handler is cancelled.
        leftover_tasks: What happens to tasks that an async handler leaves behind.
    """

    lifespan: Any
    middleware: Sequence[Callable[..., Any]]
    converter: Any
    deadline_margin: float | None
    leftover_tasks: Literal["cancel", "keep"]


class InvokeOptions(InvocationOptions, HandlerOptions, total=False):
    """What can be said of an invocation, and of the handler.

    Attributes:
        timeout: Seconds that it may take; the function's by default. Only async handlers are held
            to it.
    """

    timeout: float | None


class Invoker:
    """Invokes handlers through lambda-runtime's own loop, without a process and without a socket.

    Events are decoded, middleware is called, results are encoded, errors reported and responses
    streamed as on Lambda. Handlers may be of any kind that `lambda_runtime.run` takes.

    Attributes:
        function: What the handlers are told of their function.
    """

    def __init__(self, function: Function) -> None:
        """Prepare to invoke.

        Args:
            function: What the handlers are told of their function.
        """
        self.function = function
        self._runners: dict[int, asyncio.Runner] = {}

    def __call__(
        self,
        handler: Callable[..., Any] | str,
        event: object,
        **options: Unpack[InvokeOptions],
    ) -> Result:
        """Invoke a handler, and wait for the end.

        An async handler runs on an event loop that the test's invocations share, and that is not
        the test's own: for that, see `on_loop`.

        Args:
            handler: The handler, or its name as ``"module.function"``.
            event: The event: bytes are taken as they are, anything else as JSON; attrs classes and
                dataclasses, such as those of lambda-events, are encoded.
            **options: See `InvocationOptions`, `HandlerOptions` and `InvokeOptions`.

        Returns:
            What became of it.

        Raises:
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
            Exception: The handler cannot be imported or served, or its lifespan fails.
        """
        call = _Call(self.function, handler, event, options)
        if not call.is_async and not _loop_runs():
            return call.run()
        if _loop_runs():  # it must not be blocked by another loop in its own thread
            with ThreadPoolExecutor(1) as thread:
                work = call.run if not call.is_async else lambda: asyncio.run(call.run_async())
                return thread.submit(contextvars.copy_context().run, work).result()
        return self._run(call.run_async())

    async def on_loop(
        self,
        handler: Callable[..., Any] | str,
        event: object,
        **options: Unpack[InvokeOptions],
    ) -> Result:
        """Invoke a handler from an async test, on the test's own event loop.

        Other tasks of the test go on, several invocations may run at the same time, and the handler
        may use what belongs to the loop. A handler that is no ``async def`` runs in a thread.

        Args:
            handler: The handler, or its name as ``"module.function"``.
            event: The event, as for `__call__`.
            **options: See `InvocationOptions`, `HandlerOptions` and `InvokeOptions`.

        Returns:
            What became of it.

        Raises:
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
            Exception: The handler cannot be imported or served, or its lifespan fails.
        """
        call = _Call(self.function, handler, event, options)
        if call.is_async:
            return await call.run_async()
        return await asyncio.to_thread(call.run)

    def close(self) -> None:
        """End the event loop, and what handlers have left running there."""
        while self._runners:
            self._runners.popitem()[1].close()

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        runner = self._runners.setdefault(threading.get_ident(), asyncio.Runner())
        return runner.run(work)


class _Call:
    """One invocation of a handler."""

    def __init__(
        self,
        function: Function,
        handler: Callable[..., Any] | str,
        event: object,
        options: InvokeOptions,
    ) -> None:
        given: Mapping[str, Any] = options
        around = {name: given[name] for name in HandlerOptions.__annotations__ if name in given}
        self._body = event if isinstance(event, bytes) else in_process.encode(event)
        self._headers = told(function, options.get("timeout"), options)
        self._target = in_process.InProcess(handler, **around)
        self.is_async = self._target.is_async

    def run(self) -> Result:
        with recording() as output:
            start = time.monotonic()
            with self._target as target:
                sent = target.invoke(self._headers, self._body)
        return _result(sent, start, output)

    async def run_async(self) -> Result:
        with recording() as output:
            start = time.monotonic()
            async with self._target as target:
                sent = await target.invoke_async(self._headers, self._body)
        return _result(sent, start, output)


def told(function: Function, timeout: float | None, options: InvocationOptions) -> dict[str, str]:
    """Return the headers by which a runtime is told of an invocation that begins now.

    Args:
        function: What is invoked.
        timeout: Seconds to the deadline; the function's by default.
        options: What else is known.

    Returns:
        Values by lower-case name.
    """
    request_id = options.get("request_id") or str(uuid.uuid4())
    invocation_id = options.get("invocation_id", None)
    headers = event_headers(
        function, request_id, None if invocation_id is ... else invocation_id, options
    )
    seconds = function.timeout if timeout is None else timeout
    headers.setdefault(wire.DEADLINE, str(math.floor((time.time() + seconds) * 1000)))
    return {name.lower(): value for name, value in headers.items() if value is not None}


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _result(sent: in_process.Sent, start: float, output: list[str]) -> Result:
    end = time.monotonic()
    if sent.raised is not None and not isinstance(sent.raised, (Exception, SystemExit)):
        raise sent.raised  # Ctrl-C, or a verdict of the test's own, as pytest.fail
    kind: Any = sent.kind
    body = sent.body
    if sent.status == 413:
        kind, body = "error", wire.RESPONSE_TOO_LARGE
    elif wire.ERROR_TYPE in sent.trailers:
        kind = "stream_error"
    outcome = Outcome(
        kind=kind,
        body=body,
        headers=CIMultiDict(sent.headers),
        trailers=CIMultiDict(sent.trailers),
        chunks=tuple(Chunk(data, len(data), when) for data, when in sent.parts or ()),
        delivered=start,
        answered=end,
    )
    return Result(outcome, "".join(output), duration=end - start, raised=sent.raised)
