"""ASGI applications as handlers."""

from __future__ import annotations

import asyncio

from lambda_runtime import Fault, current_context, function
from lambda_runtime.contract import MAX_PAYLOAD_BYTES

from ._exchange import Disconnected, Exchange
from ._frameworks import view_of
from ._front_end import front_end_of
from ._lifespan import LateStartup, Lifespan
from ._media_types import TEXT_TYPES, TextTypes
from ._mount import Mount, normalized
from ._response import Response, ResponseTooLarge, TooManyBytes, body_fields
from ._route import route_finder
from ._scope import http_scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
    from typing import Any

    from lambda_runtime import Context, HttpPrelude

    from ._exchange import Application
    from ._frameworks import View
    from ._front_end import FrontEnd
    from ._lifespan import Mode

_LARGE = MAX_PAYLOAD_BYTES // 6  # a smaller body fits, with any headers
_NAMES_OF_BODY_FIELDS = 40
_INTERNAL_SERVER_ERROR = (
    500,
    ((b"content-type", b"text/plain; charset=utf-8"),),
    b"Internal Server Error",
)


class AsgiHandler:
    """An ASGI application as a handler, for requests of every HTTP front end of Lambda.

    It is a handler like any other: for `lambda_runtime.run`, by its name, with the options of
    `lambda_runtime.function`, and in tests.
    """

    def __init__(
        self,
        app: Application,
        *,
        streaming: bool = False,
        base_path: str = "",
        lifespan: Mode = "auto",
        other: Callable[..., Any] | None = None,
        text_types: Iterable[str] = TEXT_TYPES,
    ) -> None:
        """Make a handler of an application.

        Args:
            app: The application: an async callable that takes ``(scope, receive, send)``.
            streaming: True to stream responses: for function URLs with the invoke mode
                ``RESPONSE_STREAM``, and REST APIs with response streaming. Front ends that cannot
                stream get the response whole.
            base_path: The path that the application is published at, such as ``/shop``, where the
                event does not have it. Requests below it reach the application without it, and
                links that the application makes have it.
            lifespan: ``"auto"`` runs the application's lifespan if it has one, ``"on"`` fails the
                start if it has none, and ``"off"`` does not ask.
            other: The handler of events that are not HTTP requests, of any kind that takes
                ``(event)`` or ``(event, context)``.
            text_types: Media types of bodies that are sent as text, not in base64: such as
                ``"text/*"``, with one asterisk at most.

        Raises:
            TypeError: An argument is of a wrong type.
            ValueError: There is no such mode of the lifespan, or `other` has a lifespan.
        """
        if not callable(app):
            raise TypeError(f"{app!r} is not an ASGI application: it cannot be called")
        if other is not None and not callable(other):
            raise TypeError(f"other={other!r} is not a handler: it cannot be called")
        if lifespan not in ("auto", "on", "off"):
            raise ValueError(f"lifespan={lifespan!r}: choose one of auto, on, off")
        self.app = app
        self._base_path = normalized(base_path)
        self._view: View | None = None
        self._is_streaming = streaming
        self._mode: Mode = lifespan
        self._other = None if other is None else _delegated(other)
        self._state: dict[str, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None  # that the lifespan runs on
        self._late_startup: LateStartup | None = None
        self._text_types = TextTypes(text_types)
        if streaming:  # loaded now, used later
            from lambda_runtime import HttpPrelude, ResponseStream  # noqa: F401
        if lifespan != "off":
            function(lifespan=self.lifespan)(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.app!r})"

    def lifespan(self) -> Lifespan:
        """Return the lifespan of the application, as an async context manager.

        Every way to serve the handler enters it. For a lifespan around it, enter it there, and give
        that one to `lambda_runtime.function`. If another handler calls this one, give it to that
        one's; otherwise, the first request enters it.
        """
        return Lifespan(self.app, self._mode, self._set_state)

    def _set_state(self, state: dict[str, Any] | None) -> None:
        self._loop = None if state is None else asyncio.get_running_loop()
        self._state = state or {}

    async def _start_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the application where nothing has entered its lifespan: another handler's call."""
        startup = self._late_startup
        if startup is None or startup.loop is not loop:
            startup = self._late_startup = LateStartup(self.lifespan(), loop)
        try:
            await startup.wait()
        except Exception:
            if self._late_startup is startup:
                self._late_startup = None  # the next request tries again
            raise

    async def __call__(self, event: Any, context: Any) -> Any:
        """Answer a request.

        Args:
            event: The event of an HTTP front end; others go to `other`.
            context: The context of the invocation.

        Returns:
            The response in the form that the front end takes, or an async iterator that streams it.

        Raises:
            Fault: The event is not an HTTP request, or the response is too large.
        """
        front_end = front_end_of(event)
        if front_end is None:
            return await self._handle_other(event, context)
        loop = asyncio.get_running_loop()
        if self._mode != "off" and self._loop is not loop:
            await self._start_up(loop)
        view = self._view
        if view is None:  # now, and not before: an application may name others that are made later
            view = self._view = view_of(self.app)
        request = front_end.read(event)
        mount = request.mount.below(self._base_path)
        if view.own_root_path:
            mount = Mount(view.own_root_path, mount.below(view.own_root_path).path)
        scope = http_scope(request, mount, self._state, has_whole_path=view.has_whole_path)
        if not view.has_root_path:
            scope["root_path"] = ""
        scope["aws.event"] = event
        scope["aws.context"] = context
        prelude = front_end.prelude if self._is_streaming else None
        limit = MAX_PAYLOAD_BYTES if prelude is None else None
        exchange = Exchange(view.application, scope, request.body, limit, loop)
        own_path = exchange.path.removeprefix(scope["root_path"])
        await exchange.begin()
        invocation = current_context()
        if invocation is not None and invocation.http_route is None:
            invocation.http_route = route_finder(scope, own_path)
        response = _response(exchange)
        if prelude is not None:
            return _stream(exchange, response, prelude(response))
        if invocation is None:  # nobody serves the handler, and somebody calls it
            await _finish(exchange)
        else:
            _finish_later(invocation, exchange)
        return self._gathered(exchange, response, front_end, event)

    def _gathered(
        self, exchange: Exchange, response: Response, front_end: FrontEnd, event: dict[str, Any]
    ) -> dict[str, Any]:
        response.correct_length()
        fields = front_end.write(response, event)
        room = MAX_PAYLOAD_BYTES
        if len(response.body) > _LARGE:
            room -= len(repr(fields).encode("utf-8", "replace")) + _NAMES_OF_BODY_FIELDS
        try:
            return fields | body_fields(response, self._text_types, room)
        except TooManyBytes as error:
            raise ResponseTooLarge(exchange.method, exchange.path, *error.args) from None

    async def _handle_other(self, event: Any, context: Any) -> Any:
        if self._other is None:
            from ._other import describe

            raise Fault(
                "Asgi.UnsupportedEvent",
                f"{type(self).__name__} serves HTTP requests, and this is {describe(event)}. "
                f"{type(self).__name__}(app, other=...) takes a handler of such events.",
            )
        return await self._other(event, context)


