"""The console: a page in the browser from which functions are invoked and watched.

Here are the page and the API that it uses, behind the routes of ``_console_routes``. The server has
checked the ``Host`` and the ``Origin`` of a request before it comes here.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, NoReturn

from aiohttp import web

from ._bus_events import Cleared
from ._connections import read_body
from ._console_events import is_event_name, list_events, read_event, write_event
from ._console_feed import send_feed
from ._console_page import send_file
from ._console_samples import build_sample, find_sample, list_samples, sample_groups
from ._console_state import describe_state
from ._event import EventError, to_event
from ._invocation import MissingTenant, Throttled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ._bus import Bus
    from ._console_http import WrittenRequest
    from ._queue import EventQueue
    from ._service import FunctionService
    from ._sources.hub import EventSources


class Console:
    """Answers the requests of the page; each method is the handler of a route."""

    def __init__(
        self,
        functions: Mapping[str, FunctionService],
        queues: Mapping[str, EventQueue],
        bus: Bus,
        sources: Callable[[], EventSources],
        apis: Callable[[], Mapping[str, str]],
    ) -> None:
        """Serve the console of an emulator.

        Args:
            functions: The functions by name.
            queues: Their asynchronous invocations, by the same names.
            bus: Publishes what happens.
            sources: Returns the event sources.
            apis: Returns the URLs of the APIs, by name.
        """
        self._functions = functions
        self._queues = queues
        self._bus = bus
        self._sources = sources
        self._apis = apis

    async def send_feed(self, request: web.Request) -> web.StreamResponse:
        """Send the history, and then live what happens."""
        return await send_feed(request, self._bus)

    async def describe_state(self, _: web.Request) -> web.Response:
        """Answer with the environments, the queues, the event sources and the APIs."""
        state = describe_state(self._functions, self._queues, self._sources(), self._apis())
        return web.json_response(state)

    async def clear_history(self, _: web.Request) -> web.Response:
        """Remove the invocations that have ended from the history."""
        self._bus.history.clear()
        self._bus.publish(Cleared(function="", request_id=""))
        return web.json_response({})

    async def list_functions(self, _: web.Request) -> web.Response:
        """Answer with the functions, in the order in which they were given."""
        return web.json_response(
            [
                {
                    "name": service.function.name,
                    "arn": service.function.arn,
                    "region": service.function.region,
                    "timeout": service.function.timeout,
                    "memory_mb": service.function.memory_mb,
                    "durable": service.config.durable is not None,
                }
                for service in self._functions.values()
            ]
        )

    async def describe_handler(self, request: web.Request) -> web.Response:
        """Answer with what the function's source says of its handler."""
        from ._handler_source import read_handler

        program = self._find(request).config.program
        handler = await asyncio.to_thread(read_handler, program)
        return web.json_response(
            {
                "module": handler.module,
                "name": handler.name,
                "sample": await asyncio.to_thread(find_sample, handler.event_types),
                "streams": handler.streams,
                "target": program.arguments[-1],
            }
        )

    async def invoke(self, request: web.Request) -> web.Response:
        """Invoke a function; the page learns from the bus what becomes of it."""
        service = self._find(request)
        kind = request.query.get("kind", "RequestResponse")
        event = await _read_json(request)
        if kind not in ("RequestResponse", "Stream", "Event"):
            _refuse(web.HTTPBadRequest, f"There is no kind of invocation {kind!r}.")
        try:
            if kind == "Event":
                return _accepted(self._queues[service.function.name].put(event))
            invocation = service.invoke(
                event, kind="Stream" if kind == "Stream" else "RequestResponse"
            )
        except Throttled:
            message = f"All execution environments of {service.function.name} are busy: try later."
            _refuse(web.HTTPTooManyRequests, message)
        except MissingTenant as error:
            _refuse(web.HTTPBadRequest, str(error))
        except ConnectionAbortedError:
            _refuse(web.HTTPServiceUnavailable, "The emulator was stopped.")
        return _accepted(invocation.request_id)

    async def send_request(self, request: web.Request) -> web.Response:
        """Send an HTTP request to the function's URL, and answer when that has answered."""
        from ._console_http import RequestError

        service = self._find(request)
        written = await _read_request(request)
        try:
            status, request_id, body = await written.send(request, service)
        except RequestError as error:
            _refuse(web.HTTPBadGateway, str(error))
        return web.json_response(
            {"status": status, "request_id": request_id, "body": body.decode(errors="replace")}
        )

    async def build_request_event(self, request: web.Request) -> web.Response:
        """Answer with the event that an HTTP request becomes."""
        from ._console_http import RequestError

        service = self._find(request)
        written = await _read_request(request)
        try:
            event = written.to_event(service, request.host, request.url.port or 80)
        except RequestError as error:
            _refuse(web.HTTPBadRequest, str(error))
        return web.json_response(event)

    async def list_events(self, request: web.Request) -> web.Response:
        """Answer with the names of a function's saved events."""
        return web.json_response(list_events(self._root(request)))

    async def read_event(self, request: web.Request) -> web.Response:
        """Answer with a saved event, as it is in its file."""
        root, name = self._root(request), _event_name(request)
        try:
            return _json(read_event(root, name))
        except OSError as error:
            _refuse(web.HTTPNotFound, f"The event {name} cannot be read: {error.strerror}.")

    async def write_event(self, request: web.Request) -> web.Response:
        """Save an event."""
        root, name = self._root(request), _event_name(request)
        event = await _read_json(request)
        try:
            path = write_event(root, name, event)
        except OSError as error:
            _refuse(web.HTTPConflict, f"The event {name} cannot be written: {error.strerror}.")
        return web.json_response({"path": str(path)})

    async def list_samples(self, _: web.Request) -> web.Response:
        """Answer with the names of all samples."""
        # Loading all models takes a while, in which functions are served on.
        return web.json_response(await asyncio.to_thread(list_samples))

    async def group_samples(self, _: web.Request) -> web.Response:
        """Answer with the names of all samples by group."""
        return web.json_response(await asyncio.to_thread(sample_groups))

    async def build_sample(self, request: web.Request) -> web.Response:
        """Answer with a sample."""
        name = request.match_info["sample"]
        sample = await asyncio.to_thread(build_sample, name)
        if sample is None:
            _refuse(web.HTTPNotFound, f"There is no sample {name}.")
        return _json(sample)

    async def send_page(self, _: web.Request) -> web.StreamResponse:
        """Send the page."""
        return send_file("index.html")

    async def send_file(self, request: web.Request) -> web.StreamResponse:
        """Send a file that the page asks for."""
        return send_file(request.match_info["file"])

    def _find(self, request: web.Request) -> FunctionService:
        name = request.match_info["function"]
        if name not in self._functions:
            _refuse(web.HTTPNotFound, f"There is no function {name}.")
        return self._functions[name]

    def _root(self, request: web.Request) -> Path:
        return self._find(request).config.program.task_root


async def _read_json(request: web.Request) -> bytes:
    try:
        return to_event(await read_body(request))
    except EventError as error:
        _refuse(web.HTTPBadRequest, f"The event is not JSON: {error}")


async def _read_request(request: web.Request) -> WrittenRequest:
    from ._console_http import RequestError, WrittenRequest

    try:
        return WrittenRequest(await read_body(request))
    except RequestError as error:
        _refuse(web.HTTPBadRequest, str(error))


def _event_name(request: web.Request) -> str:
    name = request.match_info["event"]
    if not is_event_name(name):
        message = (
            f"{name!r} is not a name for an event: use letters, digits, dots, hyphens, underscores."
        )
        _refuse(web.HTTPBadRequest, message)
    return name


def _accepted(request_id: str) -> web.Response:
    return web.json_response({"request_id": request_id}, status=202)


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _refuse(kind: type[web.HTTPError], message: str) -> NoReturn:
    raise kind(text=json.dumps({"message": message}), content_type="application/json")
