"""Agents that patch awslambdaric: what they put in its places is called around each invocation.

Loaded by ``awslambdaric.bootstrap`` of `lambda_runtime.compatibility`, when something imports that.
"""

from __future__ import annotations

import sys

from lambda_logging.runtime import is_awaitable, is_streamed

from . import _prepared_handler
from ._context import current_invocation
from ._invocation import failure_of
from ._prepared_handler import surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from typing import Any

    from lambda_logging import PlatformLog

    from ._context import Context
    from ._invocation import Invocation
    from ._prepared_handler import Call, PreparedHandler


class _Places:
    """The places that agents patch, and what stood there at first."""

    def __init__(self, bootstrap: Any) -> None:
        self.bootstrap = bootstrap
        self._original = self._now()

    def _now(self) -> tuple[object, ...]:
        client = self.bootstrap.LambdaRuntimeClient
        return (
            self.bootstrap.handle_event_request,
            client,
            client.post_invocation_result,
            client.post_invocation_error,
        )

    @property
    def are_patched(self) -> bool:
        return self._now() != self._original


_places: list[_Places] = []


def offer_places(module: str) -> None:
    """Call what agents put into a module around each invocation from now on.

    Args:
        module: The name of the module that stands for ``awslambdaric.bootstrap``.
    """
    _places[:] = [_Places(sys.modules[module])]
    if _through_agents in surroundings:
        return
    surroundings.append(_through_agents)
    if _prepared_handler.served is not None:
        _prepared_handler.served.surround(_through_agents)


def _through_agents(prepared: PreparedHandler, call: Call) -> Call:
    def through(event: Any, context: Context) -> Any:
        invocation = current_invocation()
        if invocation is None or not (_places[0].are_patched or calls_in_thread):
            return call(event, context)
        handling = _Handling(prepared, invocation, event, context)
        if prepared.is_async:
            return _stream_async(handling, call) if yields else _call_async(handling, call)
        return _stream(handling, call) if yields else handling.run(call)

    prepared.keeps_bodies = True  # the places get the event's bytes
    # Code that may run an event loop of its own cannot be called on ours, but it can in a thread.
    calls_in_thread = prepared.may_be_async
    if calls_in_thread:
        prepared.is_async, prepared.may_be_async = True, False
    yields = prepared.streams_response and not prepared.takes_stream
    return through


class _Handling:
    """One invocation on its way through the agents to the handler, and back."""

    def __init__(
        self, prepared: PreparedHandler, invocation: Invocation, event: Any, context: Context
    ) -> None:
        self._prepared = prepared
        self._invocation = invocation
        self._event = event
        self._context = context
        self._value: Any = None
        self._error: BaseException | None = None
        self._is_handled = False

    def run(self, call: Callable[[Any, Context], Any]) -> Any:
        """Call the handler by way of the agents; return its result, or raise what it raises."""
        invocation = self._invocation
        bootstrap = _places[0].bootstrap
        client = bootstrap.LambdaRuntimeClient("")
        client.in_hand = self
        bootstrap.handle_event_request(
            client,
            call,
            invocation.request_id,
            invocation.body,
            invocation.content_type,
            invocation.client_context,
            invocation.cognito_identity,
            invocation.arn,
            invocation.deadline_ms,
            invocation.tenant_id,
            LogSink(self._prepared.log),
            invocation.invocation_id,
        )
        if not self._is_handled:
            raise RuntimeError("an agent's wrapper around the handler has not called it")
        if self._error is not None:
            raise self._error
        return self._value

    def handle(self, client: Any, request_handler: Callable[[Any, Context], Any]) -> None:
        """Call what an agent has put around the handler, and the client's methods for its end."""
        self._is_handled = True
        invocation = self._invocation
        request_id, invocation_id = invocation.request_id, invocation.invocation_id
        try:
            self._value = value = request_handler(self._event, self._context)
            data, content_type = self._encoded(value)
        except BaseException as error:  # noqa: BLE001 (it is raised again where the loop sees it)
            self._error = error
            failure = failure_of(error, request_id)
            client.post_invocation_error(
                request_id, failure.body.decode(), failure.cause, invocation_id
            )
        else:
            client.post_invocation_result(request_id, data, content_type, invocation_id)

    def _encoded(self, value: Any) -> tuple[str | bytes, str]:
        if self._prepared.takes_stream or is_streamed(value):
            return "", "application/octet-stream"
        body = self._prepared.succeed(self._invocation, value).body or b""
        if isinstance(value, bytes):
            return body, "application/unknown"
        return body.decode(), "application/json"


