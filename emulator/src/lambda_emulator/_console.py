"""The console: a page in the browser from which functions are invoked and watched.

The page itself is the files in ``console/``; here is the API that it uses. The server has checked
the ``Host`` and the ``Origin`` of a request before it comes here.
"""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from aiohttp import web

from ._console_events import is_event_name, list_events, read_event, write_event
from ._console_samples import build_sample, list_samples
from ._event import EventError, to_event
from ._service import FunctionService, Throttled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._bus import Bus, BusEvent
    from ._queue import EventQueue

_FILES = Path(__file__).parent / "console"
_API = "/_console/api"
# Systems differ in their file types: a browser runs no module of another type.
_CONTENT_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_FILE_HEADERS = {
    # The page loads nothing from elsewhere, runs nothing that it is shown, and is in no frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}
_STREAM_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
_KEEP_ALIVE = 15.0  # seconds of silence after which it is seen whether the page is still there


def console_routes(
    functions: Mapping[str, FunctionService], queues: Mapping[str, EventQueue], bus: Bus
) -> list[web.RouteDef]:
    """Return the routes of the console, ``/`` and all under ``/_console/``.

    Args:
        functions: The functions by name.
        queues: Their asynchronous invocations, by the same names.
        bus: Publishes what happens.

    Returns:
        Routes for the application that listens.
    """
    console = _Console(functions, queues, bus)
    event = _API + "/functions/{function}/events/{event}"
    return [
        web.get("/", _send_page),
        web.get(r"/_console/{file:[a-z]+\.(?:css|js|svg)}", _send_file),
        web.get(f"{_API}/happenings", console.send_events),
        web.get(f"{_API}/functions", console.list_functions),
        web.post(f"{_API}/functions/{{function}}/invocations", console.invoke),
        web.get(f"{_API}/functions/{{function}}/events", console.list_events),
        web.get(event, console.read_event),
        web.put(event, console.write_event),
        web.get(f"{_API}/samples", _list_samples),
        web.get(f"{_API}/samples/{{sample}}", _build_sample),
    ]


class _Console:
    def __init__(
        self, functions: Mapping[str, FunctionService], queues: Mapping[str, EventQueue], bus: Bus
    ) -> None:
        self._functions = functions
        self._queues = queues
        self._bus = bus

    async def send_events(self, request: web.Request) -> web.StreamResponse:
        """Send the events of the bus, as server-sent events, for as long as the page is there."""
        response = web.StreamResponse(headers=_STREAM_HEADERS)
        # From the moment at which the page knows that it is connected, it misses nothing.
        with self._bus.subscribe() as queue:
            await response.prepare(request)
            try:
                await response.write(b"retry: 500\n\n")
                while True:
                    await response.write(await _next_messages(queue))
            except ConnectionResetError:
                return response

    async def list_functions(self, _: web.Request) -> web.Response:
        """Answer with the functions, in the order in which they were given."""
        functions = (service.function for service in self._functions.values())
        return web.json_response(
            [
                {
                    "name": function.name,
                    "arn": function.arn,
                    "timeout": function.timeout,
                    "memory_mb": function.memory_mb,
                }
                for function in functions
            ]
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
        except ConnectionAbortedError:
            _refuse(web.HTTPServiceUnavailable, "The emulator was stopped.")
        return _accepted(invocation.request_id)

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

    def _find(self, request: web.Request) -> FunctionService:
        name = request.match_info["function"]
        if name not in self._functions:
            _refuse(web.HTTPNotFound, f"There is no function {name}.")
        return self._functions[name]

    def _root(self, request: web.Request) -> Path:
        return self._find(request).config.program.task_root


async def _next_messages(queue: asyncio.Queue[BusEvent]) -> bytes:
    """Wait for an event; return it with all others that are there, as server-sent events."""
    try:
        async with asyncio.timeout(_KEEP_ALIVE):
            messages = [_message(await queue.get())]
    except TimeoutError:
        return b":\n\n"
    while not queue.empty():
        messages.append(_message(queue.get_nowait()))
    return b"".join(messages)


def _message(event: BusEvent) -> bytes:
    value: dict[str, Any] = {"type": type(event).__name__}
    for name, item in vars(event).items():
        # The bytes may be any; a piece of text may end within a character.
        value[name] = base64.b64encode(item).decode() if isinstance(item, bytes) else item
    return b"data: %b\n\n" % json.dumps(value).encode()


async def _send_page(_: web.Request) -> web.StreamResponse:
    return _file(_FILES / "index.html")


async def _send_file(request: web.Request) -> web.StreamResponse:
    path = _FILES / request.match_info["file"]
    if not path.is_file():
        _refuse(web.HTTPNotFound, f"The console has no file {path.name}.")
    return _file(path)


def _file(path: Path) -> web.StreamResponse:
    content_type = f"{_CONTENT_TYPES[path.suffix]}; charset=utf-8"
    return web.FileResponse(path, headers={**_FILE_HEADERS, "Content-Type": content_type})


async def _list_samples(_: web.Request) -> web.Response:
    # Loading all models takes a while, in which functions are served on.
    return web.json_response(await asyncio.to_thread(list_samples))


async def _build_sample(request: web.Request) -> web.Response:
    name = request.match_info["sample"]
    sample = await asyncio.to_thread(build_sample, name)
    if sample is None:
        _refuse(web.HTTPNotFound, f"There is no sample {name}.")
    return _json(sample)


async def _read_json(request: web.Request) -> bytes:
    try:
        return to_event(await request.read())
    except EventError as error:
        _refuse(web.HTTPBadRequest, f"The event is not JSON: {error}")


def _event_name(request: web.Request) -> str:
    name = request.match_info["event"]
    if not is_event_name(name):
        message = (
            f"{name!r} is no name for an event: use letters, digits, dots, hyphens, underscores."
        )
        _refuse(web.HTTPBadRequest, message)
    return name


def _accepted(request_id: str) -> web.Response:
    return web.json_response({"request_id": request_id}, status=202)


def _json(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="application/json")


def _refuse(kind: type[web.HTTPError], message: str) -> NoReturn:
    raise kind(text=json.dumps({"message": message}), content_type="application/json")
