"""The Invoke API: what an AWS client sends to Lambda to call a function.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
"""

import base64
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from lambda_testing import InvocationOptions

from . import _aws_error as aws_error, _event_stream as event_stream
from ._aws_error import Refusal
from ._event import MAX_EVENT_SIZE
from ._invoke_request import MAX_ASYNC_EVENT_SIZE, find_function, read_event, read_options
from ._service import Throttled

if TYPE_CHECKING:
    from ._bus import Kind
    from ._call import Call
    from ._service import FunctionService

INVOKE_PATH = "/2015-03-31/functions/{function}/invocations"
_STREAM_PATH = "/2021-11-15/functions/{function}/response-streaming-invocations"
_ASYNC_PATH = "/2014-11-13/functions/{function}/invoke-async"
_Answer = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class InvokeAPI:
    """Serves functions by their names."""

    def __init__(self, functions: "Mapping[str, FunctionService]") -> None:
        """Serve functions.

        Args:
            functions: The functions by name; at least one.
        """
        self._functions = functions

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for an application, which must take events of 6 MiB."""
        return [
            web.post(INVOKE_PATH, _handler(self._invoke)),
            web.post(_STREAM_PATH, _handler(self._stream)),
            # AWS's SDKs knew it with and without a slash.
            web.post(_ASYNC_PATH, _handler(self._invoke_async)),
            web.post(f"{_ASYNC_PATH}/", _handler(self._invoke_async)),
        ]

    async def _invoke(self, request: web.Request, request_id: str) -> web.StreamResponse:
        service, qualifier = find_function(request, self._functions)
        kind = _invocation_type(request, ("RequestResponse", "Event", "DryRun"))
        limit = MAX_ASYNC_EVENT_SIZE if kind == "Event" else MAX_EVENT_SIZE
        event = await read_event(request, limit, "InvokeFunction")
        options = read_options(request, service, qualifier, request_id)
        headers = {"x-amzn-RequestId": request_id}
        if kind == "DryRun":
            return web.Response(status=204, headers=headers)
        if kind == "Event":
            service.enqueue(event, **options)
            return web.Response(status=202, headers=headers)
        call = _start(service, event, options)
        answer = await call.answer()
        headers["X-Amz-Executed-Version"] = service.function.version
        headers["X-Amzn-Trace-Id"] = (options.get("trace_id") or "").partition(";")[0]
        if answer.is_error:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if _wants_log(request):
            headers["X-Amz-Log-Result"] = base64.b64encode(await call.log_tail()).decode()
        headers["x-amzn-Remapped-Content-Length"] = "0"
        return web.Response(body=answer.payload, headers=headers, content_type="application/json")

    async def _stream(self, request: web.Request, request_id: str) -> web.StreamResponse:
        service, qualifier = find_function(request, self._functions)
        kind = _invocation_type(request, ("RequestResponse", "DryRun"))
        event = await read_event(request, MAX_EVENT_SIZE, "InvokeWithResponseStream")
        options = read_options(request, service, qualifier, request_id)
        headers = {"x-amzn-RequestId": request_id}
        if kind == "DryRun":
            return web.Response(status=204, headers=headers)
        call = _start(service, event, options, streamed=True)
        await call.head()
        response = web.StreamResponse(
            headers={
                **headers,
                "Content-Type": event_stream.CONTENT_TYPE,
                "X-Amz-Executed-Version": service.function.version,
            }
        )
        await response.prepare(request)
        async for chunk in call.chunks():
            if chunk:
                await response.write(event_stream.payload_chunk(chunk))
        answer = await call.answer()
        details = answer.payload.decode(errors="replace") if answer.is_error else None
        log = base64.b64encode(await call.log_tail()).decode() if _wants_log(request) else None
        await response.write(event_stream.invoke_complete(answer.error_type, details, log))
        await response.write_eof()
        return response

    async def _invoke_async(self, request: web.Request, request_id: str) -> web.StreamResponse:
        service, qualifier = find_function(request, self._functions)
        event = await read_event(request, MAX_ASYNC_EVENT_SIZE, "InvokeAsync")
        service.enqueue(event, **read_options(request, service, qualifier, request_id))
        return web.json_response(
            {"Status": 202}, status=202, headers={"x-amzn-RequestId": request_id}
        )


async def refuse_operation(request: web.Request) -> web.StreamResponse:
    """Answer what no route is for, in a form that AWS's clients can read.

    Args:
        request: Any request.
    """
    refusal = aws_error.unknown_operation(request.method, request.path)
    return refusal.response(str(uuid.uuid4()))


def _handler(answer: _Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Make a handler for aiohttp's router of what answers a request or refuses it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request_id = str(uuid.uuid4())
        try:
            return await answer(request, request_id)
        except Refusal as refusal:
            return refusal.response(request_id)
        except ConnectionAbortedError as error:
            return aws_error.stopped(error).response(request_id)

    return handle


def _invocation_type(request: web.Request, known: tuple[str, ...]) -> str:
    kind = request.headers.get("X-Amz-Invocation-Type", "RequestResponse")
    if kind not in known:
        *others, last = known
        message = f"Unknown invocation type {kind!r}: use {', '.join(others)} or {last}."
        raise aws_error.invalid_parameter(message)
    return kind


def _start(
    service: "FunctionService", event: bytes, options: InvocationOptions, *, streamed: bool = False
) -> "Call":
    try:
        kind: Kind = "Stream" if streamed else "RequestResponse"
        return service.start(event, kind=kind, streamed=streamed, **options)
    except Throttled:
        raise aws_error.throttled() from None


def _wants_log(request: web.Request) -> bool:
    return request.headers.get("X-Amz-Log-Type") == "Tail"
