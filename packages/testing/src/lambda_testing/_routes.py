"""The Runtime API over HTTP: requests of the runtime in, replies out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from aiohttp import web

from . import _wire as wire
from ._extension_routes import invoke_event
from ._runtime_state import ResponseState, State
from ._wire import Reply

if TYPE_CHECKING:
    from ._dispatch import Dispatcher
    from ._incoming import Incoming
    from ._invocation import Invocation
    from ._state import ExecutionEnvironment
    from ._watch import Watch

_Received = tuple[Literal["response", "error", "stream_error"], bytes, Reply]

_TRUNCATED = wire.error_payload(
    "Runtime.TruncatedResponse", "The connection broke before the whole response was here"
)
_MODES = ("", "streaming")
_INVALID_MODE = wire.error_payload(
    "Runtime.InvalidResponseModeHeader", "The only response mode that has a name is 'streaming'"
)


class RuntimeRoutes:
    """The routes of the runtime itself."""

    def __init__(
        self, environment: ExecutionEnvironment, watch: Watch, dispatcher: Dispatcher
    ) -> None:
        """Serve an execution environment.

        Args:
            environment: The environment that is served.
            watch: Wakes the requests that wait; is notified of every change.
            dispatcher: Makes the handlers.
        """
        self._environment = environment
        self._watch = watch
        self._dispatcher = dispatcher

    def routes(self, *, snap_start: bool) -> list[web.RouteDef]:
        """Return the routes.

        Args:
            snap_start: True to add those of the restore phase.

        Returns:
            Route definitions.
        """
        runtime = "/2018-06-01/runtime"
        one = f"{runtime}/invocation/{{request_id}}"
        handler = self._dispatcher.handler
        routes = [
            web.get("/2018-06-01/ping", handler(None, self._ping), allow_head=False),
            web.get(f"{runtime}/invocation/next", handler("next", self._next), allow_head=False),
            web.post(f"{one}/response", handler("response", self._response)),
            web.post(f"{one}/error", handler("error", self._error)),
            web.post(f"{runtime}/init/error", handler("init/error", self._init_error)),
        ]
        if snap_start:
            restore = handler("restore/next", self._restore_next)
            routes += [
                web.get(f"{runtime}/restore/next", restore, allow_head=False),
                web.post(f"{runtime}/restore/error", handler("restore/error", self._restore_error)),
            ]
        return routes

    async def _ping(self, _incoming: Incoming) -> Reply:
        return wire.PONG

    async def _next(self, incoming: Incoming) -> Reply:
        environment = self._environment
        invocation = environment.poll()
        if invocation is None and (invocation := await self._wait_for_work(incoming)) is None:
            return wire.DISCONNECT
        return Reply(200, invocation.event, invocation.deliver())

    async def _wait_for_work(self, incoming: Incoming) -> Invocation | None:
        """Park a poll until there is something to do, None if it has gone by then."""
        environment = self._environment
        invocation = environment.take()
        if invocation is None:
            environment.parked += 1
            self._watch.notify()
            try:
                while True:
                    await self._watch.change()
                    if incoming.gone or (invocation := environment.take()) is not None:
                        break
            finally:
                environment.parked -= 1
        if invocation is not None and environment.extensions.known:
            environment.extensions.announce(invoke_event(invocation.deliver()))
            self._watch.notify()
        return invocation

    async def _response(self, incoming: Incoming) -> Reply:
        return await self._answer(incoming, State.RESPONSE)

    async def _error(self, incoming: Incoming) -> Reply:
        return await self._answer(incoming, State.ERROR_RESPONSE)

    async def _answer(self, incoming: Incoming, target: ResponseState) -> Reply:
        environment = self._environment
        invocation = environment.begin_response(
            incoming.request_id,
            incoming.headers.get(wire.INVOCATION_ID),
            target,
        )
        if target is State.RESPONSE and incoming.headers.get(wire.RESPONSE_MODE, "") not in _MODES:
            environment.reject_response(invocation, _INVALID_MODE, incoming.headers)
            self._watch.notify()
            await incoming.read()
            return wire.INVALID_RESPONSE_MODE
        if target is State.RESPONSE:
            invocation.begin_response(incoming.headers)
        received: _Received = ("error", _TRUNCATED, wire.DISCONNECT)
        try:
            if target is State.RESPONSE:
                received = await self._receive_response(incoming, invocation)
            else:
                received = await _receive_error(incoming)
        finally:
            kind, payload, reply = received
            in_time = environment.end_response(
                invocation, kind, payload, incoming.headers, incoming.seen.trailers
            )
            self._watch.notify()
        await asyncio.sleep(0)  # those who wait for the outcome come first, then the runtime
        return reply if in_time else wire.INVOKE_TIMEOUT

    async def _receive_response(self, incoming: Incoming, invocation: Invocation) -> _Received:
        """Read a response; return the outcome for the caller, and the reply for the runtime."""
        if incoming.headers.get(wire.RESPONSE_MODE):
            body = await incoming.read_stream(invocation, self._watch)
        else:
            body = await incoming.read()
        if body is None:
            return "error", wire.RESPONSE_TOO_LARGE, wire.PAYLOAD_TOO_LARGE
        failed = wire.ERROR_TYPE in incoming.seen.trailers
        return "stream_error" if failed else "response", body, wire.ACCEPTED

    async def _init_error(self, incoming: Incoming) -> Reply:
        body = await incoming.read()
        self._environment.fail_init(
            wire.RESPONSE_TOO_LARGE if body is None else body, incoming.headers
        )
        self._watch.notify()
        return wire.PAYLOAD_TOO_LARGE if body is None else wire.ACCEPTED

    async def _restore_next(self, incoming: Incoming) -> Reply:
        environment = self._environment
        environment.prepare_restore()
        self._watch.notify()
        try:
            while environment.state is State.RESTORE_READY and not incoming.gone:
                await self._watch.change()
        finally:
            # Still to be restored: then it is the runtime that does not wait any more.
            environment.abandon_restore()
        return wire.DISCONNECT if incoming.gone else wire.RESTORED

    async def _restore_error(self, incoming: Incoming) -> Reply:
        body = await incoming.read()
        self._environment.fail_restore(
            wire.RESPONSE_TOO_LARGE if body is None else body, incoming.headers
        )
        self._watch.notify()
        return wire.PAYLOAD_TOO_LARGE if body is None else wire.ACCEPTED


async def _receive_error(incoming: Incoming) -> _Received:
    body = await incoming.read()
    if body is None:
        return "error", wire.RESPONSE_TOO_LARGE, wire.PAYLOAD_TOO_LARGE
    return "error", body, wire.ACCEPTED
