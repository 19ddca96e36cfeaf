"""Requests to invoke durable functions, which start executions."""

import re

from aiohttp import web

from lambda_emulator import _aws_error as aws_error
from lambda_emulator._aws_error import Refusal
from lambda_emulator._invocation import ExecutionOptions, Throttled
from lambda_emulator._invoke_request import InvokeRequest
from lambda_emulator._queue import EventQueue

from .runner import AlreadyStarted

_NAME = r"[a-zA-Z0-9-_]+"
_MAX_NAME_SIZE = 64


async def invoke_durably(
    asked: InvokeRequest, queue: EventQueue, name: str | None, headers: dict[str, str]
) -> web.Response:
    """Start an execution, and wait for its end if the caller does.

    Args:
        asked: The request, for a durable function and with a qualifier; not one of ``DryRun``.
        queue: The asynchronous invocations of the function.
        name: The name for the execution, or None.
        headers: Headers of the answer.

    Returns:
        The answer: the execution's result or error, or nothing for an ``Event``.

    Raises:
        Refusal: The name is not valid, or is another execution's; or too many are executed.
    """
    if name is not None:
        _check_name(name)
    wanted = ExecutionOptions(asked.qualifier, name)
    try:
        if asked.kind == "Event":
            invocation = queue.start(asked.event, wanted, **asked.options)
        else:
            invocation = asked.service.invoke(asked.event, execution=wanted, **asked.options)
    except AlreadyStarted as error:
        body = {"Type": "User", "Message": f"Execution already started: {error}"}
        raise Refusal(409, "DurableExecutionAlreadyStartedException", body) from error
    except Throttled:
        raise aws_error.throttled("CallerRateLimitExceeded") from None
    if (execution := invocation.execution) is None:
        raise AssertionError("a durable function is executed durably")
    headers["X-Amz-Durable-Execution-Arn"] = execution.arn
    if asked.kind == "Event":
        return web.Response(status=202, headers=headers)
    await invocation
    headers["X-Amz-Executed-Version"] = execution.version
    if invocation.is_error:
        headers["X-Amz-Function-Error"] = "Unhandled"
    return web.Response(body=invocation.payload, headers=headers, content_type="application/json")


def _check_name(name: str) -> None:
    if not 0 < len(name) <= _MAX_NAME_SIZE:
        limit = f"have length between 1 and {_MAX_NAME_SIZE}"
        raise aws_error.invalid("durableExecutionName", name, limit)
    if not re.fullmatch(_NAME, name):
        limit = f"satisfy regular expression pattern: {_NAME}"
        raise aws_error.invalid("durableExecutionName", name, limit)