def _delegated(other: Callable[..., Any]) -> Callable[[Any, Any], Awaitable[Any]]:
    from lambda_runtime import delegate  # which few need

    return delegate(other)


def _response(exchange: Exchange) -> Response:
    """Return the response of an application, or what there is of it; else it is an error."""
    is_head = exchange.method == "HEAD"
    if exchange.status is not None and exchange.has_response:
        return Response(exchange.status, exchange.headers, exchange.body(), is_head=is_head)
    error = exchange.error
    if error is not None and (isinstance(error, ResponseTooLarge) or _ends_process(error)):
        raise error
    from ._failures import log_failure  # which few need

    log_failure(f"{exchange.method} {exchange.path} failed", error)
    return Response(*_INTERNAL_SERVER_ERROR, is_head=is_head)


async def _stream(
    exchange: Exchange, response: Response, prelude: HttpPrelude
) -> AsyncIterator[HttpPrelude | bytes]:
    """Yield the parts of a response, as `lambda_runtime` streams them."""
    try:
        yield prelude
        if not exchange.has_response:  # the response is ours
            if response.body:
                yield response.body
            return
        while parts := await exchange.take():
            for part in parts:
                if response.has_body:
                    yield part
    finally:
        if not exchange.is_done:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # the deadline has come
                await exchange.cancel()
            else:
                if not exchange.is_whole:
                    exchange.disconnect()
                context = current_context()
                if context is None:
                    await _finish(exchange)
                else:
                    _finish_later(context, exchange)


def _finish_later(context: Context, exchange: Exchange) -> None:
    """Let the application go on when the response is delivered, until it returns."""
    if not exchange.is_done or exchange.error is not None:
        context.after_response(_finish, exchange)


async def _finish(exchange: Exchange) -> None:
    await exchange.finish()
    error = exchange.error
    if error is None or not exchange.has_response or _tells_of_disconnect(error, set()):
        return  # without a response, it has been logged
    if _ends_process(error):
        raise error
    from ._failures import log_failure

    # Frameworks raise what they have answered with a 500.
    when = "" if exchange.status is not None and exchange.status >= 500 else " after its response"
    log_failure(f"{exchange.method} {exchange.path} failed{when}", error)


def _ends_process(error: BaseException) -> bool:
    return isinstance(error, (SystemExit, KeyboardInterrupt))


def _tells_of_disconnect(error: BaseException | None, seen: set[int]) -> bool:
    """Return True if an application fails because nobody took its response any more."""
    # An exception that was in a group may have that group as its context.
    while error is not None and id(error) not in seen:
        if isinstance(error, Disconnected):
            return True
        seen.add(id(error))
        if isinstance(error, BaseExceptionGroup):
            return all(_tells_of_disconnect(inner, seen) for inner in error.exceptions)
        error = error.__context__ if error.__cause__ is None else error.__cause__
    return False


# They are for type checkers. An annotated handler loads what decodes events, and JSON is its event.
AsgiHandler.__call__.__annotations__.clear()
