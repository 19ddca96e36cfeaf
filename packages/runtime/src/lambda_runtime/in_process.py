"""A function in the process at hand, without a Runtime API: for tests, and for who embeds one.

Events, results and exceptions take the same loops as on Lambda. Only the wire is missing.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import copy_context
from time import monotonic

from ._blocking_loop import OwnEventLoop, enter, leave, serve_one
from ._context import Context
from ._environment import Environment
from ._handler import load
from ._http1 import Response
from ._invocation import Invocation
from ._json import encode
from ._options import Options, options_of
from ._prepared_handler import PreparedHandler
from .compatibility import provide
from .contract import MAX_PAYLOAD_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from types import TracebackType
    from typing import Any, Literal, Self, Unpack

    from ._asyncio_invocation import InvocationServer
    from ._event_loop import EventLoop
    from ._http1 import Request
    from ._response_stream import BlockingResponseStream, ResponseStream
    from ._session import SharedSession
    from .types import HandlerOptions

__all__ = ["InProcess", "Sent", "encode", "load", "make_context", "printed_logging"]


class Sent:
    """The output of a function for one invocation.

    Attributes:
        kind: ``response``, or ``error`` for the report of an error.
        headers: Headers by name.
        body: All bytes of it.
        parts: The parts of a streamed response, each with its time in seconds of
            `time.monotonic`; None for one that was sent in one piece.
        trailers: Trailers by name.
        status: Lambda's reply: 202, or 413 for more than it takes in one piece.
        raised: The handler's exception, or the reason why its result was not sent; or None.
    """

    def __init__(self) -> None:
        self.kind: Literal["response", "error"] = "response"
        self.headers: dict[str, str] = {}
        self.body = b""
        self.parts: list[tuple[bytes, float]] | None = None
        self.trailers: dict[str, str] = {}
        self.status = 0
        self.raised: BaseException | None = None


class InProcess:
    """A function that is invoked by a call. As a context, it is inside its lifespan.

    An ``async def`` handler takes ``async with`` and `invoke_async`; others take ``with`` and
    `invoke`. Nothing ends the process: what a handler raises to do so is reported like all else. An
    awaitable that a plain handler returns is awaited on the current event loop, which stays open,
    or on one that ends with the ``with``.
    """

    def __init__(
        self, handler: Callable[..., Any] | str, **options: Unpack[HandlerOptions]
    ) -> None:
        """Prepare a function.

        Args:
            handler: The handler, or its name as ``"module.function"``.
            **options: As for `run`; they overrule those that `function` has bound to the handler.
                ``transport`` and ``graceful_shutdown`` have no effect here.

        Raises:
            Exception: The handler cannot be imported, or cannot be served.
        """
        from lambda_logging import PlatformLog

        given = Options(options)
        provide()
        if isinstance(handler, str):
            handler = load(handler)
        self._options = options_of(handler).overruled_by(given)
        environment = Environment()
        log = PlatformLog(_Printed(), json=environment.logs_json)
        self._handler = _WatchedHandler(handler, log, self._options, environment)
        self._lifespan = _lifespan(self._options.lifespan)
        self._own_loop = OwnEventLoop(self._make_event_loop)
        self._wire = _Wire()
        self._server: InvocationServer | None = None
        self._session: SharedSession | None = None
        self._watches_tasks = False

    @property
    def is_async(self) -> bool:
        """True if the handler needs an event loop."""
        return self._handler.is_async

    def __enter__(self) -> Self:
        enter(self._handler, self._lifespan, self._own_loop)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        leave(self._handler, self._lifespan, self._own_loop)
        event_loop, self._own_loop.current = self._own_loop.current, None
        if event_loop is not None:
            event_loop.close()

    async def __aenter__(self) -> Self:
        from asyncio import get_running_loop

        from ._asyncio_invocation import InvocationServer
        from ._session import SharedSession
        from ._tasks import Tasks

        loop = get_running_loop()
        if loop.get_task_factory() is None:  # else it is another's loop, or another is in here too
            Tasks(loop)
            self._watches_tasks = True
        self._session = SharedSession()
        self._handler.session = self._session.get
        self._server = InvocationServer(self._handler, self._options)
        if self._lifespan is not None:
            self._handler.state = await self._lifespan.enter_async()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        from asyncio import get_running_loop

        if self._lifespan is not None:
            await self._lifespan.exit_async(self._handler.complain)
        if self._session is not None:
            await self._session.close()
        if self._watches_tasks:
            get_running_loop().set_task_factory(None)

    def invoke(self, headers: Mapping[str, str], body: bytes) -> Sent:
        """Invoke a handler that is not an ``async def``.

        Args:
            headers: The headers of the invocation, by lower-case name.
            body: The event.

        Returns:
            The response or the error report that the function sent.
        """
        self._wire = wire = _Wire()
        invocation = Invocation(headers, body)
        serve_one(wire, self._handler, invocation, self._own_loop, context=copy_context())
        return self._finish(wire.sent, invocation)

    async def invoke_async(self, headers: Mapping[str, str], body: bytes) -> Sent:
        """Invoke an ``async def`` handler on the running event loop.

        Args:
            headers: The headers of the invocation, by lower-case name.
            body: The event.

        Returns:
            The response or the error report that the function sent.

        Raises:
            RuntimeError: It is not inside ``async with``.
        """
        from ._asyncio_invocation import this_task

        if self._server is None:
            raise RuntimeError("an async handler is invoked inside `async with`")
        wire = _AsyncWire(_Wire())
        invocation = Invocation(headers, body)
        await self._server.serve_one(wire, invocation, this_task())
        return self._finish(wire.sent, invocation)

    def _make_event_loop(self, value: object) -> EventLoop:
        from ._event_loop import EventLoop, existing_loop

        loop = existing_loop(value)
        return EventLoop(self._handler, self._options, loop, lambda: _AsyncWire(self._wire))

    def _finish(self, sent: Sent, invocation: Invocation) -> Sent:
        sent.raised = self._handler.raised.pop(invocation, None)
        return sent


def make_context(headers: Mapping[str, str], environ: Mapping[str, str]) -> Context:
    """Return the context of an invocation that nobody serves.

    Args:
        headers: The headers of the invocation, by lower-case name.
        environ: The function's variables (``AWS_LAMBDA_FUNCTION_NAME`` and so on).

    Returns:
        The context.

    Raises:
        Fault: The client context or the identity is not the JSON object that it should be.
    """
    return Context(Invocation(headers, b""), environ)


@contextmanager
def printed_logging() -> Generator[None]:
    """Let the standard library's ``logging`` print its records, as it does on Lambda.

    Other handlers of the root logger stay what they are.
    """
    import logging

    from lambda_logging.runtime import root_handler

    root = logging.getLogger()
    if root_handler in root.handlers:
        yield
        return
    root.addHandler(root_handler)
    try:
        yield
    finally:
        root.removeHandler(root_handler)


class _WatchedHandler(PreparedHandler):
    """A function that keeps what its handler raised, by invocation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_alone = False  # a test may have several invocations at a time
        self.raised: dict[Invocation, BaseException] = {}

    def fail(self, invocation: Invocation, error: BaseException) -> Request:
        self.raised[invocation] = error
        return super().fail(invocation, error)

    def break_off(
        self,
        invocation: Invocation,
        error: BaseException,
        stream: BlockingResponseStream | ResponseStream,
    ) -> tuple[tuple[str, str], ...]:
        self.raised[invocation] = error
        return super().break_off(invocation, error, stream)


