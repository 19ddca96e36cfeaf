"""External extensions: programs that run beside a function, and their part of the Extensions API.

Internal ones, within the function's own process, are served by lambda-testing's Runtime API.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import asyncio
import json
import os
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from lambda_testing import Function

from ._platform import EnvironmentFailure
from ._telemetry import Telemetry

_PREFIX = "/2020-01-01/extension/"
TELEMETRY_PATH = "/2022-07-01/telemetry"
IDENTIFIER = "Lambda-Extension-Identifier"
ShutdownReason = Literal["spindown", "timeout", "failure"]
_EVENTS = frozenset({"INVOKE", "SHUTDOWN"})


@dataclass(eq=False, repr=False)
class ExternalExtension:
    """An extension that has registered.

    Attributes:
        name: The name of its program.
        events: The events that it asked for.
        id: The identifier that it sends with its requests.
        state: ``Registered``, ``Ready`` once it waits for events, or the phase that failed.
        queue: Events that it has yet to get.
        waiting: True if it waits for an event.
    """

    name: str
    events: tuple[str, ...]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "Registered"
    queue: deque[dict[str, Any]] = field(default_factory=deque[dict[str, Any]])
    waiting: bool = False


class ExternalExtensions:
    """The external extensions of one environment.

    Attributes:
        expected: The names of those that must register.
        registered: Those that have registered, by their ids.
        failure: Is done when one of them has failed.
    """

    def __init__(self, function: Function, telemetry: Telemetry) -> None:
        """Begin without any.

        Args:
            function: The function that they extend.
            telemetry: Takes their subscriptions.
        """
        self._function = function
        self._telemetry = telemetry
        self.expected: frozenset[str] = frozenset()
        self.registered: dict[str, ExternalExtension] = {}
        self.failure: asyncio.Future[EnvironmentFailure] = _new_future()
        self._change = asyncio.Event()

    def find(self, directories: Sequence[Path]) -> list[Path]:
        """Find the programs to start.

        Args:
            directories: The directories to look in, as ``/opt/extensions`` on Lambda; one that does
                not exist has none.

        Returns:
            The executable files, in the order of their names; all must register. Of two of one
            name, that of the later directory counts.
        """
        programs = {
            path.name: path
            for directory in directories
            for path in (directory.iterdir() if directory.is_dir() else ())
            if path.is_file() and os.access(path, os.X_OK)
        }
        self.expected = frozenset(programs)
        return [programs[name] for name in sorted(programs)]

    def exited(self, name: str) -> None:
        """Note that a program has ended, though it was not asked to.

        Args:
            name: The name.
        """
        self._fail("Extension.Crash", f"the extension {name} ended before the function did")

    def announce(self, headers: Mapping[str, str | None]) -> None:
        """Send an invocation to those that asked for such events.

        Args:
            headers: The headers that the runtime gets with the event.
        """
        event: dict[str, Any] = {
            "eventType": "INVOKE",
            "deadlineMs": int(headers.get("Lambda-Runtime-Deadline-Ms") or 0),
            "requestId": headers.get("Lambda-Runtime-Aws-Request-Id"),
            "invokedFunctionArn": self._function.arn,
        }
        if trace_id := headers.get("Lambda-Runtime-Trace-Id"):
            event["tracing"] = {"type": "X-Amzn-Trace-Id", "value": trace_id}
        self._send(event)

    def shut_down(self, reason: ShutdownReason, seconds: float) -> None:
        """Send the end of the environment to those that asked for that event.

        Args:
            reason: The reason for the end.
            seconds: The time that they have.
        """
        deadline = int((time.time() + seconds) * 1000)
        self._send({"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": deadline})

    async def wait_until_ready(self) -> None:
        """Wait until all have registered, and wait for an event."""
        while not self._ready():
            change = self._change
            await change.wait()

    def clear(self) -> None:
        """Remove those of a process that has ended."""
        self.registered.clear()
        self.expected = frozenset()
        self.failure = _new_future()
        self._notify()

    def route(self, request: web.Request) -> Awaitable[web.StreamResponse] | None:
        """Answer a request that is not for the function's own Runtime API.

        Args:
            request: Any request.

        Returns:
            The answer, or None for a request of someone else.
        """
        if request.path == f"{_PREFIX}register":
            name = request.headers.get("Lambda-Extension-Name", "")
            return self._register(request, name) if name in self.expected else None
        extension = self.registered.get(request.headers.get(IDENTIFIER, ""))
        if extension is None:
            return None
        handlers: dict[str, Callable[..., Awaitable[web.StreamResponse]]] = {
            f"{_PREFIX}event/next": self._next,
            f"{_PREFIX}init/error": self._error,
            f"{_PREFIX}exit/error": self._error,
        }
        if request.path == TELEMETRY_PATH:
            return self.subscribe(request, extension.name)
        handler = handlers.get(request.path)
        return None if handler is None else handler(request, extension)

    async def _register(self, request: web.Request, name: str) -> web.Response:
        try:
            events = tuple(json.loads(await request.read()).get("events") or ())
        except (ValueError, AttributeError, TypeError):
            return _refused(
                "InvalidRequestFormat", "the body is not a JSON object with a list of events"
            )
        if not _EVENTS.issuperset(events):
            return _refused("Extension.InvalidEventType", f"{events}: use INVOKE and SHUTDOWN")
        if any(other.name == name for other in self.registered.values()):
            return _refused("Extension.InvalidExtensionState", "this name is registered already")
        extension = ExternalExtension(name, events)
        self.registered[extension.id] = extension
        self._notify()
        function = self._function
        answer = {
            "functionName": function.name,
            "functionVersion": function.version,
            "handler": function.handler,
        }
        if "accountId" in request.headers.get("Lambda-Extension-Accept-Feature", ""):
            answer["accountId"] = function.account
        return web.json_response(answer, headers={IDENTIFIER: extension.id})

    async def _next(self, _request: web.Request, extension: ExternalExtension) -> web.Response:
        extension.state = "Ready"
        extension.waiting = True
        self._notify()
        try:
            while not extension.queue:
                change = self._change
                await change.wait()
        finally:
            extension.waiting = False
        headers = {"Lambda-Extension-Event-Identifier": str(uuid.uuid4())}
        return web.json_response(extension.queue.popleft(), headers=headers)

    async def _error(self, request: web.Request, extension: ExternalExtension) -> web.Response:
        phase = "Init" if "init" in request.path else "Exit"
        error_type = request.headers.get("Lambda-Extension-Function-Error-Type")
        if not error_type:
            name = "Lambda-Extension-Function-Error-Type"
            return _refused("Extension.MissingHeader", f"{name} not found")
        extension.state = f"{phase}Error"
        self._fail(f"Extension.{phase}Error", f"{extension.name} reported {error_type}")
        return web.json_response({"status": "OK"}, status=202)

    async def subscribe(self, request: web.Request, name: str) -> web.Response:
        """Answer a request for telemetry, which internal extensions may ask for, too.

        Args:
            request: The request.
            name: The name of the extension that it is from.
        """
        try:
            self._telemetry.subscribe(name, json.loads(await request.read()))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            refusal = {
                "errorType": "ValidationError",
                "errorMessage": f"the subscription is not valid: {error}",
            }
            return web.json_response(refusal, status=400)
        return web.Response(text="OK")

    def _ready(self) -> bool:
        return len(self.registered) == len(self.expected) and all(
            extension.waiting and not extension.queue for extension in self.registered.values()
        )

    def _send(self, event: dict[str, Any]) -> None:
        for extension in self.registered.values():
            if event["eventType"] in extension.events:
                extension.queue.append(event)
        self._notify()

    def _fail(self, error_type: str, reason: str) -> None:
        if not self.failure.done():
            self.failure.set_result(EnvironmentFailure("error", error_type, reason))

    def _notify(self) -> None:
        self._change.set()
        self._change = asyncio.Event()


def _new_future() -> asyncio.Future[EnvironmentFailure]:
    return asyncio.get_running_loop().create_future()


def _refused(error_type: str, message: str) -> web.Response:
    return web.json_response({"errorType": error_type, "errorMessage": message}, status=403)
