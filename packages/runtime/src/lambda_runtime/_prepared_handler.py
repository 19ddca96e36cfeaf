"""A handler that is ready for invocations: from an event's bytes to the response's."""

from __future__ import annotations

import os

from lambda_logging.runtime import (
    current_request,
    is_awaitable,
    serve_alone,
    shape_of,
)

from ._context import NO_LIFESPAN, Context, current_context
from ._delivery import ALONE, SHARED
from ._environment import TRACE_ID
from ._handler import refuse_application
from ._invocation import error_request, failure_of, response_request
from ._json import decode, encode
from ._options import freeze_hooks, layers, registered_observers, wrapped_by
from ._shutdown import forks
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from aiohttp import ClientSession

    from lambda_logging import PlatformLog

    from ._environment import Environment
    from ._http1 import Request
    from ._invocation import Invocation
    from ._observation import Observation
    from ._options import Options
    from ._outcome import Outcome
    from ._response_stream import BlockingResponseStream, ResponseStream

    Call: TypeAlias = Callable[[Any, Context], Any]
    Around: TypeAlias = Callable[["PreparedHandler", Call], Call]

surroundings: list[Around] = []
"""Agents, and the thread of `awaited`, the innermost first: each takes a prepared handler and what
is called so far, and returns what is called from now on."""
served: PreparedHandler | None = None
"""The handler of this process, for agents that are set up after it was prepared."""

PLAIN = frozenset((dict, str, type(None), list, bool, int, float, tuple, bytes))
"""The types of most results: they are sent as they are, and nothing more is asked of them."""
_FUNCTION = type(lambda: None)


