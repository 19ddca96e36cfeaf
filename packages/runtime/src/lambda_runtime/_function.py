"""The function: a handler with all that turns an invocation into its answer."""

from __future__ import annotations

import os

from ._context import Context
from ._handler import takes_context
from ._json import decode, encode
from ._runtime_api import error_call, init_error_call, response_call
from .errors import Fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from aiohttp import ClientSession

    from lambda_logging import PlatformLog

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
    """

    def __init__(self, handler: Callable[..., Any], log: PlatformLog) -> None:
        """Prepare a handler.

        Args:
            handler: The handler; (async) and with or without a context.
            log: Where failures are told.
        """
        self.log = log
        self.session: Callable[[], ClientSession] | None = None
        self._handler = handler
        self._takes_context = takes_context(handler)
        environ = os.environ
        self._about = {name: environ[name] for name in _ABOUT_THE_FUNCTION if name in environ}
        self._trace_id = environ.get(_TRACE_ID)

    def call(self, invocation: Invocation) -> Any:
        """Call the handler.

        Args:
            invocation: What is asked.

        Returns:
            The handler's result, or the coroutine that will have it.

        Raises:
            Fault: The event or the context cannot be read.
            BaseException: Whatever the handler raises.
        """
        self._trace(invocation.trace_id)
        context = Context(invocation, self._about, log=self.log, session=self.session)
        event = _event(invocation)
        if self._takes_context:
            return self._handler(event, context)
        return self._handler(event)

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
            return response_call(invocation, encode(value), "application/json")
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

    def _trace(self, trace_id: str | None) -> None:
        """Tell the AWS SDK and the X-Ray SDK of the trace, in the only place they look at."""
        if trace_id == self._trace_id:
            return
        self._trace_id = trace_id
        if trace_id is None:
            del os.environ[_TRACE_ID]
        else:
            os.environ[_TRACE_ID] = trace_id


def start_failure(error: BaseException, log: PlatformLog) -> Call:
    """Log why a function cannot start, and return the call that reports it.

    Args:
        error: Why.
        log: Where it is told.
    """
    from ._failure import Failure

    failure = Failure(error)
    log.failure(failure.error)
    return init_error_call(failure.body, failure.error_type)


def _event(invocation: Invocation) -> Any:
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
