"""Functions over HTTP: function URLs, and the other front ends that call functions.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from collections.abc import Mapping

from aiohttp import web
from multidict import CIMultiDict

from ._connections import read_body
from ._cors import cors_headers, is_allowed, is_preflight
from ._front_ends import FRONT_ENDS
from ._http_event import to_event
from ._http_exchange import Exchange, describe, refuse_page
from ._http_request import BadPathError
from ._http_server import URL_PREFIX
from ._origin import is_foreign_page, read_host
from ._service import FunctionService

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
        below: The number of segments of the path that are not the function's.
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
        return refuse_page(request, "this function: --cors ORIGIN lets them.")
    try:
        body = await read_body(request)
    except web.HTTPRequestEntityTooLarge:
        body = None
    front_end = FRONT_ENDS[config.format]
    described = describe(request, below, body or b"")
    added.update(dict.fromkeys(front_end.request_id_headers, described.request_id))
    exchange = Exchange(
        request,
        described,
        front_end,
        added,
        binary_types=config.binary_media_types,
        streamed=front_end.streams and config.invoke_mode == "RESPONSE_STREAM",
        timeout=config.integration_timeout,
    )
    problem = "too_large" if body is None else exchange.refusal()
    try:
        if problem is not None:
            return exchange.problem(problem)
        return await exchange.invoke(service, to_event(described, service.function, config))
    except BadPathError:
        return exchange.problem("bad_request")
    except ConnectionAbortedError:  # the emulator ends
        return exchange.problem("stopped")
