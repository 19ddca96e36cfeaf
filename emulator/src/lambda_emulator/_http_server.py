"""An HTTP server for programs of this machine, not for web pages in a browser.

A page could otherwise name the emulator's address in a form, or have its own name resolved to it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE
from aiohttp.http_exceptions import HttpProcessingError

from ._connections import IDLE_SECONDS, ConnectionWatch
from ._event import MAX_EVENT_SIZE
from ._origin import (
    MalformedHeaderError,
    is_address,
    is_foreign_page,
    is_loopback,
    read_host,
    read_origin,
)

URL_PREFIX = "/lambda-url/"
"""The beginning of the paths of function URLs, where the configured CORS decides."""
MAX_HEADER_SIZE = 64 * 1024
"""The most bytes in a request line or a header; front ends have limits of their own."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ServerRunner(web.AppRunner):
    """Runs an application, and ends connections that nobody uses."""

    def __init__(self, app: web.Application, watch: ConnectionWatch, **options: Any) -> None:
        """Prepare to run an application.

        Args:
            app: The application.
            watch: Watches the connections.
            **options: See aiohttp's runner.
        """
        super().__init__(app, **options)
        self._watch = watch
        self._watching: asyncio.Task[None] | None = None

    async def setup(self) -> None:
        """Prepare the server, and begin to watch its connections."""
        await super().setup()
        if self.server is not None:
            self._watching = asyncio.create_task(self._watch.run(self.server))

    async def cleanup(self) -> None:
        """End the server."""
        if self._watching is not None:
            self._watching.cancel()
        await super().cleanup()


def server_runner(routes: list[web.RouteDef], guard: "Guard", *, own_origin: bool) -> ServerRunner:
    """Return a runner for an HTTP server.

    Args:
        routes: The routes that it has.
        guard: Decides which requests are let in.
        own_origin: See `Guard.middleware`.

    Returns:
        The runner, to set up and to give sites to.
    """
    watch = ConnectionWatch()
    # aiohttp's versions differ in whether the limit itself is allowed.
    app = web.Application(
        client_max_size=MAX_EVENT_SIZE + 1,
        middlewares=[watch.middleware, guard.middleware(own_origin=own_origin)],
    )
    app.add_routes(routes)
    app.on_response_prepare.append(_hide_server)
    logger = logging.getLogger(__name__)
    logger.addFilter(_blame_client)
    return ServerRunner(
        app,
        watch,
        access_log=None,
        logger=logger,
        shutdown_timeout=1,
        keepalive_timeout=IDLE_SECONDS,
        auto_decompress=False,  # a function gets the body that was sent
        max_line_size=MAX_HEADER_SIZE,
        max_field_size=MAX_HEADER_SIZE,
    )


class Guard:
    """Checks the ``Host`` and the ``Origin`` of requests."""

    def __init__(self, listens_at: str, allowed_hosts: Collection[str]) -> None:
        """Decide which requests are let in.

        Args:
            listens_at: The address that the server listens at. If it is not a loopback address,
                clients may use any address of the machine.
            allowed_hosts: More names that the machine is called by.
        """
        self._open = not is_loopback(listens_at)
        self._allowed = frozenset(host.lower() for host in (*allowed_hosts, listens_at))

    def middleware(self, *, own_origin: bool) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Return a middleware that answers the others with 403, and with 400 what is malformed.

        Args:
            own_origin: True to accept requests only from pages of the server itself, except at
                function URLs: there, the configured CORS decides.
        """

        @web.middleware
        async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
            try:
                own = own_origin and not request.path.startswith(URL_PREFIX)
                reason = self.refusal(request, own_origin=own)
                return await handler(request) if reason is None else _forbidden(reason)
            except MalformedHeaderError as error:
                message = {"Type": "User", "message": f"The request is malformed: {error}."}
                headers = {"x-amzn-ErrorType": "MalformedHttpRequestException"}
                return web.json_response(message, status=400, headers=headers)

        return check

    def refusal(self, request: web.BaseRequest, *, own_origin: bool) -> str | None:
        """Return why a request is not let in, or None.

        Args:
            request: The request.
            own_origin: True to accept requests only from pages of the server itself.

        Raises:
            MalformedHeaderError: The ``Host`` or its ``Origin`` cannot be read.
        """
        host = read_host(request.headers, required=request.version >= (1, 1))
        origin = read_origin(request.headers)
        if host[0] and not self._knows(host[0]):
            return (
                f"The host {host[0]!r} is not this emulator's:"
                " start it with --allow-host, or use 127.0.0.1."
            )
        if own_origin and is_foreign_page(request.method, request.headers, host):
            return f"Pages of {origin or 'other sites'!r} may not use this emulator."
        return None

    def _knows(self, name: str) -> bool:
        return name in self._allowed or is_loopback(name) or (self._open and is_address(name))


async def _hide_server(_request: web.Request, response: web.StreamResponse) -> None:
    """Take away what aiohttp adds: Lambda does not say what serves it; a function may."""
    if response.headers.get("Server") == SERVER_SOFTWARE:
        del response.headers["Server"]


def _blame_client(record: logging.LogRecord) -> bool:
    """Log bytes that are not an HTTP request in one line: this program did nothing wrong."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.msg = f"{record.msg}: that is not HTTP"
        record.exc_info = None
    return True


def _forbidden(reason: str) -> web.Response:
    body = {"Type": "User", "message": reason}
    headers = {
        "x-amzn-ErrorType": "AccessDeniedException",
        "Content-Security-Policy": "frame-ancestors 'none'",
    }
    return web.json_response(body, status=403, headers=headers)