class _Wire:
    """A transport, and the upload that it may have, which keep what they are given."""

    def __init__(self) -> None:
        self.sent = Sent()
        self.response: Response | None = None

    def round_trip(self, request: Request) -> Response:
        self._begin(request)
        self.sent.body = request.body or b""
        return self._respond(413 if len(self.sent.body) > MAX_PAYLOAD_BYTES else 202)

    def upload(self, request: Request) -> Self:
        self._begin(request)
        self.sent.parts = []
        return self

    def send(self, data: bytes) -> None:
        if self.sent.parts is not None:
            self.sent.parts.append((data, monotonic()))

    def end(self, trailers: Iterable[tuple[str, str]]) -> Response:
        self.sent.body = b"".join(data for data, _ in self.sent.parts or ())
        self.sent.trailers = dict(trailers)
        return self._respond(202)

    def close(self) -> None:
        """There is nothing to close."""

    def _begin(self, request: Request) -> None:
        self.sent.kind = "error" if request.path.endswith("/error") else "response"
        self.sent.headers = dict(request.headers)

    def _respond(self, status: int) -> Response:
        self.sent.status = status
        return Response(status, {}, b"", keep_alive=True)


class _AsyncWire:
    """A `_Wire` that is awaited."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self.response: Response | None = None

    @property
    def sent(self) -> Sent:
        return self._wire.sent

    async def round_trip(self, request: Request) -> Response:
        return self._wire.round_trip(request)

    async def upload(self, request: Request) -> _AsyncUpload:
        return _AsyncUpload(self._wire.upload(request))

    async def close(self) -> None:
        """There is nothing to close."""


class _AsyncUpload:
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self.response: Response | None = None

    async def send(self, data: bytes) -> None:
        self._wire.send(data)

    async def end(self, trailers: Iterable[tuple[str, str]]) -> Response:
        return self._wire.end(trailers)

    def close(self) -> None:
        """There is nothing to close."""


class _Printed:
    """A sink for records: whatever `sys.stdout` is at the time."""

    line_end = "\r"

    def write(self, record: bytes, level: str | None, *, json: bool, time_ns: int) -> None:  # noqa: ARG002 (a Sink)
        sys.stdout.write(record.decode("utf-8", "replace"))


def _lifespan(lifespan: Any) -> Any:
    if lifespan is None:
        return None
    from ._lifespan import Lifespan

    return Lifespan(lifespan)
