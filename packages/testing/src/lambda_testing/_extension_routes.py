"""The Extensions API and the Telemetry API over HTTP.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

from . import _wire as wire
from ._wire import Refused, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._dispatch import Dispatcher
    from ._function import Function
    from ._incoming import Incoming
    from ._state import ExecutionEnvironment
    from ._watch import Watch


class ExtensionRoutes:
    """Handles the requests of extensions."""

    def __init__(
        self,
        environment: ExecutionEnvironment,
        function: Function,
        watch: Watch,
        dispatcher: Dispatcher,
    ) -> None:
        self._environment = environment
        self._function = function
        self._watch = watch
        self._dispatcher = dispatcher

    def routes(self) -> list[web.RouteDef]:
        extension = "/2020-01-01/extension"
        handler = self._dispatcher.handler
        register = handler("extension/register", self._register)
        event_next = handler("extension/event/next", self._event_next)
        init_error = handler("extension/init/error", self._init_error)
        exit_error = handler("extension/exit/error", self._exit_error)
        telemetry = handler("telemetry", self._telemetry)
        return [
            web.post(f"{extension}/register", register),
            web.get(f"{extension}/event/next", event_next, allow_head=False),
            web.post(f"{extension}/init/error", init_error),
            web.post(f"{extension}/exit/error", exit_error),
            web.put("/2022-07-01/telemetry", telemetry),
            web.put("/2020-08-15/logs", telemetry),  # its predecessor, which still works
        ]

    async def _register(self, incoming: Incoming) -> Reply:
        name = incoming.headers.get(wire.EXTENSION_NAME, "")
        events = _events(await incoming.read() or b"")
        extension = self._environment.extensions.register(name, events)
        self._watch.notify()
        function = self._function
        registered = {
            "functionName": function.name,
            "functionVersion": function.version,
            "handler": function.handler,
        }
        features = incoming.headers.get(wire.EXTENSION_FEATURES, "").split(",")
        if "accountId" in map(str.strip, features):
            registered["accountId"] = function.account
        return wire.json_reply(200, registered, {wire.EXTENSION_ID: extension.id})

    async def _event_next(self, incoming: Incoming) -> Reply:
        extensions = self._environment.extensions
        extension = extensions.identify(incoming.headers)
        event = extensions.take(extension)
        if event is None:
            extensions.poll(extension)
            self._watch.notify()
            try:
                while not incoming.gone and (event := extensions.take(extension)) is None:
                    await self._watch.change()
            finally:
                if event is None:
                    extensions.hang_up(extension)
        if event is None:
            return wire.DISCONNECT
        headers: dict[str, str] = {
            wire.CONTENT_TYPE: "application/json",
            wire.EXTENSION_EVENT_ID: str(uuid.uuid4()),
        }
        return Reply(200, event, headers)

    async def _init_error(self, incoming: Incoming) -> Reply:
        return await self._fail(incoming, "InitError")

    async def _exit_error(self, incoming: Incoming) -> Reply:
        return await self._fail(incoming, "ExitError")

    async def _fail(self, incoming: Incoming, state: Literal["InitError", "ExitError"]) -> Reply:
        extensions = self._environment.extensions
        extension = extensions.identify(incoming.headers, needed=wire.EXTENSION_ERROR_TYPE)
        error_type = incoming.headers[wire.EXTENSION_ERROR_TYPE]
        extensions.fail(extension, state, error_type)
        message = f"the extension {extension.name} reported {error_type}"
        payload = wire.error_payload(f"Extension.{state}", message)
        self._environment.fail_extension(payload, incoming.headers)
        self._watch.notify()
        await incoming.read()
        return wire.ACCEPTED

    async def _telemetry(self, incoming: Incoming) -> Reply:
        self._environment.extensions.identify(incoming.headers)
        await incoming.read()
        return wire.SUBSCRIBED


def invoke_event(headers: Mapping[str, str | None]) -> bytes:
    """Return the event that extensions get for an invocation, as JSON.

    Args:
        headers: The headers that the runtime gets with the invocation.
    """
    deadline = headers.get(wire.DEADLINE)
    event: dict[str, Any] = {
        "eventType": "INVOKE",
        "deadlineMs": int(deadline) if deadline and deadline.isdecimal() else 0,
        "requestId": headers.get(wire.REQUEST_ID),
        "invokedFunctionArn": headers.get(wire.FUNCTION_ARN),
    }
    if trace_id := headers.get(wire.TRACE_ID):
        event["tracing"] = {"type": "X-Amzn-Trace-Id", "value": trace_id}
    return wire.compact_json(event)


def _events(body: bytes) -> list[str]:
    """Return the events that a registration asks for."""
    if not body.strip():
        raise _invalid("unexpected end of JSON input")
    try:
        wanted = json.loads(body)
    except ValueError as error:
        raise _invalid(f"the body is not JSON: {error}") from error
    if not isinstance(wanted, dict):
        raise _invalid("the body is not a JSON object")
    if wanted.get("configurationKeys"):
        raise _invalid("configurationKeys are deprecated; use environment variables instead")
    events = wanted.get("events") or []
    if not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        raise _invalid("events is not a list of strings")
    return events


def _invalid(message: str) -> Refused:
    return Refused(wire.forbidden("InvalidRequestFormat", message))
