"""The operations of Lambda's API for durable executions.

https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecution.html and its neighbours.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

from aiohttp import web
from aws_durable_execution_sdk_python.lambda_service import (
    ErrorObject,
    OperationStatus,
    OperationUpdate,
)
from aws_durable_execution_sdk_python_testing.exceptions import AwsApiException
from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.token import CallbackToken

from lambda_emulator import _aws_error as aws_error
from lambda_emulator._aws_error import Refusal
from lambda_emulator._connections import read_body
from lambda_emulator._invoke_request import find_function
from lambda_emulator._operation import handler

from . import query
from .executions import Executions, ListFilter
from .runner import DurableRunner

_ROOT = "/2025-12-01"
_EXECUTION = _ROOT + "/durable-executions/{arn}"
_CALLBACK = _ROOT + "/durable-execution-callbacks/{callback}"
_CALLBACK_ID = r"[A-Za-z0-9+/]+={0,2}"
_MAX_CALLBACK_RESULT = 1024 * 1024
_DEFAULT_ITEMS = 100

_Answer = dict[str, Any]
_Operation = Callable[[web.Request], Awaitable[_Answer]]


class DurableOperations:
    """Serves the operations of durable executions."""

    def __init__(self, runner: DurableRunner) -> None:
        """Serve executions.

        Args:
            runner: Runs them.
        """
        self._runner = runner
        self._executor = runner.executor
        self._executions = Executions(runner)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for an application."""
        return [
            web.post(f"{_EXECUTION}/checkpoint", _serve(self._checkpoint)),
            web.get(f"{_EXECUTION}/state", _serve(self._get_state)),
            web.get(_EXECUTION, _serve(self._get)),
            web.get(f"{_EXECUTION}/history", _serve(self._get_history)),
            web.post(f"{_EXECUTION}/stop", _serve(self._stop)),
            web.post(f"{_EXECUTION}/pause", _serve(self._pause, 202)),
            web.post(f"{_EXECUTION}/resume", _serve(self._resume, 202)),
            web.delete(_EXECUTION, _serve(self._delete, 202)),
            web.get(_ROOT + "/functions/{function}/durable-executions", _serve(self._list)),
            web.post(f"{_CALLBACK}/succeed", _serve(self._succeed)),
            web.post(f"{_CALLBACK}/fail", _serve(self._fail)),
            web.post(f"{_CALLBACK}/heartbeat", _serve(self._heartbeat)),
        ]

    async def _checkpoint(self, request: web.Request) -> _Answer:
        arn, body = self._find(request).durable_execution_arn, await _read_object(request)
        token = body.get("CheckpointToken")
        if not isinstance(token, str):
            raise aws_error.invalid_parameter("CheckpointToken is required.")
        try:
            updates = [OperationUpdate.from_dict(each) for each in body.get("Updates") or ()]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise aws_error.invalid_parameter(f"An update is not valid: {error!r}") from error
        answer = await asyncio.to_thread(
            self._executor.checkpoint_execution, arn, token, updates, body.get("ClientToken")
        )
        return answer.to_dict()

    async def _get_state(self, request: web.Request) -> _Answer:
        arn = self._find(request).durable_execution_arn
        answer = await asyncio.to_thread(
            self._executor.get_execution_state,
            arn,
            request.query.get("CheckpointToken"),
            request.query.get("Marker") or None,
            query.max_items(request),
        )
        return answer.to_dict()

    async def _get(self, request: web.Request) -> _Answer:
        data = query.flag(request, "IncludeExecutionData", default=True)
        return self._executions.describe(self._find(request), data=data)

    async def _get_history(self, request: web.Request) -> _Answer:
        return await asyncio.to_thread(
            self._executions.history,
            self._find(request),
            data=query.flag(request, "IncludeExecutionData", default=True),
            newest_first=query.flag(request, "ReverseOrder"),
            marker=query.marker(request),
            max_items=query.max_items(request),
        )

    async def _stop(self, request: web.Request) -> _Answer:
        arn = self._find(request).durable_execution_arn
        error = _error(await _read_object(request))
        answer = await asyncio.to_thread(self._executor.stop_execution, arn, error)
        return answer.to_dict()

    async def _pause(self, request: web.Request) -> _Answer:
        execution, body = self._find(request), await _read_object(request)
        _check_running(execution)
        await asyncio.to_thread(self._executions.pause, execution, body.get("Reason"))
        return {}

    async def _resume(self, request: web.Request) -> _Answer:
        execution = self._find(request)
        _check_running(execution)
        await asyncio.to_thread(self._executor.resume_execution, execution.durable_execution_arn)
        return {}

    async def _delete(self, request: web.Request) -> _Answer:
        execution = self._find(request)
        if execution.close_status is None:
            raise _conflict("The durable execution has not ended: stop it first.")
        self._runner.store.delete(execution.durable_execution_arn)
        return {"DeletionRequestTimestamp": datetime.now(UTC)}

    async def _list(self, request: web.Request) -> _Answer:
        service, qualifier = find_function(request, self._runner.functions)
        asked = request.query
        durable = service.config.durable
        version = durable.version(qualifier) if durable and qualifier else qualifier
        if version and not re.fullmatch(r"\d+|\$LATEST.*", version):
            version = None  # an alias that is not known here
        wanted = ListFilter(
            asked.get("DurableExecutionName"),
            version,
            query.statuses(request),
            query.time(request, "StartedAfter"),
            query.time(request, "StartedBefore"),
        )
        oldest_first = query.flag(request, "ReverseOrder")
        found = self._executions.list(service.function.name, wanted, oldest_first=oldest_first)
        first = int(query.marker(request) or 0)
        end = first + (query.max_items(request) or _DEFAULT_ITEMS)
        more = {"NextMarker": str(end)} if end < len(found) else {}
        return {"DurableExecutions": found[first:end], **more}

    async def _succeed(self, request: web.Request) -> _Answer:
        result = await read_body(request)
        if len(result) > _MAX_CALLBACK_RESULT:
            raise aws_error.invalid_parameter(
                f"The result of a callback may have {_MAX_CALLBACK_RESULT} bytes."
            )
        callback = self._find_callback(request)
        await asyncio.to_thread(self._executor.send_callback_success, callback, result)
        return {}

    async def _fail(self, request: web.Request) -> _Answer:
        body = await _read_object(request)
        error = _error(body) or ErrorObject.from_message("The callback has failed.")
        callback = self._find_callback(request)
        await asyncio.to_thread(self._executor.send_callback_failure, callback, error)
        return {}

    async def _heartbeat(self, request: web.Request) -> _Answer:
        callback = self._find_callback(request)
        await asyncio.to_thread(self._executor.send_callback_heartbeat, callback)
        return {}

    def _find(self, request: web.Request) -> Execution:
        try:
            return self._runner.store.load(request.match_info["arn"])
        except KeyError:
            raise _not_found() from None

    def _find_callback(self, request: web.Request) -> str:
        """Return the id of a callback that can still be answered."""
        callback = request.match_info["callback"]
        if not re.fullmatch(_CALLBACK_ID, callback):
            raise aws_error.invalid_parameter("Invalid callback id")
        try:
            execution = self._runner.store.load(CallbackToken.from_str(callback).execution_arn)
            _, operation = execution.find_callback_operation(callback)
        except KeyError:
            raise _not_found() from None
        except (ValueError, TypeError):
            raise aws_error.invalid_parameter("Invalid callback id") from None
        except AwsApiException:  # no operation of the execution has it
            raise _not_found("The callback does not exist") from None
        if operation.status is not OperationStatus.STARTED or execution.is_complete:
            message = "The callback is either timed out or already completed"
            body = {"Type": "User", "Message": message}
            raise Refusal(400, "CallbackTimeoutException", body)
        return callback