class PreparedHandler:
    """A handler that is ready for invocations.

    The loops differ in how they wait; the way from an event to the handler, and from its result or
    its exception to Lambda, is the same for all of them.

    Attributes:
        function: The handler as it was given.
        is_async: True if it is called inside an event loop: a call surely returns an awaitable, or
            an async iterator.
        is_concurrent: True if other invocations run in this environment at the same time.
        log: The log of failures.
        keeps_bodies: True if an event's bytes stay in memory while it is handled.
        may_be_async: True if it wraps an async function: the first call shows it.
        observers: The observers of its options.
        policy: The retry policy of the loops.
        session: The function that returns the shared HTTP session, once there is an event loop.
        state: The value that the lifespan has yielded.
        streams_response: True if the handler is known to send its response part by part.
        takes_stream: True if the handler writes its response itself.
    """

    def __init__(
        self,
        handler: Callable[..., Any],
        log: PlatformLog,
        options: Options,
        environment: Environment,
    ) -> None:
        """Prepare a handler.

        Args:
            handler: The handler; (async), and with or without a stream and a context.
            log: The log of failures.
            options: The options.
            environment: The settings of the execution environment.

        Raises:
            Fault: The event's annotation is a type that no event can be decoded to; or it is a web
                application.
            ValueError: A middleware is asynchronous, and the handler is not.
        """
        shape = shape_of(handler)
        refuse_application(handler, shape.function)
        self.log = log
        self.is_concurrent = environment.concurrency is not None
        innermost, is_certain = _innermost(handler)
        # A transparent proxy can do anything in a call. But where many are to run at a time, they
        # can only do so inside an event loop.
        self.is_async = shape.is_async and (is_certain or self.is_concurrent)
        self.may_be_async = not self.is_async and (
            shape.is_async or (innermost is not handler and shape_of(innermost).is_async)
        )
        self.policy = SHARED if self.is_concurrent else ALONE
        self.session: Callable[[], ClientSession] | None = None
        self.state: Any = NO_LIFESPAN
        self.keeps_bodies = False
        self.takes_stream = shape.arity == 3
        self.streams_response = self.takes_stream or shape.is_generator
        self.function = handler
        self._environment = environment
        self.observers = options.observers
        self._trace_id = environment.trace_id
        self._publishes_trace = not (self.is_concurrent and self.is_async)
        self._is_alone = self._publishes_trace
        self._read: Callable[[Invocation], Any] = _json_event
        self._unstructure: Callable[[Any], Any] | None = None
        if options.converter is not None:
            from ._unstructure import unstructure

            self._unstructure = lambda value: unstructure(value, options.converter)
        if _is_annotated(handler):
            from ._typed import event_reader, prepare_result

            self._read = event_reader(handler, options) or _json_event
            prepare_result(handler, options)
        self._call = with_two_arguments(handler, shape.arity)
        if options.middleware:
            from ._middleware import call_through

            self._call = call_through(
                options.middleware, self._call, shape, may_be_async=self.may_be_async
            )
        for around in surroundings:
            self.surround(around)
        self._observation: type[Observation] | None = None
        self._outcome: type[Outcome] | None = None
        if registered_observers or self.observers:
            self._load_observation()

    def call(
        self, invocation: Invocation, stream: BlockingResponseStream | ResponseStream | None = None
    ) -> Any:
        """Call the handler.

        Args:
            invocation: The invocation.
            stream: The response of a handler that writes it itself.

        Returns:
            The handler's result, or the coroutine that will have it.

        Raises:
            Fault: The event or the context cannot be read.
            BaseException: Whatever the handler raises.
        """
        trace_id = invocation.trace_id
        if self._publishes_trace and (trace_id is not None or self._trace_id is not None):
            self._publish_trace(trace_id)
        context = Context(
            invocation,
            self._environment.function,
            self.log,
            self.session,
            self.state,
            stream,
        )
        current_request.set(context)
        if self._is_alone:
            serve_alone(context)
        if registered_observers or self.observers:
            event = self._observed_event(invocation, context)
        else:
            event = self._read(invocation)
        if not self.keeps_bodies:
            invocation.body = b""  # the handler may need the memory
        return self._call(event, context)

    def surround(self, around: Around) -> None:
        """Wrap the handler and its middleware.

        Args:
            around: See `surroundings`.
        """
        self._call = around(self, self._call)

    def _publish_trace(self, trace_id: str | None) -> None:
        self._trace_id = trace_id
        try:
            variables = os.environ  # now: the function may have put another mapping there
            if trace_id is None:
                variables.pop(TRACE_ID, None)
            else:
                variables[TRACE_ID] = trace_id
        except Exception:  # noqa: BLE001, S110 (or anything else, which takes no variables)
            pass

    def _observed_event(self, invocation: Invocation, context: Context) -> Any:
        event: Any = invocation.body  # of an event that cannot be decoded
        try:
            event = self._read(invocation)
        finally:
            observation = (self._observation or self._load_observation())(
                (*registered_observers, *self.observers),
                event,
                context,
                lambda error: self.complain(error, invocation.request_id),
            )
            invocation.tell_observers = observation.end
            invocation.document = None
        return event

    def _load_observation(self) -> type[Observation]:
        """Load the classes for observers: an import for each invocation would be felt."""
        from ._observation import Observation
        from ._outcome import Outcome

        self._observation, self._outcome = Observation, Outcome
        return Observation

    def observe_end(
        self,
        invocation: Invocation,
        value: Any,
        error: BaseException | None,
        stream: BlockingResponseStream | ResponseStream | None,
        request: Request | None,
    ) -> None:
        """Notify the observers that an invocation has ended.

        Args:
            invocation: The invocation.
            value: The handler's result.
            error: The reason why it has failed, or None.
            stream: The response, if it was streamed.
            request: The request that delivered the result or the error, if it was not.
        """
        tell, invocation.tell_observers = invocation.tell_observers, None
        make_outcome = self._outcome
        if tell is None or make_outcome is None:
            return
        size, prelude = 0, None
        if stream is not None:
            size, prelude = stream.bytes_sent, stream.prelude
        elif error is None and request is not None:
            size = len(request.body or b"")
        shown = value if error is None and stream is None else None
        streamed = stream is not None
        tell(make_outcome(shown, error, streamed=streamed, bytes_sent=size, prelude=prelude))
        if invocation.after_response or self.is_concurrent or not freeze_hooks:  # else it comes
            self.log.flush()

    def before_freeze(self) -> BaseException | None:
        """Call the hooks that are due before the environment is frozen.

        Returns:
            The exception by which one of them ends the process, if it does.
        """
        context, ending = current_context(), None
        if context is None:  # it could not be read
            return None
        for hook in freeze_hooks:
            failure: BaseException | None = None
            try:
                hook(context)
            except BaseException as error:  # noqa: BLE001 (a hook may raise anything)
                failure = error
            done = self.after_work(failure, context.aws_request_id)
            ending = ending or done
        self.log.flush()
        return ending

    def after_work(self, failure: BaseException | None, request_id: str) -> BaseException | None:
        """Log the failure of the function's code after a response; end a process that it forked.

        Args:
            failure: The exception that the code has raised, or None.
            request_id: The id of the invocation.

        Returns:
            The exception by which the code ends the process, if it does.
        """
        if forks.is_child:
            forks.end(failure, self.complain, request_id)
        if failure is None:
            return None
        self.complain(failure, request_id)
        return ending_of(failure)

    def succeed(self, invocation: Invocation, value: Any) -> Request:
        """Return the request that delivers a result.

        Args:
            invocation: The invocation.
            value: The handler's result: bytes are sent as they are, all else as JSON.

        Raises:
            Fault: JSON cannot express the value.
        """
        if issubclass(type(value), bytes):  # a mock claims the class of another object
            return response_request(invocation, value, "application/unknown")
        try:
            body = encode(value, self._unstructure)
        except Exception as error:  # noqa: BLE001 (a method of an object may raise anything)
            raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
        return response_request(invocation, body, "application/json")

    def fail(self, invocation: Invocation, error: BaseException) -> Request:
        """Log a failure, and return the request that reports it.

        Args:
            invocation: The invocation.
            error: The reason why there is no result.
        """
        failure = failure_of(error, invocation.request_id)
        self.log.failure(failure.error)
        return error_request(invocation, failure.body, failure.error_type, failure.cause)

    def ignore(self, invocation: Invocation, value: object) -> None:
        """Warn of a result that nobody will see.

        Args:
            invocation: The invocation.
            value: The result of a handler that wrote its response to a stream.
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
            invocation: The invocation.
            error: The reason why the response ends here.
            stream: The response; if nobody takes it any more, `report_broken` logs that, once.
        """
        if stream.broken is not None and issubclass(type(error), ConnectionError):
            return ()
        from ._invocation import error_trailers

        failure = failure_of(error, invocation.request_id)
        self.log.failure(failure.error)
        return error_trailers(failure.short_body, failure.error_type)

    def report_broken(
        self, stream: BlockingResponseStream | ResponseStream, error: OSError
    ) -> None:
        """Log that Lambda has not taken a whole response.

        Args:
            stream: The response.
            error: The reason.
        """
        request, size = stream.request, stream.bytes_sent
        message = f"Lambda did not take all of {request.subject}, after {size} bytes: {error}"
        self.log.write("ERROR", message, request.request_id)

    def complain(self, error: BaseException, request_id: str = "") -> None:
        """Log a failure that can no longer be reported to the caller.

        Args:
            error: The failure.
            request_id: The invocation that it belongs to, or empty outside of any.
        """
        self.log.failure(failure_of(error, request_id).error)


