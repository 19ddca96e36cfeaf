"""The context: an invocation and its function, as the handler sees them."""

from __future__ import annotations

import time

from lambda_logging.runtime import current_request

from ._json import decode
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from typing import Any

    from aiohttp import ClientSession

    from lambda_logging import PlatformLog

    from ._client_context import ClientContext
    from ._invocation import Invocation
    from ._response_stream import BlockingResponseStream, ResponseStream

_NO_FIELDS: Mapping[str, Any] = {}
# The fields that a context has besides those of the managed runtime.
_BESIDE = (
    "_http_route",
    "_invocation",
    "_log",
    "_session",
    "_state",
    "response_stream",
    "trace_id",
)
_W3C_FIELDS = ("traceparent", "tracestate", "baggage")


class NO_LIFESPAN:  # noqa: N801 (a constant: as a class, it is the same in a copy and a pickle)
    """The state of a function without a lifespan."""


class Context:
    """One invocation, as its handler sees it.

    It has every attribute and method of the managed runtime's context, so that code and libraries
    written for that one work unchanged. Its ``__dict__`` holds that one's fields and no more, and
    so does its pickle: a context from a pickle has no invocation, no state and no session. A copy
    is another view of the same invocation.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    # Not in the ``__dict__``, which people write to logs: not the event above all.
    __slots__ = ("__dict__", "__weakref__", *_BESIDE)

    _http_route: str | Callable[[], str | None] | None
    _invocation: Invocation | None
    _log: PlatformLog | None
    _session: Callable[[], ClientSession] | None
    _state: Any
    response_stream: BlockingResponseStream | ResponseStream | None
    """The stream of a handler that takes ``(event, stream, context)``, for its middleware."""
    trace_id: str | None
    """The X-Ray trace header, such as ``Root=1-...;Parent=...;Sampled=1``."""

    aws_request_id: str
    """The invocation's id, the one in every log line of Lambda's."""
    function_name: str | None
    function_version: str | None
    invoked_function_arn: str | None
    """The ARN that was called, with the version or alias if the caller named one."""
    memory_limit_in_mb: str | None
    """The memory configured for the function, in MB, as text: that is how Lambda gives it."""
    log_group_name: str | None
    log_stream_name: str | None
    identity: CognitoIdentity
    """The Amazon Cognito identity that authorised the call; its attributes are None without one."""
    client_context: ClientContext | None
    """The data of a mobile application, or None."""
    tenant_id: str | None
    """The tenant, for functions with tenant isolation."""

    def __init__(
        self,
        invocation: Invocation,
        environ: Mapping[str, str],
        log: PlatformLog | None = None,
        session: Callable[[], ClientSession] | None = None,
        state: Any = NO_LIFESPAN,
        response_stream: BlockingResponseStream | ResponseStream | None = None,
    ) -> None:
        """Read an invocation.

        Args:
            invocation: The invocation.
            environ: The function's variables (``AWS_LAMBDA_FUNCTION_NAME`` and so on).
            log: The log that `log` writes to.
            session: The function that returns the shared HTTP session, for async handlers.
            state: The value that the lifespan has yielded.
            response_stream: The response of a handler that writes it itself.

        Raises:
            Fault: The client context or the identity is not the JSON object that it should be.
        """
        self._invocation = invocation
        self._log = log
        self._session = session
        self._state = state
        self._http_route = None
        self.response_stream = response_stream
        self.trace_id = invocation.trace_id
        self.aws_request_id = invocation.request_id
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = invocation.arn
        self.tenant_id = invocation.tenant_id
        self._w3c_fields: dict[str, str] = {}
        self.client_context = None
        if invocation.client_context is not None:
            self._set_client(_json_object(invocation.client_context, "Client Context"))
        identity = None
        if invocation.cognito_identity is not None:
            identity = _json_object(invocation.cognito_identity, "Cognito Identity")
        self.identity = CognitoIdentity(identity or _NO_FIELDS)
        self._epoch_deadline_time_in_ms = invocation.deadline_ms

    def _set_client(self, client_context: Mapping[str, Any] | None) -> None:
        if client_context is None:
            return
        fields = {**client_context}
        self._w3c_fields = _w3c_fields(fields.pop("w3c", None))
        from ._client_context import ClientContext

        self.client_context = ClientContext(fields)

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left before Lambda ends the invocation.

        Returns:
            Whole milliseconds, never below 0.
        """
        return max(0, self._epoch_deadline_time_in_ms - time.time_ns() // 1_000_000)

    def remaining(self) -> float:
        """Return the time left before Lambda ends the invocation.

        Returns:
            Seconds, never below 0.
        """
        return max(0.0, self._epoch_deadline_time_in_ms / 1000 - time.time())

    @property
    def deadline(self) -> datetime:
        """The deadline of the invocation, in UTC."""
        if "deadline" in self.__dict__:
            own: datetime = self.__dict__["deadline"]
            return own
        from datetime import UTC, datetime

        return datetime.fromtimestamp(self._epoch_deadline_time_in_ms / 1000, UTC)

    # Functions set attributes of their own on AWS's context, which has none of these.
    @deadline.setter
    def deadline(self, value: Any) -> None:
        self.__dict__["deadline"] = value

    @property
    def raw_event(self) -> bytes:
        """The event as it came, before it was decoded: for tools that read it, such as tracing."""
        if "raw_event" in self.__dict__:
            own: bytes = self.__dict__["raw_event"]
            return own
        return b"" if self._invocation is None else self._invocation.body

    @raw_event.setter
    def raw_event(self, value: Any) -> None:
        self.__dict__["raw_event"] = value

    @property
    def json_event(self) -> Any:
        """The event as decoded JSON, even if the handler gets a model: for the same tools.

        It is None if the event is not JSON.
        """
        if "json_event" in self.__dict__:
            return self.__dict__["json_event"]
        invocation = self._invocation
        if invocation is not None and invocation.document is not None:
            return invocation.document
        try:
            return decode(self.raw_event)
        except ValueError:
            return None

    @json_event.setter
    def json_event(self, value: Any) -> None:
        self.__dict__["json_event"] = value

    @property
    def state(self) -> Any:
        """The value that the lifespan has yielded; tests may set it.

        Raises:
            AttributeError: The function has no lifespan.
        """
        if self._state is NO_LIFESPAN:
            raise AttributeError(
                "context.state is the value that a lifespan yields, and this function has none: "
                "decorate the handler with @function(lifespan=...), or call "
                "run(handler, lifespan=...)"
            )
        return self._state

    @state.setter
    def state(self, value: Any) -> None:
        self._state = value

    @property
    def http_route(self) -> str | None:
        """The route of an HTTP request, such as ``/pets/{id}``, for tracing.

        Set it where you know it, to the route or to a function that finds it when it is asked for.
        Handlers of lambda-asgi do, for frameworks that say which route it is.
        """
        route = self._http_route
        if callable(route):
            route = self._http_route = route()
        return route

    @http_route.setter
    def http_route(self, route: str | Callable[[], str | None] | None) -> None:
        self._http_route = route

    @property
    def session(self) -> ClientSession:
        """An aiohttp session for the function's own requests, open as long as the process lives.

        It is made on first use and shared by all invocations, so that connections are kept.

        Raises:
            RuntimeError: The handler is not an ``async def``, no event loop runs, or aiohttp is not
                installed.
        """
        from ._session import NoSessionError

        if self._session is None:
            raise NoSessionError(
                "context.session is for async handlers: declare the handler with `async def`"
            )
        try:
            return self._session()
        except NoSessionError:
            raise
        except RuntimeError as error:
            raise NoSessionError(f"context.session is for code that is awaited: {error}") from None

    @session.setter
    def session(self, value: Any) -> None:
        self._session = lambda: value

    def after_response(
        self, work: Callable[..., object], /, *args: object, **kwargs: object
    ) -> None:
        """Run work after the caller has the response.

        It runs before the next invocation, whether the handler succeeds or fails. It is billed,
        this invocation's deadline applies, and its exceptions are logged.

        Args:
            work: The function to call; async handlers may give an ``async def``.
            *args: The arguments.
            **kwargs: The arguments by name.

        Raises:
            RuntimeError: The invocation is over: a task that it left behind makes the call.

        Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
        """
        invocation = self._invocation
        if invocation is None or invocation.over:
            raise RuntimeError("the invocation is over, and so is its work after the response")
        if not isinstance(invocation.after_response, list):
            invocation.after_response = []
        invocation.after_response.append((work, args, kwargs))

    def w3c(self) -> dict[str, str]:
        """Return the W3C trace context that the caller sent.

        Returns:
            Those of ``traceparent``, ``tracestate`` and ``baggage`` that were sent; a copy.
        """
        return dict(self._w3c_fields)

    def log(self, msg: object) -> None:
        """Write to the function's log, without a level or a time.

        Args:
            msg: Anything; its ``str()`` is written as it is, with no line end added.
        """
        if self._log is None:
            print(msg, end="", flush=True)  # noqa: T201 (a context made by hand, as in tests)
        else:
            self._log.raw(str(msg))

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name in _BESIDE:
            setattr(self, name, None)
        self._state = NO_LIFESPAN
        self.__dict__.update(state)

    def __copy__(self) -> Context:
        return self._copied(self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any]) -> Context:
        from copy import deepcopy

        return self._copied(deepcopy(self.__dict__, memo))

    def _copied(self, fields: dict[str, Any]) -> Context:
        copied = object.__new__(type(self))
        for name in _BESIDE:
            setattr(copied, name, getattr(self, name))
        copied.__dict__.update(fields)
        return copied

    def __repr__(self) -> str:
        return _repr(
            self,
            type(self).__name__,
            (
                "aws_request_id",
                "log_group_name",
                "log_stream_name",
                "function_name",
                "memory_limit_in_mb",
                "function_version",
                "invoked_function_arn",
                "client_context",
                "identity",
                "tenant_id",
            ),
        )


