"""Functions over HTTP: function URLs, and the other front ends that call functions.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from aiohttp import web
from multidict import CIMultiDict

from ._config import URLConfig
from ._connections import read_body
from ._cors import cors_headers, is_allowed, is_preflight
from ._event import MAX_EVENT_SIZE
from ._front_end import FRONT_ENDS, Problem
from ._http_event import to_event
from ._http_request import BadPathError, HTTPRequest
from ._http_response import BadResponse, problem_response, to_response
from ._http_server import URL_PREFIX
from ._http_stream import collected_response, has_prelude, send_stream
from ._invocation import EmulatedInvocation
from ._origin import is_foreign_page, read_host
from ._platform import malformed_response
from ._service import FunctionService, Throttled
from ._trace import new_trace_id

_ANY_PATH = r"{path:[\s\S]*}"  # a decoded path may have a line feed, which a dot is not


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
            web.route("*", URL_PREFIX + "{function}/" + _ANY_PATH, self._handle),
        ]

    def routes_of(self, name: str) -> list[web.RouteDef]:
        """Return the routes for an application that serves one function only, as AWS does.

        Args:
            name: The function's name.
        """
        service = self._functions[name]

        async def handle(request: web.Request) -> web.StreamResponse:
            return await _serve(service, request, below=0)

        return [web.route("*", "/" + _ANY_PATH, handle)]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["function"]
        if name not in self._functions:
            headers = {"x-amzn-ErrorType": "AccessDeniedException"}
            return web.json_response({"Message": None}, status=403, headers=headers)
        return await _serve(self._functions[name], request, below=2)


async def _serve(
    service: FunctionService, request: web.Request, *, below: int
) -> web.StreamResponse:
    """Answer a request.

    Args:
        service: The function.
        request: The request.
        below: How many segments of its path are not the function's.
    """
    config = service.config.url
    added: CIMultiDict[str] = CIMultiDict()
    if config.cors is not None:
        preflight = is_preflight(request.method, request.headers)
        added = cors_headers(config.cors, request.headers.get("Origin"), preflight=preflight)
        if preflight:
            return web.Response(headers=added)
    host = read_host(request.headers, required=False)
    let_in = config.cors is not None and is_allowed(config.cors, request.headers.get("Origin"))
    if not let_in and is_foreign_page(request.method, request.headers, host):
        return _refuse_page(request)
    try:
        body = await read_body(request)
    except web.HTTPRequestEntityTooLarge:
        body = None
    described = _describe(request, below, body or b"")
    added.update(_identity(described, config))
    try:
        if body is None:
            return _problem("too_large", config, added)
        return await _answer(service, request, described, added)
    except ConnectionAbortedError:  # the emulator ends
        return _problem("stopped", config, added)


async def _answer(
    service: FunctionService,
    request: web.Request,
    described: HTTPRequest,
    added: CIMultiDict[str],
) -> web.StreamResponse:
    """Invoke the function, and return its response; one that is streamed has been sent then."""
    config = service.config.url
    front_end = FRONT_ENDS[config.format]
    if described.is_head_too_large(front_end):
        return _problem("head_too_large", config, added)
    if "Upgrade" in described.headers and not front_end.upgrades:
        return _problem("bad_request", config, added)
    try:
        event = json.dumps(to_event(described, service.function, config)).encode()
    except BadPathError:
        return _problem("bad_request", config, added)
    if len(described.body) > front_end.max_body or len(event) > MAX_EVENT_SIZE:
        return _problem("too_large", config, added)
    streamed = front_end.streams and config.invoke_mode == "RESPONSE_STREAM"
    try:
        invocation = service.invoke(
            event,
            kind="URL",
            streamed=streamed,
            request_id=described.request_id,
            trace_id=described.trace_id,
        )
    except Throttled:
        return _problem("throttled", config, added)
    try:
        if streamed:
            response = await _streamed(invocation, config, request, added)
        else:
            timeout = config.integration_timeout or front_end.timeout
            if service.config.debug_port is not None:  # a developer takes the time it takes
                timeout = None
            async with asyncio.timeout(timeout):
                response = await _buffered(invocation, config, request)
    except BadResponse as error:
        service.write_log(malformed_response(described.request_id, front_end.title, str(error)))
        response = problem_response("failed", front_end)
    except TimeoutError:
        response = problem_response("timed_out", front_end)
    service.note_http_status(invocation, response.status)
    if not response.prepared:
        _set(response.headers, added)
    return response


async def _buffered(
    invocation: EmulatedInvocation, config: URLConfig, request: web.Request
) -> web.Response:
    await invocation
    front_end = FRONT_ENDS[config.format]
    if invocation.is_error:
        return problem_response("failed", front_end)
    if has_prelude(invocation):
        return collected_response(invocation.payload, front_end)
    return to_response(invocation.payload, config, request.headers.get("Accept"))


async def _streamed(
    invocation: EmulatedInvocation,
    config: URLConfig,
    request: web.Request,
    added: CIMultiDict[str],
) -> web.StreamResponse:
    front_end = FRONT_ENDS[config.format]
    await invocation.head()
    if invocation.streamed:
        return await send_stream(invocation, front_end, request, added)
    await invocation
    if invocation.is_error:
        return problem_response("failed", front_end)
    if front_end.requires_prelude:
        raise BadResponse("it is not a stream that begins with a prelude")
    content_type = invocation.content_type or "application/json"
    return web.Response(body=invocation.payload, headers={"Content-Type": content_type})


def _describe(request: web.Request, below: int, body: bytes) -> HTTPRequest:
    target = request.raw_path
    if not target.startswith("/"):  # an absolute one, as clients send to a proxy
        parts = urlsplit(target)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    path, _, query = target.partition("?")
    segments = path.split("/", below + 1)
    path = f"/{segments[below + 1]}" if len(segments) > below + 1 else "/"
    address = cast("tuple[str, int] | None", request.get_extra_info("sockname"))
    trace_id = request.headers.get("X-Amzn-Trace-Id", "")
    return HTTPRequest(
        method=request.method,
        raw_path=path,
        raw_query=query,
        protocol=f"HTTP/{request.version.major}.{request.version.minor}",
        headers=request.headers,
        body=body,
        source_ip=request.remote or "127.0.0.1",
        port=address[1] if address else 80,
        request_id=str(uuid.uuid4()),
        # The Runtime API sends it on in a header.
        trace_id=trace_id if trace_id.isascii() and trace_id else new_trace_id(),
        moment=time.time(),
    )


def _identity(described: HTTPRequest, config: URLConfig) -> dict[str, str]:
    return dict.fromkeys(FRONT_ENDS[config.format].request_id_headers, described.request_id)


def _problem(problem: Problem, config: URLConfig, added: CIMultiDict[str]) -> web.StreamResponse:
    response = problem_response(problem, FRONT_ENDS[config.format])
    _set(response.headers, added)
    return response


def _refuse_page(request: web.Request) -> web.StreamResponse:
    page = request.headers.get("Origin") or "another site"
    message = f"Pages of {page} may not call this function: --cors ORIGIN lets them."
    headers = {"x-amzn-ErrorType": "AccessDeniedException"}
    return web.json_response({"Message": message}, status=403, headers=headers)


def _set(headers: CIMultiDict[str], added: CIMultiDict[str]) -> None:
    for name, value in added.items():
        headers[name] = value
