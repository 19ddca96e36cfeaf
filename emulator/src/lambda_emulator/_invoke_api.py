"""The Invoke API: what an AWS client sends to Lambda to call a function.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
"""

import base64
from collections.abc import Mapping
from typing import Literal

from aiohttp import web

from . import _aws_error as aws_error, _event_stream as event_stream
from ._invocation import EmulatedInvocation, ExecutionOptions, Throttled
from ._invoke_request import InvokeRequest, read_request
from ._operation import handler
from ._queue import EventQueue
from ._service import FunctionService

INVOKE_PATH = "/2015-03-31/functions/{function}/invocations"
_STREAM_PATH = "/2021-11-15/functions/{function}/response-streaming-invocations"
_ASYNC_PATH = "/2014-11-13/functions/{function}/invoke-async"


class InvokeAPI:
    """Serves functions by their names."""

    def __init__(
        self,
        functions: Mapping[str, FunctionService],
        queues: Mapping[str, EventQueue],
    ) -> None:
        """Serve functions.

        Args:
            functions: The functions by name; at least one.
            queues: Their asynchronous invocations, by the same names.
        """
        self._functions = functions
        self._queues = queues

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for an application, which must take events of 6 MiB."""
        return [
            web.post(INVOKE_PATH, handler(self._invoke)),
            web.post(_STREAM_PATH, handler(self._stream)),
            # AWS's SDKs knew it with and without a slash.
            web.post(_ASYNC_PATH, handler(self._invoke_async)),
            web.post(f"{_ASYNC_PATH}/", handler(self._invoke_async)),
        ]

    async def _invoke(self, request: web.Request, request_id: str) -> web.StreamResponse:
        asked = await read_request(
            request,
            request_id,
            self._functions,
            operation="InvokeFunction",
            kinds=("RequestResponse", "Event", "DryRun"),
        )
        headers = {"x-amzn-RequestId": request_id}
        handler_only = _is_for_handler(request)
        if not handler_only:
            _check_qualified(asked)
        if asked.kind == "DryRun":
            return web.Response(status=204, headers=headers)
        if asked.service.config.durable and not handler_only:
            from ._durable.invoke import invoke_durably

            name = request.headers.get("X-Amz-Durable-Execution-Name")
            queue = self._queues[asked.service.function.name]
            return await invoke_durably(asked, queue, name, headers)
        if asked.kind == "Event":
            self._queue(asked)
            return web.Response(status=202, headers=headers)
        invocation = _start(asked, "RequestResponse", handler_only=handler_only)
        await invocation
        _check_restored(invocation)
        headers["X-Amz-Executed-Version"] = asked.service.config.version(asked.qualifier)
        trace = invocation.headers.get("Lambda-Runtime-Trace-Id") or ""
        headers["X-Amzn-Trace-Id"] = trace.partition(";")[0]
        if invocation.is_error:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if asked.wants_log:
            headers["X-Amz-Log-Result"] = await _log_tail(invocation)
        headers["x-amzn-Remapped-Content-Length"] = "0"
        return web.Response(
            body=invocation.payload, headers=headers, content_type="application/json"
        )

    async def _stream(self, request: web.Request, request_id: str) -> web.StreamResponse:
        asked = await read_request(
            request,
            request_id,
            self._functions,
            operation="InvokeWithResponseStream",
            kinds=("RequestResponse", "DryRun"),
        )
        headers = {"x-amzn-RequestId": request_id}
        _check_qualified(asked)
        if asked.kind == "DryRun":
            return web.Response(status=204, headers=headers)
        invocation = _start(asked, "Stream")
        await invocation.head()
        _check_restored(invocation)
        headers["Content-Type"] = event_stream.CONTENT_TYPE
        headers["X-Amz-Executed-Version"] = asked.service.config.version(asked.qualifier)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        async for chunk in invocation.stream():
            if chunk:
                await response.write(event_stream.payload_chunk(chunk))
        await invocation
        failed = invocation.is_error
        details = invocation.payload.decode(errors="replace") if failed else None
        log = await _log_tail(invocation) if asked.wants_log else None
        await response.write(event_stream.invoke_complete(invocation.error_type, details, log))
        await response.write_eof()
        return response

    async def _invoke_async(self, request: web.Request, request_id: str) -> web.StreamResponse:
        asked = await read_request(
            request, request_id, self._functions, operation="InvokeAsync", kinds=("Event",)
        )
        _check_qualified(asked)
        self._queue(asked)
        return web.json_response(
            {"Status": 202}, status=202, headers={"x-amzn-RequestId": request_id}
        )

    def _queue(self, asked: InvokeRequest) -> None:
        try:
            self._queues[asked.service.function.name].put(asked.event, **asked.options)
        except Throttled:
            raise aws_error.throttled("CallerRateLimitExceeded") from None


def _start(
    asked: InvokeRequest, kind: Literal["RequestResponse", "Stream"], *, handler_only: bool = False
) -> EmulatedInvocation:
    try:
        if handler_only:
            return asked.service.invoke_handler(asked.event, kind=kind, **asked.options)
        return asked.service.invoke(
            asked.event,
            kind=kind,
            streamed=kind == "Stream",
            execution=ExecutionOptions(asked.qualifier),
            **asked.options,
        )
    except Throttled:
        raise aws_error.throttled() from None


def _is_for_handler(request: web.Request) -> bool:
    """Return whether AWS's runner calls, which executes the function by itself."""
    return request.headers.get("X-Dex-Handler-Invoke") == "true"


def _check_qualified(asked: InvokeRequest) -> None:
    """Refuse to invoke a durable function without a version or an alias."""
    if asked.service.config.durable and not asked.qualifier:
        raise aws_error.invalid_parameter(aws_error.UNQUALIFIED)


def _check_restored(invocation: EmulatedInvocation) -> None:
    """Refuse an invocation whose function was not restored from its snapshot."""
    failure = invocation.failure
    if failure is not None and failure.restoring:
        raise aws_error.not_restored(failure.status, failure.reason)


async def _log_tail(invocation: EmulatedInvocation) -> str:
    """Return the end of the log in base64."""
    await invocation.wait_for_report()
    return base64.b64encode(invocation.log_tail).decode()
