"""The routes of the console, which is loaded when somebody opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ._bus import Bus
    from ._console import Console
    from ._queue import EventQueue
    from ._service import FunctionService
    from ._sources.hub import EventSources

    _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_API = "/_console/api"
_FUNCTION = _API + "/functions/{function}"
_EVENT = _FUNCTION + "/events/{event}"
# Each with the name of the method that handles it.
_ROUTES = (
    ("GET", "/", "send_page"),
    ("GET", r"/_console/{file:[a-z_]+\.(?:css|js|svg)}", "send_file"),
    ("GET", _API + "/happenings", "send_feed"),
    ("GET", _API + "/state", "describe_state"),
    ("DELETE", _API + "/history", "clear_history"),
    ("GET", _API + "/functions", "list_functions"),
    ("GET", _FUNCTION + "/handler", "describe_handler"),
    ("POST", _FUNCTION + "/invocations", "invoke"),
    ("POST", _FUNCTION + "/requests", "send_request"),
    ("POST", _FUNCTION + "/request-events", "build_request_event"),
    ("GET", _FUNCTION + "/events", "list_events"),
    ("GET", _EVENT, "read_event"),
    ("PUT", _EVENT, "write_event"),
    ("GET", _API + "/samples", "list_samples"),
    ("GET", _API + "/sample-groups", "group_samples"),
    ("GET", _API + "/samples/{sample}", "build_sample"),
)


def console_routes(
    functions: Mapping[str, FunctionService],
    queues: Mapping[str, EventQueue],
    bus: Bus,
    sources: Callable[[], EventSources],
    apis: Callable[[], Mapping[str, str]],
) -> list[web.RouteDef]:
    """Return the routes of the console, ``/`` and all under ``/_console/``.

    Args:
        functions: The functions by name.
        queues: Their asynchronous invocations, by the same names.
        bus: Publishes what happens.
        sources: Returns the event sources.
        apis: Returns the URLs of the APIs, by name.

    Returns:
        Routes for the application that listens.
    """
    console: Console | None = None

    def open_console() -> Console:
        nonlocal console
        if console is None:
            from ._console import Console

            console = Console(functions, queues, bus, sources, apis)
        return console

    def handler(name: str) -> _Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            method: _Handler = getattr(open_console(), name)
            return await method(request)

        return handle

    return [web.route(method, path, handler(name)) for method, path, name in _ROUTES]
