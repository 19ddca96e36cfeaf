"""The port of a function's Runtime API: who is let in, and the extensions that are served there."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from lambda_testing import RuntimeAPI

from ._extensions import IDENTIFIER, TELEMETRY_PATH, ExternalExtensions
from ._http_server import Guard

HOST = "127.0.0.1"
"""The address of the port."""

_RUNTIME_PATH = "/2018-06-01/runtime/"
_OF_OTHER_PAGES = frozenset({"cross-site", "same-site"})
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def runtime_runner(api: RuntimeAPI, extensions: ExternalExtensions) -> web.AppRunner:
    """Return the runner of a server for a function's process and its extensions.

    Args:
        api: The Runtime API of the process.
        extensions: The extensions in processes of their own.
    """

    async def route(request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Answer the requests of extensions that the Runtime API does not know, and no page's."""
        by_page = "Origin" in request.headers  # there are no pages at this address
        if by_page or request.headers.get("Sec-Fetch-Site") in _OF_OTHER_PAGES:  # nor links to it
            return web.Response(status=403, text="Pages may not use this Runtime API.")
        if request.path.startswith(_RUNTIME_PATH):
            return await handler(request)
        if (response := extensions.route(request)) is not None:
            return await response
        if request.path == TELEMETRY_PATH:  # of an extension within the function's process
            wanted = request.headers.get(IDENTIFIER)
            for internal in api.extensions:
                if internal.id == wanted:
                    return await extensions.subscribe(request, internal.name)
        return await handler(request)

    return api.runner(Guard(HOST, ()).middleware(own_origin=True), route)