def reject_awaitable(value: Any, name: str) -> None:
    """Refuse the result of an ``async def`` where there is no event loop to await it.

    Args:
        value: The result.
        name: The function that returned it.

    Raises:
        TypeError: It is awaitable.
    """
    if is_awaitable(value):
        if hasattr(type(value), "close"):
            value.close()  # or Python complains about it too, later and elsewhere
        raise TypeError(f"{name} is asynchronous, and the handler is not: it is a `def`")


def ending_of(error: BaseException | None) -> BaseException | None:
    """Return an exception if it is meant to end the process.

    Args:
        error: The exception that a handler raised, if any.
    """
    # By its type: a class may raise anything when it is asked for its `__class__`.
    return error if issubclass(type(error), (SystemExit, KeyboardInterrupt)) else None


def _innermost(handler: Any) -> tuple[Any, bool]:
    """Return the function inside a handler, and whether a call surely returns that one's result."""
    function, is_certain, is_decided = handler, True, False
    for function, _ in layers(handler):
        # A function's own code decides what a call returns, whatever it claims to wrap.
        is_decided = is_decided or type(function) is _FUNCTION
        if not is_decided and wrapped_by(function) is not None:
            is_certain = is_certain and type(function).__name__ == "_lru_cache_wrapper"
    return function, is_certain


def with_two_arguments(handler: Callable[..., Any], arity: int) -> Callable[[Any, Context], Any]:
    """Return a function of an event and a context that calls a handler with what it takes.

    Args:
        handler: The handler.
        arity: The number of its arguments: 1 for the event, 2, or 3 with a stream between them.
    """
    if arity == 1:
        return lambda event, _: handler(event)
    if arity == 3:
        return lambda event, context: handler(event, context.response_stream, context)
    return handler


def _is_annotated(handler: Callable[..., Any]) -> bool:
    try:
        return any(getattr(layer, "__annotations__", None) for layer, _ in layers(handler))
    except Exception:  # noqa: BLE001 (from Python 3.14 on, they are evaluated now)
        return True


def _json_event(invocation: Invocation) -> Any:
    content_type = invocation.content_type
    if content_type and content_type != "application/json":
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            return invocation.body
    try:
        event = decode(invocation.body)
    except ValueError as error:
        message = f"Unable to unmarshal input: {error}"
        raise Fault("Runtime.UnmarshalError", message) from None
    if registered_observers:
        invocation.document = event
    return event
