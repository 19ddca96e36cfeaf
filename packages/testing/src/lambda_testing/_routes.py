"""The HTTP side of an execution environment: requests of the runtime in, replies out."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from . import _wire as wire
from ._state import ExecutionEnvironment, State
from ._wire import Refused, Reply

if TYPE_CHECKING:
    import asyncio

    from ._watch import Watch

Endpoint = Literal["next", "response", "error", "init/error"]
_Target = Literal[State.RESPONSE, State.ERROR_RESPONSE]
_AnswerKind = Literal["response", "error"]
_Received = tuple[_AnswerKind, bytes, Reply]

_TOO_LARGE = wire.error_payload(
    "Function.ResponseSizeTooLarge",
    "Response payload size exceeded maximum allowed payload size "
    f"({wire.MAX_PAYLOAD_BYTES} bytes).",
)
_TRUNCATED = wire.error_payload(
    "Runtime.TruncatedResponse", "The connection broke before the whole response was here"
)
_INVALID_MODE = wire.error_payload(
    "Runtime.InvalidResponseModeHeader", "The only response mode that has a name is 'streaming'"
)


@dataclass(slots=True)
class Request:
    """One request of the runtime.

    Attributes:
        method: The HTTP method.
        path: The path as it was sent, percent-encoding included.
        headers: The headers, names in any case.
        body: The body; empty until all of it is here, and if it is larger than is allowed.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


_Answer = Callable[[web.Request, Request], Awaitable[Reply]]