Context.__name__ = "LambdaContext"  # programs ask for it, to find out where they run


class CognitoIdentity:
    """The Amazon Cognito identity that authorised a call."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    cognito_identity_id: str | None
    cognito_identity_pool_id: str | None

    def __init__(self, fields: Mapping[str, Any] = _NO_FIELDS) -> None:
        self.cognito_identity_id = fields.get("cognitoIdentityId")
        self.cognito_identity_pool_id = fields.get("cognitoIdentityPoolId")

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        return _repr(self, type(self).__name__, self.__slots__)


def current_context() -> Context | None:
    """Return the context of the invocation that the calling code works for.

    Code below the handler gets it without being passed it, also where invocations run at the same
    time: it follows asyncio tasks and ``contextvars.copy_context``.

    Returns:
        The context, or None outside of an invocation.
    """
    request: Any = current_request.get()
    # A scope of the log hides the context that it was opened in.
    request = getattr(request, "request", request)
    return request if isinstance(request, Context) else None


def current_invocation() -> Invocation | None:
    """Return the invocation that the calling code works for, if any."""
    context = current_context()
    return None if context is None else context._invocation  # noqa: SLF001 (ours)


def give_session(session: Callable[[], ClientSession]) -> None:
    """Give the current context a session: there is an event loop now.

    Args:
        session: The function that returns the shared HTTP session.
    """
    context = current_context()
    if context is not None:
        context._session = session  # noqa: SLF001 (ours)


def _json_object(text: str, name: str) -> dict[str, Any] | None:
    try:
        value = decode(text.encode("utf-8", "surrogateescape"))
    except ValueError as error:
        problem = str(error)
    else:
        if value is None or isinstance(value, dict):
            return value
        problem = f"a JSON object was expected, not {type(value).__name__}"
    raise Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse {name} JSON: {problem}")


def _w3c_fields(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: value[key] for key in _W3C_FIELDS if isinstance(value.get(key), str)}


def _repr(instance: object, kind: str, names: Iterable[str]) -> str:
    fields = ",".join(f"{name}={getattr(instance, name)}" for name in names)
    return f"{kind}([{fields}])"
