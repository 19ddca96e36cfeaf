"""The API by which functions send messages to the clients of a WebSocket API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from aiohttp import web

from lambda_emulator._connections import read_body

from .connection import MAX_MESSAGE, Connection, Connections

_PATH = re.compile(r"(?:/[^/]*)?/(?:@|%40)connections/([^/]+)")


class ManagementAPI:
    """Serves ``/@connections/ID``, below any stage."""

    def __init__(self, connections: Iterable[Connections]) -> None:
        """Prepare to serve.

        Args:
            connections: The connections, of one API or several.
        """
        self._connections = tuple(connections)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for an application."""
        paths = ("/@connections/{id}", "/{stage}/@connections/{id}")
        return [web.route("*", path, self.handle) for path in paths]

    @staticmethod
    def is_for(path: str) -> bool:
        """Return whether a path is this API's.

        Args:
            path: A path, as it was sent.
        """
        return _PATH.fullmatch(path) is not None

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a request.

        Args:
            request: The request.
        """
        match = _PATH.fullmatch(request.raw_path.partition("?")[0])
        connection = None if match is None else self._find(unquote(match[1]))
        if connection is None:
            return _error(410, "GoneException", None)
        if request.method == "GET":
            return web.json_response(connection.description())
        if request.method == "DELETE":
            await connection.close(1000, "Connection Closed Normally")
            return web.Response(status=204)
        if request.method != "POST":
            return _error(403, "ForbiddenException", "Forbidden")
        return await _post(request, connection)

    def _find(self, connection_id: str) -> Connection | None:
        found = (each.find(connection_id) for each in self._connections)
        return next((connection for connection in found if connection is not None), None)


async def _post(request: web.Request, connection: Connection) -> web.Response:
    body = await read_body(request)
    if len(body) > MAX_MESSAGE:
        return _error(413, "PayloadTooLargeException", "Message payload too large")
    try:
        await connection.send(body.decode(errors="replace"))
    except ConnectionError:
        return _error(410, "GoneException", None)
    return web.Response()


def _error(status: int, name: str, message: str | None) -> web.Response:
    body = {"message": message}
    return web.json_response(body, status=status, headers={"x-amzn-ErrorType": name})