def _serve(
    operation: _Operation, status: int = 200
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a handler for aiohttp's router."""

    async def serve(request: web.Request, request_id: str) -> web.StreamResponse:
        try:
            answer = await operation(request)
        except AwsApiException as error:
            raise _refusal(error) from error
        return web.Response(
            status=status,
            body=json.dumps(answer, default=datetime.timestamp).encode(),
            content_type="application/json",
            headers={"x-amzn-RequestId": request_id},
        )

    return handler(serve)


def _refusal(error: AwsApiException) -> Refusal:
    body = error.to_dict()
    return Refusal(error.http_status_code, str(body.get("Type", "ServiceException")), body)


def _not_found(message: str = "Durable Execution does not exist") -> Refusal:
    return Refusal(404, "ResourceNotFoundException", {"Type": "User", "Message": message})


def _conflict(message: str) -> Refusal:
    return Refusal(409, "ResourceConflictException", {"Type": "User", "message": message})


def _check_running(execution: Execution) -> None:
    if execution.is_complete:
        raise _conflict("The durable execution has ended.")


async def _read_object(request: web.Request) -> dict[str, Any]:
    """Read a body that is an object, or nothing."""
    text = await read_body(request)
    try:
        body: object = json.loads(text or b"{}")
    except ValueError as error:
        raise aws_error.invalid_content(
            f"Could not parse request body into json: {error}"
        ) from error
    if not isinstance(body, dict):
        raise aws_error.invalid_content("The request body is not a JSON object.")
    return cast("dict[str, Any]", body)


def _error(body: dict[str, Any]) -> ErrorObject | None:
    return ErrorObject.from_dict(body) if body else None
