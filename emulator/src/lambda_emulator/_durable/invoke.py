"""Invocations of durable functions: they start executions."""

import json
import re

from aiohttp import web
from aws_durable_execution_sdk_python_testing.execution import Execution, ExecutionStatus

from lambda_emulator import _aws_error as aws_error
from lambda_emulator._aws_error import Refusal
from lambda_emulator._invoke_request import InvokeRequest

from .chained_invoke import UNQUALIFIED
from .runner import AlreadyStarted, DurableRunner

_NAME = r"[a-zA-Z0-9-_]+"
_MAX_NAME_SIZE = 64


async def invoke_durably(
    runner: DurableRunner, asked: InvokeRequest, name: str | None, headers: dict[str, str]
) -> web.Response:
    """Start an execution, and wait for its end if the caller does.

    Args:
        runner: Runs executions.
        asked: The request, for a durable function and with a qualifier; not one of ``DryRun``.
        name: The name for the execution, or None.
        headers: Headers of the answer.

    Returns:
        The answer: the execution's result or error, or nothing for an ``Event``.

    Raises:
        Refusal: The name is not valid, or is another execution's.
    """
    if name is not None:
        _check_name(name)
    try:
        execution = await runner.start(
            asked.service,
            asked.qualifier or "",
            asked.event,
            name=name,
            tenant_id=asked.options.get("tenant_id"),
            trace_id=asked.options.get("trace_id"),
        )
    except AlreadyStarted as error:
        body = {"Type": "User", "Message": f"Execution already started: {error}"}
        raise Refusal(409, "DurableExecutionAlreadyStartedException", body) from error
    headers["X-Amz-Durable-Execution-Arn"] = execution.durable_execution_arn
    if asked.kind == "Event":
        return web.Response(status=202, headers=headers)
    await runner.wait(execution)
    headers["X-Amz-Executed-Version"] = execution.executed_version()
    if execution.close_status is not ExecutionStatus.SUCCEEDED:
        headers["X-Amz-Function-Error"] = "Unhandled"
    return web.Response(body=_payload(execution), headers=headers, content_type="application/json")


def check_qualified(asked: InvokeRequest) -> None:
    """Refuse to invoke a durable function without a version or an alias.

    Args:
        asked: The request, for a durable function.

    Raises:
        Refusal: There is no qualifier.
    """
    if not asked.qualifier:
        raise aws_error.invalid_parameter(UNQUALIFIED)


def _check_name(name: str) -> None:
    if not 0 < len(name) <= _MAX_NAME_SIZE:
        limit = f"have length between 1 and {_MAX_NAME_SIZE}"
        raise aws_error.invalid("durableExecutionName", name, limit)
    if not re.fullmatch(_NAME, name):
        limit = f"satisfy regular expression pattern: {_NAME}"
        raise aws_error.invalid("durableExecutionName", name, limit)


def _payload(execution: Execution) -> bytes:
    """Return the result of an execution that has ended, or its error."""
    output = execution.result
    if execution.close_status is ExecutionStatus.SUCCEEDED:
        return ((output and output.result) or "null").encode()
    error = output and output.error
    fields = {
        "errorMessage": error and error.message,
        "errorType": error and error.type,
        "errorData": error and error.data,
        "stackTrace": error and error.stack_trace,
    }
    return json.dumps({name: value for name, value in fields.items() if value}).encode()
