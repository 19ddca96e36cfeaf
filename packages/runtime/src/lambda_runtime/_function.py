"""The function: a handler with all that turns an invocation into its answer."""

from __future__ import annotations

import os

from lambda_logging._request import current

from ._annotation import event_annotation, result_annotation
from ._context import Context
from ._events import is_model
from ._handler import arity, is_async, is_async_generator, is_generator
from ._json import decode, encode
from ._runtime_api import ALONE, SHARED, error_call, response_call
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from aiohttp import ClientSession

    from lambda_logging import PlatformLog

    from ._response_stream import BlockingResponseStream, ResponseStream
    from ._runtime_api import Call, Invocation

_ABOUT_THE_FUNCTION = (
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
)
_TRACE_ID = "_X_AMZN_TRACE_ID"


class Function:
    """A handler that is ready for invocations.

    The loops differ in how they wait; what happens to an event, to a result and to an exception is
    the same for all of them, and stands here.

    Attributes:
        is_async: Whether it needs an event loop.
        is_concurrent: Whether other invocations run in this environment at the same time.
        log: Where failures are told.
        policy: What the loops make of the Runtime API's troubles.
        session: What returns the shared HTTP session, once there is an event loop.
        state: What the lifespan has yielded.
        streams_response: Whether the handler is known to send its response part by part.
        takes_stream: Whether the handler writes its response itself.
    """

    def __init__(
        self,
        handler: Callable[..., Any],
        log: PlatformLog,
        *,
        middleware: Sequence[Callable[..., Any]] = (),
        converter: Any = None,
        concurrent: bool = False,
    ) -> None:
        """Prepare a handler.

        Args:
            handler: The handler; (async), and with or without a stream and a context.
            log: Where failures are told.
            middleware: What stands around the handler, outermost first.
            converter: A cattrs converter for events and results; ours by default.
            concurrent: Whether other invocations run in this environment at the same time.

        Raises:
            Fault: The event's annotation is a type that no event can be decoded to.
            ValueError: A middleware is asynchronous, and the handler is not.
        """
        self.log = log
        self.policy = SHARED if concurrent else ALONE
        self.is_concurrent = concurrent
        self.session: Callable[[], ClientSession] | None = None
        self.state: Any = None
        self.is_async = is_async(handler)
        arguments = arity(handler)
        self.takes_stream = arguments == 3
        self.streams_response = self.takes_stream or is_generator(handler)
        self._read = _reader(handler, converter)
        self._call = _middleware(handler, arguments, middleware, asynchronous=self.is_async)
        self._unstructure = _unstructurer(handler, converter)
        environ = os.environ
        self._about = {name: environ[name] for name in _ABOUT_THE_FUNCTION if name in environ}
        self._trace_id = environ.get(_TRACE_ID)
        self._traces = not (concurrent and self.is_async)

    def call(
        self, invocation: Invocation, stream: BlockingResponseStream | ResponseStream | None = None
    ) -> Any:
        """Call the handler.

        Args:
            invocation: What is asked.
            stream: Where the response goes, for a handler that writes it itself.

        Returns:
            The handler's result, or the coroutine that will have it.

        Raises:
            Fault: The event or the context cannot be read.
            BaseException: Whatever the handler raises.
        """
        if self._traces:
            self._trace(invocation.trace_id)
        context = Context(
            invocation,
            self._about,
            log=self.log,
            session=self.session,
            state=self.state,
            response_stream=stream,
        )
        current.set(context)
        return self._call(self._read(invocation), context)

    def succeed(self, invocation: Invocation, value: Any) -> Call:
        """Return the call that delivers a result.

        Args:
            invocation: What was asked.
            value: What the handler returned: bytes are sent as they are, all else as JSON.

        Raises:
            Fault: JSON cannot express the value.
        """
        if isinstance(value, bytes):
            return response_call(invocation, value, "application/unknown")
        try:
            return response_call(invocation, encode(value, self._unstructure), "application/json")
        except (TypeError, ValueError) as error:
            message = f"Unable to marshal response: {error}"
            if hasattr(value, "__await__"):
                message += "; declare the handler with `async def`, so that it is awaited"
            raise Fault("Runtime.MarshalError", message) from None

    def fail(self, invocation: Invocation, error: BaseException) -> Call:
        """Log a failure, and return the call that reports it.

        Args:
            invocation: What was asked.
            error: Why there is no result.
        """
        from ._failure import Failure

        failure = Failure(error, invocation.request_id)
        self.log.failure(failure.error)
        return error_call(invocation, failure.body, failure.error_type, failure.cause)

    def ignore(self, invocation: Invocation, value: object) -> None:
        """Say that a handler has returned what nobody will see.

        Args:
            invocation: What was asked.
            value: What the handler returned, which wrote its response to a stream.
        """
        if value is not None:
            message = (
                f"The handler wrote to a stream: the {type(value).__name__} it returned is lost"
            )
            self.log.write("WARN", message, invocation.request_id)

    def break_off(
        self,
        invocation: Invocation,
        error: BaseException,
        stream: BlockingResponseStream | ResponseStream,
    ) -> tuple[tuple[str, str], ...]:
        """Log a failure in the middle of a response, and return the trailers that report it.

        Args:
            invocation: What was asked.
            error: Why there is no more of the result.
            stream: The response; if nobody takes it any more, that is told once, and by `lost`.
        """
        if stream.broken is not None and isinstance(error, ConnectionError):
            return ()
        from ._failure import Failure
        from ._runtime_api import error_trailers

        failure = Failure(error, invocation.request_id)
        self.log.failure(failure.error)
        return error_trailers(failure.short_body, failure.error_type)

    def lost(self, stream: BlockingResponseStream | ResponseStream, error: OSError) -> None:
        """Log that Lambda has not taken a whole response.

        Args:
            stream: The response.
            error: Why.
        """
        call = stream.call
        self.log.write(
            "ERROR",
            f"Lambda did not take all of {call.subject}, after {stream.bytes_sent} bytes: {error}",
            call.request_id,
        )

    def complain(self, error: BaseException, request_id: str = "") -> None:
        """Log a failure that no caller can be told of any more.

        Args:
            error: What failed.
            request_id: The invocation that it belongs to, or empty outside of any.
        """
        from ._failure import Failure

        self.log.failure(Failure(error, request_id).error)

    def _trace(self, trace_id: str | None) -> None:
        """Tell the AWS SDK and the X-Ray SDK of the trace, in the only place they look at."""
        if trace_id == self._trace_id:
            return
        self._trace_id = trace_id
        if trace_id is None:
            del os.environ[_TRACE_ID]
        else:
            os.environ[_TRACE_ID] = trace_id


