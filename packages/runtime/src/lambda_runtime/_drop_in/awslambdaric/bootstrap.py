"""The functions that agents patch, or call.

`handle_event_request` and the methods of `LambdaRuntimeClient`, or what an agent has put in their
places, are called around each invocation. The arguments are those of awslambdaric, in its order.
"""

from __future__ import annotations

import sys

from lambda_runtime._agents import offer_places
from lambda_runtime._awaited import awaited_if_async
from lambda_runtime._handler import load
from lambda_runtime.errors import Fault

from .lambda_context import LambdaContext
from .lambda_runtime_client import LambdaRuntimeClient
from .lambda_runtime_exception import FaultException
from .lambda_runtime_marshaller import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

__all__ = [
    "FaultException",
    "LambdaContext",
    "LambdaRuntimeClient",
    "_get_handler",
    "handle_event_request",
    "run",
    "to_json",
]


def _get_handler(handler: str) -> Callable[..., Any]:
    """Import a handler, for an agent that wraps it.

    Args:
        handler: The name, ``module.function``.

    Raises:
        FaultException: It cannot be found.
    """
    try:
        return awaited_if_async(load(handler))
    except Fault as fault:
        raise FaultException(fault.error_type, fault.message, fault.stack_trace) from (
            fault.__cause__
        )


def handle_event_request(
    lambda_runtime_client: Any,
    request_handler: Callable[..., Any],
    invoke_id: str,  # noqa: ARG001 (for agents, this and the next ones)
    event_body: bytes,  # noqa: ARG001
    content_type: str,  # noqa: ARG001
    client_context_json: str | None,  # noqa: ARG001
    cognito_identity_json: str | None,  # noqa: ARG001
    invoked_function_arn: str | None,  # noqa: ARG001
    epoch_deadline_time_in_ms: int,  # noqa: ARG001
    tenant_id: str | None,  # noqa: ARG001
    log_sink: Any,  # noqa: ARG001
    invocation_id: str | None = None,  # noqa: ARG001
) -> None:
    """Handle an invocation: call the handler, and hand its result or its failure to the client.

    Args:
        lambda_runtime_client: The client; an agent may have patched its class.
        request_handler: The handler, or what an agent has put around it; it takes an event and a
            context.
        invoke_id: The request id.
        event_body: The event's bytes.
        content_type: Their media type.
        client_context_json: The client context of a mobile application, as JSON.
        cognito_identity_json: The identity.
        invoked_function_arn: The ARN that was called.
        epoch_deadline_time_in_ms: The end of the invocation.
        tenant_id: The tenant.
        log_sink: The log.
        invocation_id: The invocation's own id, if it has one besides the request's.
    """
    lambda_runtime_client.in_hand.handle(lambda_runtime_client, request_handler)


def run(
    handler: Callable[..., Any] | str | None,
    lambda_runtime_client: Any = None,
    lambda_runtime_api_addr: str | None = None,
) -> NoReturn:
    """Serve a handler with this runtime, which finds the Runtime API itself.

    Args:
        handler: The handler, or its name.
        lambda_runtime_client: Without a meaning here.
        lambda_runtime_api_addr: In awslambdaric 1 the address came last: there, the first argument
            is the folder of the function, and the second one its handler.

    Raises:
        SystemExit: Always, in the end.
    """
    from lambda_runtime._run import run as serve

    if lambda_runtime_api_addr is not None:
        sys.path.insert(0, str(handler))
        handler = lambda_runtime_client
    serve(handler)


def __getattr__(name: str) -> object:
    """Return what is only loaded for those who ask: `logging` takes long to load."""
    if name in {"JsonFormatter", "LambdaLoggerFilter", "LogFormat"}:
        from . import lambda_runtime_log_utils

        return getattr(lambda_runtime_log_utils, name)
    if name in {"LambdaLoggerHandler", "LambdaLoggerHandlerWithFrameType"}:
        from lambda_logging.runtime import root_handler

        return type(root_handler)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


offer_places(__name__)
