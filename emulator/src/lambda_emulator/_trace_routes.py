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
        body = _decompressed(await read_body(request), request)
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


def _decompressed(body: bytes, request: web.Request) -> bytes:
    """Decompress a body, as `OTEL_EXPORTER_OTLP_COMPRESSION` has exporters compress it.

    Raises:
        web.HTTPException: It is too large, or is compressed in another way than it says.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "deflate"}:
        raise web.HTTPUnsupportedMediaType(text=f"the encoding {encoding!r} is not supported")
    import zlib

    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out which of the two it is
    limit = request.client_max_size
    try:
        data = decompressor.decompress(body, limit)
    except zlib.error as error:
        raise web.HTTPBadRequest(text=f"the body is not {encoding}: {error}") from None
    if decompressor.unconsumed_tail:
        raise web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=limit + 1)
    if not decompressor.eof:
        raise web.HTTPBadRequest(text=f"the body ends within its {encoding}")
    return data