def reject_awaitable(value: Any, what: str) -> None:
    """See to it that nobody waits for an ``async def`` without an event loop.

    Args:
        value: What was returned.
        what: What returned it.

    Raises:
        TypeError: It is awaitable.
    """
    if hasattr(value, "__await__"):
        if hasattr(value, "close"):
            value.close()  # or Python complains of it too, later and elsewhere
        raise TypeError(f"{what} is asynchronous, and the handler is not: it is a `def`")


def ending_of(error: BaseException | None) -> BaseException | None:
    """Return an exception if it is meant to end the process.

    Args:
        error: What a handler raised, if anything.
    """
    return error if isinstance(error, (SystemExit, KeyboardInterrupt)) else None


def streams(value: object) -> bool:
    """Tell whether a result is sent part by part: (async) generators, and other iterators.

    Args:
        value: What a handler returned.
    """
    kind = type(value)
    return hasattr(kind, "__next__") or hasattr(kind, "__anext__")


def _middleware(
    handler: Callable[..., Any],
    arguments: int,
    middleware: Sequence[Callable[..., Any]],
    *,
    asynchronous: bool,
) -> Callable[[Any, Context], Any]:
    """Return what takes an event and a context through the middleware to the handler."""
    inner = _with_two_arguments(handler, arguments)
    if middleware and is_async_generator(handler):
        inner = _awaitable(inner)
    for around in reversed(middleware):
        if not asynchronous and is_async(around):
            raise ValueError(
                f"the middleware {getattr(around, '__name__', around)!r} is an `async def`, and the "
                "handler is not: declare both alike"
            )
        inner = _around(around, inner)
    return inner


def _with_two_arguments(
    handler: Callable[..., Any], arguments: int
) -> Callable[[Any, Context], Any]:
    if arguments == 1:
        return lambda event, _: handler(event)
    if arguments == 3:
        return lambda event, context: handler(event, context.response_stream, context)
    return handler


def _awaitable(call: Callable[[Any, Context], Any]) -> Callable[[Any, Context], Any]:
    """Let middleware await what returns an async generator, as it awaits any other handler."""

    async def awaitable(event: Any, context: Context) -> Any:
        return call(event, context)

    return awaitable


def _around(
    middleware: Callable[..., Any], inner: Callable[[Any, Context], Any]
) -> Callable[[Any, Context], Any]:
    return lambda event, context: middleware(event, context, inner)


def _reader(handler: Callable[..., Any], converter: Any) -> Callable[[Invocation], Any]:
    """Return what makes an invocation's event out of its body, as the handler's annotation asks."""
    annotation = event_annotation(handler, converter)
    if annotation is None:
        return _json_event
    if annotation is bytes:
        return _raw_event
    if annotation is str:
        return _text_event
    if is_model(annotation):
        return _model_reader(annotation)
    from ._typed import decoder

    read = decoder(annotation, converter)
    return lambda invocation: read(invocation.body)


def _model_reader(model: Any) -> Callable[[Invocation], Any]:
    """Return what reads events of lambda-events, which needs neither attrs nor cattrs."""
    from lambda_events import structure

    def read(invocation: Invocation) -> Any:
        try:
            return structure(decode(invocation.body), model)
        except ValueError as error:  # it is no JSON, or not of that model
            message = f"Unable to unmarshal input: {error}"
            raise Fault("Runtime.UnmarshalError", message) from None

    return read


def _unstructurer(handler: Callable[..., Any], converter: Any) -> Callable[[Any], Any] | None:
    """Load what a handler says that its results need; return what the user's converter makes."""
    annotation = result_annotation(handler)
    if is_model(annotation):
        from lambda_events import unstructure  # noqa: F401 (loaded now, used later)
    elif annotation is not None:
        from ._typed import prepare

        prepare(annotation, converter)
    if converter is None:
        return None
    to_simple: Callable[[Any], Any] = converter.unstructure
    return to_simple


def _raw_event(invocation: Invocation) -> bytes:
    return invocation.body


def _text_event(invocation: Invocation) -> str:
    try:
        return invocation.body.decode()
    except UnicodeDecodeError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def _json_event(invocation: Invocation) -> Any:
    content_type = invocation.content_type
    if content_type and content_type != "application/json":
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            return invocation.body
    try:
        return decode(invocation.body)
    except ValueError as error:
        message = f"Unable to unmarshal input: {error}"
        raise Fault("Runtime.UnmarshalError", message) from None