class LogSink:
    """The log, with the methods that it has in awslambdaric."""

    def __init__(self, log: PlatformLog) -> None:
        self._log = log

    def log(self, msg: str, frame_type: object = None) -> None:  # noqa: ARG002 (its signature)
        """Write a message as it is."""
        self._log.raw(msg)

    def log_error(self, message_lines: list[str]) -> None:
        """Write the lines of an error."""
        self._log.raw("\r".join(message_lines) + "\n")


async def _call_async(handling: _Handling, call: Callable[[Any, Context], Awaitable[Any]]) -> Any:
    from ._blocking_call import BlockingCall, wait_for

    def request_handler(event: Any, context: Context) -> Any:
        value = call(event, context)
        return wait_for(value) if is_awaitable(value) else value

    return await BlockingCall(handling.run, request_handler).result()


async def _stream_async(
    handling: _Handling, call: Callable[[Any, Context], AsyncIterator[Any]]
) -> AsyncIterator[Any]:
    """Send what a handler yields while the agents wait for its end."""
    from asyncio import FIRST_COMPLETED, ensure_future, get_running_loop, wait

    from ._blocking_call import BlockingCall, wait_for

    loop = get_running_loop()
    begun, ended = loop.create_future(), loop.create_future()

    async def until_the_end(parts: AsyncIterator[Any]) -> None:
        begun.set_result(parts)
        await ended

    def request_handler(event: Any, context: Context) -> Any:
        parts = call(event, context)
        wait_for(until_the_end(parts))
        return parts

    result = ensure_future(BlockingCall(handling.run, request_handler).result())
    try:
        await wait({result, begun}, return_when=FIRST_COMPLETED)
        if begun.done():
            parts = begun.result()
            try:
                async for part in parts:
                    yield part
            except BaseException as error:
                if not ended.done():
                    ended.set_exception(error)
                raise
            finally:
                if hasattr(parts, "aclose"):
                    await parts.aclose()
    finally:
        if not ended.done():
            ended.set_result(None)
        await result


def _stream(handling: _Handling, call: Callable[[Any, Context], Iterator[Any]]) -> Iterator[Any]:
    """The same for a generator of a `def` handler."""
    from contextvars import copy_context
    from threading import Event, Thread

    begun, ended = Event(), Event()
    parts: list[Any] = []
    problem: list[BaseException] = []
    context_variables = copy_context()

    def request_handler(event: Any, context: Context) -> Any:
        parts.append(call(event, context))
        begun.set()
        ended.wait()
        if problem:
            raise problem[0]
        return parts[0]

    def run() -> None:
        try:
            context_variables.run(handling.run, request_handler)
        except BaseException as error:  # noqa: BLE001 (it is raised in the invocation's thread)
            problem.append(error)
        begun.set()

    thread = Thread(target=run, name="lambda-blocking-call", daemon=True)
    thread.start()
    begun.wait()
    try:
        for source in parts:
            try:
                yield from source
            except BaseException as error:
                problem.append(error)
                raise
    finally:
        ended.set()
        thread.join()
    if problem:
        raise problem[0]


def report_failed_start(error: dict[str, Any], error_type: str, log: PlatformLog) -> None:
    """Have the agents' code for a function that cannot start called.

    Args:
        error: The error object.
        error_type: The type, for Lambda's metrics.
        log: Gets the failures of agents.
    """
    try:
        _places[0].bootstrap.LambdaRuntimeClient("").post_init_error(error, error_type)
    except BaseException as problem:  # noqa: BLE001 (Lambda gets the report of the start all the same)
        log.failure(failure_of(problem).error)
