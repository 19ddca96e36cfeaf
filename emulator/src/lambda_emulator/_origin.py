"""The sender of a request, by its ``Host``, its ``Origin`` and a browser's metadata.

https://www.rfc-editor.org/rfc/rfc6454#section-7
https://www.w3.org/TR/fetch-metadata/
"""

import ipaddress
import re
from functools import lru_cache

from multidict import CIMultiDict, CIMultiDictProxy, istr

_Headers = CIMultiDictProxy[str] | CIMultiDict[str]
_LABEL = "[A-Za-z0-9_-]+"
_HOST = re.compile(rf"(?:\[([0-9A-Fa-f:.]+)\]|({_LABEL}(?:\.{_LABEL})*\.?))(?::([0-9]{{0,5}}))?")
_ORIGIN = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(.+)")
# Names that are found sooner than a str.
_HOST_NAME, _ORIGIN_NAME = istr("Host"), istr("Origin")
_SITE, _PURPOSE = istr("Sec-Fetch-Site"), istr("Sec-Purpose")
_PORTS = {"http": 80, "https": 443}


class MalformedHeaderError(ValueError):
    """A header that says who sends a request cannot be read; the message says which and why."""


def read_host(headers: _Headers, *, required: bool) -> tuple[str, int | None]:
    """Return the name, in lower case, and the port of the ``Host`` of a request.

    Args:
        headers: The request's headers.
        required: True if the header is required, as in HTTP/1.1.

    Returns:
        The name and the port; an empty name if there is no ``Host``, None for no port.

    Raises:
        MalformedHeaderError: It is missing, there are two, or it is not a host.
    """
    values = headers.getall(_HOST_NAME, [])
    if not values and not required:
        return "", None
    if len(values) != 1:
        raise MalformedHeaderError("there must be one Host header")
    if (host := _parse_host(values[0])) is None:
        raise MalformedHeaderError(f"the Host {values[0]!r} is not a name with or without a port")
    return host


def read_origin(headers: _Headers) -> str | None:
    """Return the ``Origin`` of a request, which browsers send for the page that asks.

    Args:
        headers: The request's headers.

    Returns:
        The origin, which may lack a scheme; ``null`` for a page without one; None if no page asks.

    Raises:
        MalformedHeaderError: There are two, or it is not an origin.
    """
    values = headers.getall(_ORIGIN_NAME, [])
    if not values:
        return None
    if len(values) != 1:
        raise MalformedHeaderError("there are two Origin headers")
    match = _ORIGIN.fullmatch(values[0])
    if match is None or _parse_host(match[2]) is None:
        raise MalformedHeaderError(f"the Origin {values[0]!r} is not an origin")
    return values[0]


def is_origin(text: str) -> bool:
    """Return whether a text is an origin: a scheme, a host, and perhaps a port.

    Args:
        text: The text.
    """
    match = _ORIGIN.fullmatch(text)
    return match is not None and match[1] is not None and _parse_host(match[2]) is not None


def is_host(text: str) -> bool:
    """Return whether a text is the name or the address of a host, without a port.

    Args:
        text: The text.
    """
    host = _parse_host(text)
    return is_address(text) or (host is not None and host[0] == text.lower())


def is_own_origin(origin: str, host: tuple[str, int | None]) -> bool:
    """Return whether a page comes from the server that it asks.

    Args:
        origin: The page's origin.
        host: The name and the port of the request's ``Host``.

    Raises:
        MalformedHeaderError: The origin has no scheme.
    """
    match = _ORIGIN.fullmatch(origin)
    if origin == "null" or match is None:
        return False
    scheme, authority = match.groups()
    if scheme is None:
        raise MalformedHeaderError(f"the Origin {origin!r} has no scheme")
    if (default := _PORTS.get(scheme.lower())) is None:
        return False
    theirs = _parse_host(authority)
    return theirs is not None and (theirs[0], theirs[1] or default) == (host[0], host[1] or default)


def is_foreign_page(method: str, headers: _Headers, host: tuple[str, int | None]) -> bool:
    """Return whether a page of another origin sends a request, rather than a user or a program.

    A link to a function may be followed: that is a navigation of the whole window by GET. A page
    that shows a function in a frame or as an image sends a request of its own.

    Args:
        method: The request's method.
        headers: The headers.
        host: The name and the port of its ``Host``.

    Raises:
        MalformedHeaderError: The ``Origin`` cannot be read.
    """
    origin = read_origin(headers)
    if origin is not None:
        return not is_own_origin(origin, host)
    site = headers.get(_SITE, "none").lower()
    # A document that a page has the browser fetch in advance is sent as if the user had asked.
    if site == "same-origin" or (site == "none" and _PURPOSE not in headers):
        return False
    navigates = headers.get("Sec-Fetch-Mode", "").lower() == "navigate"
    in_window = headers.get("Sec-Fetch-Dest", "document").lower() == "document"
    follows = navigates and in_window and _PURPOSE not in headers
    return not (follows and method in ("GET", "HEAD"))


def is_loopback(name: str) -> bool:
    """Return whether a name is always this machine.

    Args:
        name: A host's name or address, in lower case.
    """
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_address(name) and ipaddress.ip_address(name).is_loopback


def is_address(name: str) -> bool:
    """Return whether a host is named by an address.

    Args:
        name: A host's name or address.
    """
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


# Clients call this machine by a few names, again and again.
@lru_cache(64)
def _parse_host(text: str) -> tuple[str, int | None] | None:
    match = _HOST.fullmatch(text)
    if match is None:
        return None
    address, name, port = match.groups()
    if address is not None and not is_address(address):
        return None
    if port and int(port) > 65535:
        return None
    return (address or name).lower().removesuffix("."), int(port) if port else None
