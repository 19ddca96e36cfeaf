"""The scope of a request, as ASGI applications get it.

Contract: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

from ._percent import decoded, path_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._mount import Mount
    from ._request import Request

_VERSIONS = {"version": "3.0", "spec_version": "2.5"}
LIFESPAN_VERSIONS = {"version": "3.0", "spec_version": "2.0"}
"""The version of ASGI, and that of its specification of lifespans."""

_PORTS = {"http": 80, "https": 443}
_MAX_PORT_DIGITS = 5
_OF_THE_BODY = frozenset(("content-length", "transfer-encoding"))


def http_scope(
    request: Request, mount: Mount, state: Mapping[str, Any], *, has_whole_path: bool = True
) -> dict[str, Any]:
    """Return the scope of a request.

    Args:
        request: The request.
        mount: The path of the request.
        state: The state of the lifespan; each request gets a copy.
        has_whole_path: True if ``path`` begins with ``root_path``, as the specification has it.
    """
    path = mount.root + mount.path if has_whole_path else mount.path
    value_of = request.values.get
    scheme = value_of("x-forwarded-proto", "").partition(",")[0].strip().lower() or "https"
    port = value_of("x-forwarded-port", "").partition(",")[0]
    authority = value_of("host") or request.domain or "localhost"
    return {
        "type": "http",
        "asgi": _VERSIONS.copy(),
        "http_version": _version(request.protocol),
        "method": request.method,
        "scheme": scheme,
        "path": decoded(path),
        "raw_path": path_bytes(path),
        "query_string": request.query,
        "root_path": mount.root_path,
        "headers": _fields(request),
        "client": _address(request.client, 0) if request.client else None,
        "server": _address(authority, _port(port, _PORTS.get(scheme, 80))),
        "extensions": {},
        "state": dict(state),
    }


def _fields(request: Request) -> list[tuple[bytes, bytes]]:
    """Return header fields in bytes, with the length of the body as it is here."""
    headers = request.headers
    try:
        fields = [
            (name.encode(), value.encode()) for name, value in headers if name not in _OF_THE_BODY
        ]
    except UnicodeEncodeError:  # half of a surrogate pair
        fields = [
            (name.encode("utf-8", "replace"), value.encode("utf-8", "replace"))
            for name, value in headers
            if name not in _OF_THE_BODY
        ]
    if request.body or "content-length" in request.values:
        fields.append((b"content-length", b"%d" % len(request.body)))
    return fields


def _version(protocol: str) -> str:
    if protocol == "HTTP/1.1":
        return "1.1"
    version = protocol.rpartition("/")[2]
    return version if version in ("1.0", "1.1") else version.removesuffix(".0") or "1.1"


def _address(authority: str, port: int) -> tuple[str, int]:
    """Return a host, or an IP address of either kind, and its port."""
    host, rest = authority.strip(), ""
    if ":" not in host:
        return host, port
    if host.startswith("["):
        host, _, rest = host[1:].partition("]")
    elif host.count(":") == 1:
        host, _, rest = host.partition(":")
    return host, _port(rest.lstrip(":"), port)


def _port(text: str, default: int) -> int:
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _MAX_PORT_DIGITS else default
