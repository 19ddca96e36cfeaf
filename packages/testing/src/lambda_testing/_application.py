"""The HTTP server of Runtime APIs, Extensions APIs and Telemetry APIs: aiohttp's application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from . import _wire as wire
from ._connection import Runner
from ._extension_routes import ExtensionRoutes
from ._guard import refuse_pages
from ._routes import RuntimeRoutes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp.typedefs import Handler, Middleware

    from ._dispatch import Respond, WebHandler
    from ._incoming import Incoming
    from ._served import ServedEnvironment
    from ._wire import Reply


_LINGERING_SECONDS = 0.5
"""For which a client may send on after its answer, before it is cut off: as Go's server has it."""


def routes_of(served: ServedEnvironment, prefix: str = "") -> list[web.RouteDef]:
    """Return the routes of an execution environment.

    Args:
        served: The environment.
        prefix: The prefix of each path, such as ``/orders``.
    """
    environment, watch, dispatcher = served.environment, served.watch, served.dispatcher
    runtime = RuntimeRoutes(environment, watch, dispatcher)
    extensions = ExtensionRoutes(environment, served.function, watch, dispatcher)
    routes = [*runtime.routes(snap_start=served.function.snap_start), *extensions.routes()]
    # Each path is followed by what answers all other methods of it.
    return [
        web.RouteDef(method, prefix + route.path, handler, kwargs)
        for route in routes
        for method, handler, kwargs in (
            (route.method, route.handler, route.kwargs),
            ("*", dispatcher.handler(None, _wrong_method(route.method)), {}),
        )
    ]


def unknown_path(served: ServedEnvironment) -> WebHandler:
    """Return the handler for all paths that are not in `routes_of`."""
    return served.dispatcher.handler(None, _not_found)


def application_of(
    environments: Mapping[str, ServedEnvironment],
    middlewares: Sequence[Middleware] = (refuse_pages,),
) -> web.Application:
    """Return an application for several execution environments.

    Args:
        environments: Each by the prefix of its paths, such as ``/orders``; the empty one takes what
            is left.
        middlewares: The application's middlewares.
    """
    app = web.Application(middlewares=middlewares)
    for prefix, served in environments.items():
        app.add_routes(routes_of(served, prefix))
        app.router.add_route("*", prefix + "/{path:.*}", unknown_path(served))
    return app


def runner_of(
    environments: Mapping[str, ServedEnvironment], middlewares: Sequence[Middleware] = ()
) -> web.AppRunner:
    """Return a runner for `application_of`, with what the Runtime API needs of an HTTP server.

    Args:
        environments: Each by the prefix of its paths.
        middlewares: Those before the application; the guard against pages if there are none.
    """
    app = application_of(environments, ())
    return Runner(
        app,
        (*(middlewares or (refuse_pages,)), _direct(app, environments)),
        access_log=None,
        handler_cancellation=True,
        lingering_time=_LINGERING_SECONDS,
        max_line_size=wire.MAX_HEAD_BYTES,
        max_field_size=wire.MAX_HEAD_BYTES,
        shutdown_timeout=0.1,
    )


def _direct(app: web.Application, environments: Mapping[str, ServedEnvironment]) -> Middleware:
    """Return a middleware that finds the handler of a request; aiohttp's router takes longer."""
    handlers = {
        (route.method, route.path): route.handler
        for prefix, served in environments.items()
        for route in routes_of(served, prefix)
    }

    async def direct(request: web.Request, handler: Handler) -> web.StreamResponse:
        method, path = request.method, request.path
        found = handlers.get((method, path))
        if found is None:
            start, _, end = path.rpartition("/")
            one = f"{start.rpartition('/')[0]}/{{request_id}}/{end}"
            found = handlers.get((method, one))
        if found is None or app.middlewares or "Expect" in request.headers:
            found = handler
        return await found(request)

    return direct


def _wrong_method(allowed: str) -> Respond:
    async def respond(incoming: Incoming) -> Reply:
        await incoming.read()
        return wire.wrong_method(allowed)

    return respond


async def _not_found(incoming: Incoming) -> Reply:
    await incoming.read()
    return wire.NOT_FOUND
