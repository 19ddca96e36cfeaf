"""An HTTP server for programs of this machine, but for no web page that a browser shows.

A page could otherwise name the emulator's address in a form, or have its own name resolved to it.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE
from aiohttp.http_exceptions import HttpProcessingError

from ._event import MAX_EVENT_SIZE

URL_PREFIX = "/lambda-url/"
"""The beginning of the paths of function URLs, where the configured CORS decides."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ENDLESS = web.AppKey("endless", set[asyncio.Task[Any] | None])


def server_runner(routes: list[web.RouteDef], guard: "Guard", *, own_origin: bool) -> web.AppRunner:
    """Return a runner for an HTTP server.

    Args:
        routes: The routes that it has.
        guard: Decides which requests are let in.
        own_origin: See `Guard.middleware`.

    Returns:
        The runner, to set up and to give sites to.
    """
    # aiohttp's versions differ in whether the limit itself is allowed.
    app = web.Application(
        client_max_size=MAX_EVENT_SIZE + 1, middlewares=[guard.middleware(own_origin=own_origin)]
    )
    app.add_routes(routes)
    app.on_response_prepare.append(_hide_server)
    app[_ENDLESS] = set()
    app.on_shutdown.append(_end_endless)
    logger = logging.getLogger(__name__)
    logger.addFilter(_blame_client)
    return web.AppRunner(app, access_log=None, logger=logger, shutdown_timeout=1)


def endless(handler: _Handler) -> _Handler:
    """Return a handler whose response ends with the server: it has no end of its own.

    Args:
        handler: Streams for as long as the client is there.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        tasks, task = request.app[_ENDLESS], asyncio.current_task()
        tasks.add(task)
        try:
            return await handler(request)
        finally:
            tasks.discard(task)

    return handle


async def _end_endless(app: web.Application) -> None:
    for task in app[_ENDLESS]:
        if task is not None:
            task.cancel()


class Guard:
    """Checks the ``Host`` and the ``Origin`` of requests."""

    def __init__(self, listens_at: str, allowed_hosts: Collection[str]) -> None:
        """Decide which requests are let in.

        Args:
            listens_at: The address that the server listens at. If it is not a loopback address,
                clients may use any address of the machine.
            allowed_hosts: More names that the machine is called by.
        """
        self._open = not _is_loopback(listens_at)
        self._allowed = frozenset(host.lower() for host in (*allowed_hosts, listens_at))

    def middleware(self, *, own_origin: bool) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Return a middleware that answers the others with 403.

        Args:
            own_origin: Whether only pages of the server itself may send requests, but for
                function URLs: there, the configured CORS decides.
        """

        @web.middleware
        async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
            if not self._knows(request.host):
                return _forbidden(f"The host {request.host!r} is not this emulator's")
            origin = request.headers.get("Origin")
            if own_origin and origin and not request.path.startswith(URL_PREFIX):
                parts = urlsplit(origin)
                if parts.netloc.lower() != request.host.lower():
                    return _forbidden(f"Pages of {origin!r} may not use this emulator")
            return await handler(request)

        return check

    def _knows(self, host: str) -> bool:
        name = _name(host)
        return name in self._allowed or _is_loopback(name) or (self._open and _is_address(name))


async def _hide_server(_request: web.Request, response: web.StreamResponse) -> None:
    """Take away what aiohttp adds: Lambda does not say what serves it; a function may."""
    if response.headers.get("Server") == SERVER_SOFTWARE:
        del response.headers["Server"]


def _blame_client(record: logging.LogRecord) -> bool:
    """Log bytes that are not an HTTP request in one line: they are no error of this program."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.msg = f"{record.msg}: that is not HTTP"
        record.exc_info = None
    return True


# Clients call this machine by a few names, again and again.
@lru_cache(64)
def _name(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "").lower()


@lru_cache(64)
def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _forbidden(reason: str) -> web.Response:
    body = {"Type": "User", "message": f"{reason}: start it with --allow-host, or use 127.0.0.1."}
    headers = {"x-amzn-ErrorType": "AccessDeniedException"}
    return web.json_response(body, status=403, headers=headers)
