"""WebSocket APIs: a function is asked for each connection, each message, and each end.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from aiohttp import WSMessage, WSMsgType, web
from multidict import CIMultiDict

from lambda_emulator._config import Cors
from lambda_emulator._cors import is_allowed
from lambda_emulator._front_ends import FRONT_ENDS
from lambda_emulator._http_event import Endpoint, gateway_id
from lambda_emulator._http_exchange import describe, refuse_page
from lambda_emulator._http_response import BadResponse, problem_response, to_response
from lambda_emulator._invocation import MissingTenant, Throttled
from lambda_emulator._origin import is_foreign_page, read_host
from lambda_emulator._platform import malformed_response
from lambda_emulator._project.description import Api, Route
from lambda_emulator._service import FunctionService

from .authorizers import Authorizers
from .call import Call, Refusal
from .connection import MAX_MESSAGE, Connection, Connections
from .frame_limit import FrameLimit
from .keys import Keys
from .management_api import ManagementAPI
from .naming import api_id
from .route_selection import CONNECT, DISCONNECT, routes_by_key, select
from .routes import below_stage
from .throttling import RequestLimits
from .websocket_event import REASONS, connect_event, disconnect_event, message_event

IDLE_SECONDS = 600.0
"""Within which something must be sent."""
MAX_SECONDS = 7200.0
"""Within which a connection ends, whatever is sent."""
_FRONT_END = FRONT_ENDS["v1"]
_AT_ONCE = 100  # messages of a connection that functions work on
_ERROR = "Internal server error"
_CLOSE_SECONDS = 1.0  # for a client to answer that the connection ends


class _Failed(Exception):
    """A function has not given a response; the message is for the client."""


class WebSocketAPI:
    """A WebSocket API.

    Attributes:
        connections: The open connections.
    """

    def __init__(
        self,
        api: Api,
        functions: Mapping[str, FunctionService],
        keys: Keys | None,
        limits: RequestLimits,
        page_origins: Sequence[str] = (),
    ) -> None:
        """Prepare to serve an API.

        Args:
            api: The API.
            functions: The functions that are served, by name.
            keys: The keys of issuers; None to take tokens unchecked.
            limits: Counts its connections and messages.
            page_origins: Origins of pages, or ``*``, that may connect.

        Raises:
            ImportError: A library is missing that the API needs.
        """
        self.connections = Connections()
        self._api = api
        self._functions = functions
        self._routes = routes_by_key(api.routes)
        self._authorizers = Authorizers(api, functions, keys)
        self._limits = limits
        self._pages = Cors(allow_origins=tuple(page_origins))
        self._management = ManagementAPI([self.connections])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request: serve a connection until its end, or manage one.

        Args:
            request: The request.
        """
        described = describe(request, 0, b"")
        host = read_host(request.headers, required=False)
        foreign = is_foreign_page(request.method, request.headers, host)
        if ManagementAPI.is_for(described.raw_path):
            if foreign:
                return refuse_page(request, "this API.")
            return await self._management.handle(request)
        pages = [self._pages, *([self._api.cors] if self._api.cors else [])]
        origin = request.headers.get("Origin")
        if foreign and not any(is_allowed(cors, origin) for cors in pages):
            return refuse_page(request, "this API: --cors ORIGIN lets them.")
        if below_stage(self._api, described.raw_path) != "/":
            return problem_response("no_stage", _FRONT_END)
        if not _socket().can_prepare(request):
            return problem_response("forbidden", _FRONT_END)
        connection = Connection(described, self._endpoint(request))
        try:
            headers = await self._connect(connection)
        except Refusal as refusal:
            return problem_response(refusal.problem, _FRONT_END)
        except _Refused as refused:
            return refused.response
        except (_Failed, ConnectionAbortedError):
            return problem_response("failed", _FRONT_END)
        if request.transport is None or request.transport.is_closing():
            await self._disconnect(connection, 1006, "")  # the function has taken it
            return web.Response()
        protocol = headers.get("Sec-WebSocket-Protocol")
        socket = _socket(*([protocol] if protocol else []))
        await socket.prepare(request)
        connection.socket = socket
        await self._serve(connection, socket, FrameLimit.watch(request))
        return socket

    async def close(self) -> None:
        """End all connections: the emulator ends."""
        await asyncio.gather(*(each.close(1001, REASONS[1001]) for each in self.connections))

    def _endpoint(self, request: web.Request) -> Endpoint:
        named = next((self._functions.get(route.function) for route in self._api.routes), None)
        service = named or next(iter(self._functions.values()))
        return Endpoint(
            account=service.function.account,
            api_id=api_id(self._api),
            # The address of the management API for functions of this machine.
            domain=request.headers.get("Host", ""),
            stage=self._api.stage,
            route=CONNECT,
            stage_variables=self._api.stage_variables,
        )

    async def _connect(self, connection: Connection) -> CIMultiDict[str]:
        """Ask the authorizer and the function for a connection; return headers for the client."""
        route = self._routes.get(CONNECT)
        if route is None:
            return CIMultiDict()
        if self._limits.refusal(self._api, route, None) is not None:
            raise Refusal("too_many_requests")
        context = connection.context(CONNECT, "CONNECT")
        service = self._service(route)
        call = Call(
            self._api,
            route,
            connection.request,
            connection.endpoint,
            "/",
            service.function.region,
            context,
        )
        grant = await self._authorizers.authorize(call)
        if grant is not None:
            connection.authorizer = context["authorizer"] = grant.version_1()
        response = await self._invoke(route, connect_event(connection, context))
        if response.status >= 300:
            raise _Refused(response)
        return response.headers

    async def _serve(
        self, connection: Connection, socket: web.WebSocketResponse, frames: FrameLimit
    ) -> None:
        """Give messages to functions until the connection ends."""
        self.connections.add(connection)
        room = asyncio.Semaphore(_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as tasks:
                deadline = asyncio.get_running_loop().time() + MAX_SECONDS
                while True:
                    message = await self._receive(connection, socket, frames, deadline)
                    if message.type is not WSMsgType.TEXT:
                        break
                    connection.active_at = time.time()
                    await room.acquire()
                    task = tasks.create_task(self._answer(connection, message.data))
                    task.add_done_callback(lambda _: room.release())
                # Functions that still work on messages do not hold this up.
                self.connections.remove(connection)
                reason = message.extra if isinstance(message.extra, str) else ""
                ended = connection.closed_with or (socket.close_code or 1006, reason)
                await self._disconnect(connection, *ended)
        finally:
            self.connections.remove(connection)

    async def _receive(
        self,
        connection: Connection,
        socket: web.WebSocketResponse,
        frames: FrameLimit,
        deadline: float,
    ) -> WSMessage:
        """Wait for a message, as long as the connection may be idle."""
        loop = asyncio.get_running_loop()
        while True:
            idle_for = time.time() - connection.active_at
            left = min(IDLE_SECONDS - idle_for, deadline - loop.time())
            if left <= 0:
                await connection.close(1001, REASONS[1001])
            try:
                async with asyncio.timeout(max(left, 0)):
                    message = await socket.receive()
            except TimeoutError:
                continue  # something may have been sent in the meantime
            if message.type is WSMsgType.BINARY:
                await connection.close(1003, REASONS[1003])
            elif message.type is WSMsgType.TEXT and (
                frames.is_exceeded or len(message.data.encode()) > MAX_MESSAGE
            ):
                await connection.close(1009, REASONS[1009])
            else:
                return message

    async def _answer(self, connection: Connection, message: str) -> None:
        """Give a message to the function of its route; send its response if the route has one."""
        route = select(self._routes, self._api.route_selection, message)
        key = "" if route is None else route.path
        context = connection.context(key, "MESSAGE", messageId=gateway_id())
        try:
            self._check_limits(route)
            response = await self._invoke(route, message_event(connection, context, message))
            answer = response.text if route is not None and route.responds else None
        except _Failed as error:
            ids = {"connectionId": connection.id, "requestId": context["requestId"]}
            answer = json.dumps({"message": str(error), **ids}, separators=(",", ":"))
        except ConnectionAbortedError:  # the emulator ends
            return
        if answer:
            with suppress(ConnectionError):
                await connection.send(answer)

    def _check_limits(self, route: Route | None) -> None:
        if route is not None and self._limits.refusal(self._api, route, None) is not None:
            raise _Failed("Too Many Requests")

    async def _disconnect(self, connection: Connection, code: int, reason: str) -> None:
        route = self._routes.get(DISCONNECT)
        if route is not None:
            with suppress(_Failed, ConnectionAbortedError):
                await self._invoke(route, disconnect_event(connection, code, reason))

    async def _invoke(self, route: Route | None, event: dict[str, Any]) -> web.Response:
        """Return the response of a route's function."""
        if route is None:
            raise _Failed("Forbidden")
        service = self._service(route)
        timeout = None if service.config.debug_port else route.timeout or _FRONT_END.timeout
        try:
            invocation = service.invoke(json.dumps(event).encode(), kind="URL")
        except (Throttled, MissingTenant) as error:
            raise _Failed(_ERROR) from error
        try:
            async with asyncio.timeout(timeout):
                await invocation
        except TimeoutError as error:
            raise _Failed("Endpoint request timed out") from error
        if invocation.is_error:
            raise _Failed(_ERROR)
        try:
            return to_response(invocation.payload, _FRONT_END, None, ())
        except BadResponse as error:
            record = malformed_response(invocation.request_id, "the WebSocket API", str(error))
            service.write_log(record)
            raise _Failed(_ERROR) from error

    def _service(self, route: Route) -> FunctionService:
        service = self._functions.get(route.function)
        if service is None:
            raise _Failed(_ERROR)
        return service


class _Refused(Exception):
    """The function refuses a connection."""

    def __init__(self, response: web.Response) -> None:
        super().__init__(response.status)
        self.response = response


def _socket(*protocols: str) -> web.WebSocketResponse:
    # aiohttp's versions differ in whether the limit itself is allowed.
    return web.WebSocketResponse(
        max_msg_size=MAX_MESSAGE + 1,
        compress=False,
        timeout=_CLOSE_SECONDS,
        protocols=protocols,
    )
