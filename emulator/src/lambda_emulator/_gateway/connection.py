"""The connections of a WebSocket API."""

import base64
import os
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lambda_emulator._http_event import Endpoint, gateway_id
from lambda_emulator._http_request import HTTPRequest

if TYPE_CHECKING:
    from aiohttp import web

MAX_MESSAGE = 128 * 1024
"""The most bytes of a message, in each direction.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""


class Connection:
    """A connection.

    Attributes:
        id: The id.
        request: The request that it began with.
        endpoint: The address of the request.
        authorizer: The authorizer's part of events, or None.
        active_at: The time of the last message, in seconds of Unix time.
        socket: The connection itself; None until it is established.
        closed_with: The code and the reason with which this side has ended it, or None.
    """

    def __init__(self, request: HTTPRequest, endpoint: Endpoint) -> None:
        """Note a request for a connection.

        Args:
            request: The request.
            endpoint: The address of the request.
        """
        self.id = base64.urlsafe_b64encode(os.urandom(11)).decode()  # for paths
        self.request = request
        self.endpoint = endpoint
        self.authorizer: Mapping[str, Any] | None = None
        self.active_at = request.moment
        self.socket: web.WebSocketResponse | None = None
        self.closed_with: tuple[int, str] | None = None

    @property
    def is_open(self) -> bool:
        """True if messages can be sent."""
        return self.socket is not None and not self.socket.closed

    async def send(self, text: str) -> None:
        """Send a message.

        Args:
            text: The message.

        Raises:
            ConnectionError: The client has left.
        """
        if self.socket is None or self.socket.closed:
            raise ConnectionResetError("the client has left")
        await self.socket.send_str(text)
        self.active_at = time.time()

    async def close(self, code: int, reason: str) -> None:
        """End the connection.

        Args:
            code: The code that the client gets.
            reason: The same, in words.
        """
        if self.socket is not None:
            self.closed_with = self.closed_with or (code, reason)
            await self.socket.close(code=code, message=reason.encode())

    def context(self, route_key: str, event_type: str, **more: object) -> dict[str, Any]:
        """Return the context of a request.

        Args:
            route_key: The key of the route that it is for.
            event_type: ``CONNECT``, ``MESSAGE`` or ``DISCONNECT``.
            **more: More that its event says.
        """
        now = self.request._replace(moment=time.time())
        request_id = gateway_id()
        agent = {} if now.user_agent is None else {"userAgent": now.user_agent}
        return {
            "routeKey": route_key,
            **more,
            **({} if self.authorizer is None else {"authorizer": self.authorizer}),
            "eventType": event_type,
            "extendedRequestId": request_id,
            "requestTime": now.common_log_time,
            "messageDirection": "IN",
            "stage": self.endpoint.stage,
            "connectedAt": self.request.moment_ms,
            "requestTimeEpoch": now.moment_ms,
            "identity": {**agent, "sourceIp": now.source_ip},
            "requestId": request_id,
            "domainName": self.endpoint.domain,
            "connectionId": self.id,
            "apiId": self.endpoint.api_id,
        }

    def description(self) -> dict[str, Any]:
        """Return what the management API says of it."""
        agent = self.request.user_agent
        return {
            "connectedAt": _iso(self.request.moment),
            "identity": {"sourceIp": self.request.source_ip, "userAgent": agent or ""},
            "lastActiveAt": _iso(self.active_at),
        }


class Connections:
    """The connections that are open, by id."""

    def __init__(self) -> None:
        """Have no connections yet."""
        self._open: dict[str, Connection] = {}

    def __iter__(self) -> Iterator[Connection]:
        """Yield the connections."""
        return iter([*self._open.values()])

    def add(self, connection: Connection) -> None:
        """Note that a connection is established.

        Args:
            connection: The connection.
        """
        self._open[connection.id] = connection

    def remove(self, connection: Connection) -> None:
        """Note that a connection has ended.

        Args:
            connection: The connection.
        """
        self._open.pop(connection.id, None)

    def find(self, connection_id: str) -> Connection | None:
        """Return an open connection, or None if none has that id.

        Args:
            connection_id: The id.
        """
        connection = self._open.get(connection_id)
        return connection if connection is not None and connection.is_open else None


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
