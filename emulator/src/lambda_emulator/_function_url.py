"""Functions over HTTP: function URLs, and the shapes of API Gateway and of load balancers.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import json
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import cast

from aiohttp import web
from multidict import CIMultiDict

from lambda_testing.contract import PRELUDE_CONTENT_TYPE, PRELUDE_END

from ._config import URLConfig
from ._cors import cors_headers, is_preflight
from ._event import MAX_EVENT_SIZE
from ._http_event import HTTPRequest, to_event
from ._http_response import (
    BadResponse,
    error_response,
    read_prelude,
    to_response,
)
from ._http_server import URL_PREFIX
from ._invocation import EmulatedInvocation
from ._service import FunctionService, Throttled
from ._trace import new_trace_id


class FunctionURLs:
    """Serves functions by the paths of requests."""

    def __init__(self, functions: Mapping[str, FunctionService]) -> None:
        """Serve functions.

        Args:
            functions: The functions by name.
        """
        self._functions = functions

    def routes(self) -> list[web.RouteDef]:
        """Return the routes below ``/lambda-url/NAME``."""
        return [
            web.route("*", URL_PREFIX + "{function}", self._handle),
            web.route("*", URL_PREFIX + "{function}/{path:.*}", self._handle),
        ]

    def routes_of(self, name: str) -> list[web.RouteDef]:
        """Return the routes for an application that serves one function only, as AWS does.

        Args:
            name: The function's name.
        """
        service = self._functions[name]

        async def handle(request: web.Request) -> web.StreamResponse:
            return await _serve(service, request, "")

        return [web.route("*", "/{path:.*}", handle)]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["function"]
        if name not in self._functions:
            headers = {"x-amzn-ErrorType": "AccessDeniedException"}
            return web.json_response({"Message": None}, status=403, headers=headers)
        return await _serve(self._functions[name], request, URL_PREFIX + name)


async def _serve(service: FunctionService, request: web.Request, prefix: str) -> web.StreamResponse:
    config = service.config.url
    allowed: CIMultiDict[str] = CIMultiDict()
    if config.cors is not None:
        preflight = is_preflight(request.method, request.headers)
        allowed = cors_headers(config.cors, request.headers.get("Origin"), preflight=preflight)
        if preflight:
            return web.Response(headers=allowed)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        body = None
    if body is None or len(body) > MAX_EVENT_SIZE:
        return _refuse(413, "RequestEntityTooLargeException", "Request is too large", allowed)
    described = _describe(request, prefix, body)
    event = json.dumps(to_event(described, service.function, config.format)).encode()
    streamed = config.invoke_mode == "RESPONSE_STREAM"
    try:
        invocation = service.invoke(
            event,
            kind="URL",
            streamed=streamed,
            request_id=described.request_id,
            trace_id=described.trace_id,
        )
        response = await _respond(invocation, config, request if streamed else None, allowed)
    except Throttled:
        return _refuse(429, "TooManyRequestsException", "Rate Exceeded.", allowed)
    except ConnectionAbortedError as error:
        return _refuse(503, "ServiceException", str(error), allowed)
    except BadResponse:
        response = error_response(config.format)
    if not response.prepared:
        _set(response.headers, allowed)
        response.headers["x-amzn-RequestId"] = described.request_id
    return response


def _describe(request: web.Request, prefix: str, body: bytes) -> HTTPRequest:
    raw_path, _, raw_query = request.raw_path.partition("?")
    address = cast("tuple[str, int] | None", request.get_extra_info("sockname"))
    return HTTPRequest(
        method=request.method,
        raw_path=raw_path[len(prefix) :] or "/",
        path=request.path[len(prefix) :] or "/",
        raw_query=raw_query,
        headers=request.headers,
        body=body,
        source_ip=request.remote or "127.0.0.1",
        port=address[1] if address else 80,
        request_id=str(uuid.uuid4()),
        trace_id=request.headers.get("X-Amzn-Trace-Id") or new_trace_id(),
    )


async def _respond(
    invocation: EmulatedInvocation,
    config: URLConfig,
    request: web.Request | None,
    allowed: CIMultiDict[str],
) -> web.StreamResponse:
    """Return the response; one that is streamed to a request has been sent then."""
    await invocation.head()
    streamed, content_type = invocation.streamed, invocation.content_type
    has_prelude = streamed and _media_type(content_type) == PRELUDE_CONTENT_TYPE
    if request is None or not streamed:
        await invocation
        if invocation.is_error:
            return error_response(config.format)
        if has_prelude:
            prelude, _, body = invocation.payload.partition(PRELUDE_END)
            status, headers = read_prelude(prelude)
            return web.Response(status=status, headers=headers, body=body)
        if request is None:
            return to_response(invocation.payload, config.format)
        headers = CIMultiDict({"Content-Type": content_type or "application/json"})
        return web.Response(body=invocation.payload, headers=headers)
    async with aclosing(cast("AsyncGenerator[bytes]", invocation.stream())) as pieces:
        rest = b""
        if has_prelude:
            prelude, rest = await _take_prelude(pieces)
            status, headers = read_prelude(prelude)
        else:
            content_type = content_type or "application/octet-stream"
            status, headers = 200, CIMultiDict({"Content-Type": content_type})
        _set(headers, allowed)
        headers["x-amzn-RequestId"] = invocation.request_id
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        if rest:
            await response.write(rest)
        async for piece in pieces:
            await response.write(piece)
    await invocation
    if invocation.is_error and request.transport is not None:
        request.transport.close()  # the only way to tell that there should be more
    else:
        await response.write_eof()
    return response


async def _take_prelude(pieces: AsyncGenerator[bytes]) -> tuple[bytes, bytes]:
    """Return the prelude, and what has come with it of the body."""
    seen = b""
    async for piece in pieces:
        seen += piece
        prelude, end, rest = seen.partition(PRELUDE_END)
        if end:
            return prelude, rest
    raise BadResponse("the response ended before its prelude did")


def _media_type(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _set(headers: CIMultiDict[str], allowed: CIMultiDict[str]) -> None:
    for name, value in allowed.items():
        headers[name] = value


def _refuse(
    status: int, error_type: str, message: str, allowed: CIMultiDict[str]
) -> web.StreamResponse:
    headers = {**allowed, "x-amzn-ErrorType": error_type}
    return web.json_response({"Message": message}, status=status, headers=headers)
