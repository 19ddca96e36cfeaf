"""A handler, called in this process as a runtime calls it."""

from __future__ import annotations

import asyncio
import contextvars
import math
import socket
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from multidict import CIMultiDict

from lambda_runtime import in_process
from lambda_runtime.types import HandlerOptions

from . import _wire as wire
from ._event import InvocationOptions, event_headers
from ._outcome import Chunk, Outcome
from ._recording import recording
from ._result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._function import Function


class InvokeOptions(InvocationOptions, HandlerOptions, total=False):
    """Options of an invocation, and of the handler.

    Attributes:
        timeout: Seconds that it may take; the function's by default. Only async handlers are held
            to it.
    """

    timeout: float | None


_OF_THE_INVOCATION = frozenset((*InvocationOptions.__annotations__, "timeout"))


class Invoker:
    """Invokes handlers through lambda-runtime's own loop, without a process and without a socket.

    Events are decoded, middleware is called, results are encoded, errors reported and responses
    streamed as on Lambda. Handlers may be of any kind that `lambda_runtime.run` takes.

    Attributes:
        function: The function that the handlers are in.
    """

    def __init__(self, function: Function) -> None:
        """Prepare to invoke.

        Args:
            function: The function that the handlers are in.
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
        the test's own: for that, see `on_loop`. The same event loop awaits what a handler returns
        that is not an ``async def`` itself.

        Args:
            handler: The handler, or its name as ``"module.function"``.
            event: The event: bytes are taken as they are, anything else as JSON; attrs classes and
                dataclasses, such as those of lambda-events, are encoded.
            **options: See `InvocationOptions`, `HandlerOptions` and `InvokeOptions`.

        Returns:
            The response or the error, the log and the time that it took.

        Raises:
            TypeError: JSON has no such event, or there is no such option.
            ValueError: A header holds a control character.
            Exception: The handler cannot be imported or served, or its lifespan fails.
        """
        prepared = _Prepared(self.function, handler, event, options)
        if not _loop_runs():
            if prepared.is_async:
                return self._runner().run(prepared.run_async())
            if _sockets_are_allowed():  # an event loop has a pair of them
                # A handler's result may have to be awaited: on the same event loop.
                asyncio.set_event_loop(self._runner().get_loop())
            return prepared.run()
        with ThreadPoolExecutor(1) as thread:  # one thread cannot run a loop inside another
            run = prepared.run_on_new_loop if prepared.is_async else prepared.run_beside_loop
            return thread.submit(contextvars.copy_context().run, run).result()

    async def on_loop(
        self,
        handler: Callable[..., Any] | str,
        event: object,
        **options: Unpack[InvokeOptions],
    ) -> Result:
        """Invoke a handler from an async test, on the test's own event loop.

        Other tasks of the test go on, several invocations may run at the same time, and the handler
        may use what belongs to the loop. A handler that is not an ``async def`` runs in a thread.

        Args:
            handler: The handler, or its name as ``"module.function"``.
            event: The event, as for `__call__`.
            **options: See `InvocationOptions`, `HandlerOptions` and `InvokeOptions`.

        Returns:
            The response or the error, the log and the time that it took.

        Raises:
            TypeError: JSON has no such event, or there is no such option.
            ValueError: A header holds a control character.
            Exception: The handler cannot be imported or served, or its lifespan fails.
        """
        prepared = _Prepared(self.function, handler, event, options)
        if prepared.is_async:
            return await prepared.run_async()
        return await asyncio.to_thread(prepared.run_beside_loop)

    def close(self) -> None:
        """End the event loop, and the tasks that handlers have left there."""
        while self._runners:
            self._runners.popitem()[1].close()

    def _runner(self) -> asyncio.Runner:
        return self._runners.setdefault(threading.get_ident(), asyncio.Runner())


class _Prepared:
    """An invocation of a handler that can run."""

    def __init__(
        self,
        function: Function,
        handler: Callable[..., Any] | str,
        event: object,
        options: InvokeOptions,
    ) -> None:
        # Only what is given: defaults would overrule the options that are bound to the handler.
        of_handler: dict[str, Any] = {
            name: value for name, value in options.items() if name not in _OF_THE_INVOCATION
        }
        self._body = event if isinstance(event, bytes) else in_process.encode(event)
        # The deadline counts from the invocation, and not from the start of the handler.
        self._make_headers = partial(invocation_headers, function, options.get("timeout"), options)
        self._handler = in_process.InProcess(handler, **of_handler)
        self.is_async = self._handler.is_async

    def run(self) -> Result:
        with recording() as output:
            start = time.monotonic()
            with self._handler as entered:
                sent = entered.invoke(self._make_headers(), self._body)
        return _result(sent, start, output)

    async def run_async(self) -> Result:
        with recording() as output:
            start = time.monotonic()
            async with self._handler as entered:
                sent = await entered.invoke_async(self._make_headers(), self._body)
        return _result(sent, start, output)

    def run_beside_loop(self) -> Result:
        with asyncio.Runner() as runner:
            runner.get_loop()  # becomes the thread's current one
            return self.run()

    def run_on_new_loop(self) -> Result:
        return asyncio.run(self.run_async())


def invocation_headers(
    function: Function, timeout: float | None, options: InvocationOptions
) -> dict[str, str]:
    """Return the headers of an invocation that begins now, by lower-case name.

    Args:
        function: The function that is invoked.
        timeout: Seconds to the deadline; the function's by default.
        options: The options of the invocation.
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


def _sockets_are_allowed() -> bool:
    """Return False if a plugin such as pytest-socket keeps tests from making sockets."""
    try:
        socket.socket(socket.AF_UNIX).close()
    except Exception:  # noqa: BLE001 (each plugin raises its own)
        return False
    return True


def _ends_the_test(error: BaseException) -> bool:
    """Return True for Ctrl-C, a verdict of the test's own such as pytest.fail, or its end."""
    if not isinstance(error, asyncio.CancelledError):
        return not isinstance(error, (Exception, SystemExit))
    if not _loop_runs():
        return False
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0  # else the handler's own error


def _result(sent: in_process.Sent, start: float, output: list[str]) -> Result:
    end = time.monotonic()
    if sent.raised is not None and _ends_the_test(sent.raised):
        raise sent.raised
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
