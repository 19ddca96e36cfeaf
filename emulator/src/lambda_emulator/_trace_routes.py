"""The endpoint that functions send their traces to: OTLP over HTTP."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import web

from ._connections import read_body

if TYPE_CHECKING:
    from ._bus import Bus
    from ._traces import Traces

OTLP_PATH = "/_otlp"
_LOG = logging.getLogger(__name__)


def trace_routes(bus: Bus) -> list[web.RouteDef]:
    """Return the routes that take traces, and metrics and logs, of which nothing is shown.

    Args:
        bus: Publishes the traces of invocations.
    """
    traces: Traces | None = None

    async def take(request: web.Request) -> web.Response:
        nonlocal traces
        body = await read_body(request)
        is_json = request.content_type == "application/json"
        if request.match_info["signal"] == "traces":
            if traces is None:  # no function has sent any before
                from ._traces import Traces

                traces = Traces(bus)
            try:
                traces.add(body, is_json=is_json)
            except ValueError as error:
                _LOG.warning("A function has sent traces that cannot be read: %s.", error)
                raise web.HTTPBadRequest(text=str(error)) from None
        return web.Response(body=b"{}" if is_json else b"", content_type=request.content_type)

    return [web.post(f"{OTLP_PATH}/v1/{{signal:traces|metrics|logs}}", take)]
