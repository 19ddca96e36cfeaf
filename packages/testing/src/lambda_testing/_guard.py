"""Lets programs of this machine in to a Runtime API, but no page that a browser shows.

A page could otherwise have a name of its own resolved to this address, and read events.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from aiohttp import web

if TYPE_CHECKING:
    from ._dispatch import WebHandler

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")
_ADDRESS = re.compile(r"\[.*\]|\d{1,3}(?:\.\d{1,3}){3}")
_OF_OTHER_PAGES = frozenset({"cross-site", "same-site"})


@web.middleware
async def refuse_pages(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Answer requests that a page in a browser may have sent: with 403, or 400 for no valid host.

    Args:
        request: Any request.
        handler: Answers the others.
    """
    headers = request.headers
    host = headers.get("Host", "")  # programs may leave it out, browsers never do
    kind = _kind_of(host)
    if kind == "invalid":
        return _refused(400, "InvalidHost", f"The host {host!r} is not valid")
    if kind == "foreign":
        return _refused(403, "AccessDenied", f"The host {host!r} is not this Runtime API's")
    if (origin := headers.get("Origin")) is not None:
        return _refused(403, "AccessDenied", f"Pages of {origin!r} may not use this Runtime API")
    # A page that a browser prefetches is requested as if by the user.
    if headers.get("Sec-Fetch-Site") in _OF_OTHER_PAGES or "Sec-Purpose" in headers:
        return _refused(403, "AccessDenied", "Pages of other sites may not use this Runtime API")
    return await handler(request)


@lru_cache(64)
def _kind_of(host: str) -> Literal["own", "foreign", "invalid"]:
    """Return True if a host can be this server's: a name that anybody may own cannot.

    Addresses can, names of a local network (those of containers have no dot), and names that
    nobody can register.
    """
    if not host:
        return "own"
    match = _HOST.fullmatch(host)
    if match is None:
        return "invalid"
    name = match[1].lower()
    if "." not in name or _ADDRESS.fullmatch(name) or name.endswith((".localhost", ".internal")):
        return "own"
    return "foreign"


def _refused(status: int, error_type: str, message: str) -> web.Response:
    body = json.dumps({"errorMessage": message, "errorType": error_type})
    return web.Response(status=status, text=body, content_type="application/json")