class Routes:
    """Serves one execution environment.

    Attributes:
        canned: Replies by endpoint, that the next requests get past the state machine.
    """

    def __init__(
        self, environment: ExecutionEnvironment, watch: Watch, record: Callable[[Request], None]
    ) -> None:
        """Serve an execution environment.

        Args:
            environment: Whose requests come here.
            watch: Wakes the polls that wait; is told when one begins to, and of an init error.
            record: Called with each request as it comes in.
        """
        self.canned: defaultdict[Endpoint | None, deque[Reply]] = defaultdict(deque)
        self._environment = environment
        self._watch = watch
        self._record = record
        self._open: set[asyncio.BaseTransport] = set()
        self._closed = False

    def known(self) -> list[web.RouteDef]:
        """Return the routes of the Runtime API."""
        runtime = "/2018-06-01/runtime"
        one = f"{runtime}/invocation/{{request_id}}"
        return [
            web.get("/2018-06-01/ping", self._handler(None, self._ping), allow_head=False),
            web.get(
                f"{runtime}/invocation/next", self._handler("next", self._next), allow_head=False
            ),
            web.post(f"{one}/response", self._handler("response", self._response)),
            web.post(f"{one}/error", self._handler("error", self._error)),
            web.post(f"{runtime}/init/error", self._handler("init/error", self._init_error)),
        ]

    def unknown(self) -> web.RouteDef:
        """Return the route of all other paths."""
        return web.route("*", "/{path:.*}", self._handler(None, self._not_found))

    def disconnect(self) -> None:
        """Close the connections whose requests are not answered yet."""
        for transport in self._open:
            transport.close()
        self._watch.notify()

    def close(self) -> None:
        """Close all connections that a request is on, or yet comes on."""
        self._closed = True
        self.disconnect()

    def _handler(
        self, endpoint: Endpoint | None, answer: _Answer
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            seen = Request(request.method, request.raw_path, request.headers)
            self._record(seen)
            transport = request.transport
            if transport is None:  # it hung up before its request was looked at
                return _Response(wire.DISCONNECT)
            self._open.add(transport)
            try:
                reply = await self._reply(endpoint, answer, request, seen)
            except ConnectionError:  # it hung up in the middle of its request
                reply = wire.DISCONNECT
            finally:
                self._open.discard(transport)
            if reply.disconnect:
                transport.close()
            return _Response(reply)

        return handle

    async def _reply(
        self, endpoint: Endpoint | None, answer: _Answer, request: web.Request, seen: Request
    ) -> Reply:
        if self._closed:
            return wire.DISCONNECT
        canned = self.canned[endpoint]
        if canned:
            reply = canned.popleft()
        else:
            try:
                return await answer(request, seen)
            except Refused as refused:
                reply = refused.reply
        # Refused or not, what the runtime sent belongs into the journal.
        seen.body = seen.body or await _read(request, wire.MAX_PAYLOAD_BYTES) or b""
        return reply

    async def _ping(self, _request: web.Request, _seen: Request) -> Reply:
        return wire.PONG

    async def _not_found(self, request: web.Request, seen: Request) -> Reply:
        seen.body = await _read(request, wire.MAX_PAYLOAD_BYTES) or b""
        return wire.NOT_FOUND

    async def _next(self, request: web.Request, _seen: Request) -> Reply:
        environment = self._environment
        invocation = environment.poll() or environment.take()
        if invocation is None:
            environment.parked += 1
            self._watch.notify()
            try:
                while not _is_gone(request) and (invocation := environment.take()) is None:
                    await self._watch.change()
            finally:
                environment.parked -= 1
        if invocation is None:
            return wire.DISCONNECT
        return Reply(200, invocation.event, invocation.deliver())

    async def _response(self, request: web.Request, seen: Request) -> Reply:
        return await self._answer(request, seen, State.RESPONSE, "response")

    async def _error(self, request: web.Request, seen: Request) -> Reply:
        return await self._answer(request, seen, State.ERROR_RESPONSE, "error")

    async def _answer(
        self, request: web.Request, seen: Request, target: _Target, kind: _AnswerKind
    ) -> Reply:
        environment = self._environment
        invocation = environment.begin_answer(
            request.match_info["request_id"], request.headers.get(wire.INVOCATION_ID), target
        )
        received: _Received = ("error", _TRUNCATED, wire.DISCONNECT)
        try:
            received = await _receive(request, seen, kind)
        finally:
            result, payload, reply = received
            in_time = environment.end_answer(invocation, result, payload, request.headers)
        return reply if in_time else wire.INVOKE_TIMEOUT

    async def _init_error(self, request: web.Request, seen: Request) -> Reply:
        body = await _read(request, wire.MAX_PAYLOAD_BYTES)
        seen.body = body or b""
        self._environment.fail_init(_TOO_LARGE if body is None else body, request.headers)
        self._watch.notify()
        return wire.PAYLOAD_TOO_LARGE if body is None else wire.ACCEPTED


async def _receive(request: web.Request, seen: Request, kind: _AnswerKind) -> _Received:
    """Read an answer; return what the caller gets for it, and what the runtime does."""
    mode = request.headers.get(wire.RESPONSE_MODE, "") if kind == "response" else ""
    streamed = mode == "streaming"
    body = await _read(request, wire.MAX_STREAM_BYTES if streamed else wire.MAX_PAYLOAD_BYTES)
    if body is None:
        return "error", _TOO_LARGE, wire.PAYLOAD_TOO_LARGE
    seen.body = body
    if mode and not streamed:
        return "error", _INVALID_MODE, wire.INVALID_RESPONSE_MODE
    return kind, body, wire.ACCEPTED


async def _read(request: web.Request, limit: int) -> bytes | None:
    """Read a body; return None if it has more than ``limit`` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
    return b"".join(parts)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


class _Response(web.Response):
    """A reply on its way, and the headers that it must not have."""

    def __init__(self, reply: Reply) -> None:
        given = {name: value for name, value in reply.headers.items() if value is not None}
        super().__init__(status=reply.status, body=reply.body, headers=given)
        self.absent = reply.headers.keys() - given.keys()


async def take_away_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Drop the headers that aiohttp adds to a reply which must not have them.

    Args:
        response: The response that is about to be sent.
    """
    if isinstance(response, _Response):
        for name in response.absent:
            response.headers.pop(name, None)
