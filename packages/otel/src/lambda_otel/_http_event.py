"""HTTP requests: API Gateway, Function URLs, load balancers and VPC Lattice."""

from __future__ import annotations

import os
from urllib.parse import urlencode

from ._trigger import Trigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_METHODS = frozenset(
    os.environ.get("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "").replace(" ", "").split(",")
) - {""} or frozenset(
    ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE")
)
_PORT_DIGITS = 5
_ONLY_TEXT = {str}
_SECRET_PARAMETERS = frozenset(
    ("sig", "x-amz-credential", "x-amz-security-token", "x-amz-signature", "x-goog-signature")
)


def headers_of(event: Any) -> dict[str, str] | None:
    """Return the headers of an event by lower-case name, or None.

    Values of one header are joined, as HTTP allows: two of ``traceparent`` are none.

    Args:
        event: An event, decoded from JSON.
    """
    if not isinstance(event, dict):
        return None
    fields, lists = event.get("headers"), event.get("multiValueHeaders")
    if fields is None and lists is None:
        return None
    if not lists and type(fields) is dict and set(map(type, fields.values())) == _ONLY_TEXT:
        names = "".join(fields)
        if names == names.lower():  # as those of version 2
            return fields
        return {name.lower(): value for name, value in fields.items()}
    headers: dict[str, str] = {}
    for values in (fields, lists):
        if isinstance(values, dict):
            for name, value in values.items():
                if type(value) is str:
                    headers[name.lower()] = value
                elif type(value) is list and value:
                    headers[name.lower()] = ",".join(map(str, value))
    return headers or None


def of_gateway(event: dict[str, Any]) -> Trigger | None:
    """Return the trigger of a request of API Gateway, a Function URL, a load balancer or Lattice.

    Args:
        event: The event: version 1 or 2 of API Gateway's, or another service's in their form.
    """
    request = event.get("requestContext") or {}
    http = request.get("http")
    if isinstance(http, dict):  # version 2, and Function URLs
        route = event.get("routeKey") or request.get("routeKey")
        return _request(
            event,
            method=http.get("method"),
            path=http.get("path") or event.get("rawPath"),
            query=event.get("rawQueryString"),
            route=route.partition(" ")[2] if isinstance(route, str) else None,
            protocol=http.get("protocol"),
            client=http.get("sourceIp"),
            user_agent=http.get("userAgent"),
            host=request.get("domainName"),
            implied_status=None if "routeArn" in event else 200,  # else it is an authorizer's
        )
    if "serviceNetworkArn" in request:
        return _request(
            event, method=event.get("method"), path=event.get("path"), query=_query(event)
        )
    if "connectionId" in request:  # a WebSocket's
        route = request.get("routeKey")
        return _request(
            event, route=route, host=request.get("domainName"), client=_client(request), name=route
        )
    if "httpMethod" not in event:
        return None
    return _request(
        event,
        method=event["httpMethod"],
        path=event.get("path"),
        query=_query(event, encoded="elb" in request),
        route=_path(event.get("resource")),
        protocol=request.get("protocol"),
        client=_client(request),
        user_agent=(request.get("identity") or {}).get("userAgent"),
        host=request.get("domainName"),
    )


def of_lattice(event: dict[str, Any]) -> Trigger | None:
    """Return the trigger of a request of VPC Lattice's first version.

    Args:
        event: The event.
    """
    path, _, query = event["raw_path"].partition("?")
    return _request(event, method=event.get("method"), path=path, query=query)


def _request(
    event: dict[str, Any],
    *,
    method: Any = None,
    path: Any = None,
    query: Any = None,
    route: Any = None,
    protocol: Any = None,
    client: Any = None,
    user_agent: Any = None,
    host: Any = None,
    name: str | None = None,
    implied_status: int | None = None,
) -> Trigger:
    headers = headers_of(event) or {}
    get = headers.get
    attributes: dict[str, Any] = {}
    # One by one: a loop over all of them would be half of what a request costs here.
    if path:
        attributes["url.path"] = path
    if query:
        attributes["url.query"] = _redacted(query)
    scheme = get("x-forwarded-proto", "https" if host else "")
    if scheme:
        attributes["url.scheme"] = _first(scheme)
    if route:
        attributes["http.route"] = route
    address, port = _host(host or get("host"))
    if address:
        attributes["server.address"] = address
    port = port or _number(get("x-forwarded-port"))
    if port:
        attributes["server.port"] = port
    client = client or get("x-forwarded-for")
    if client:
        attributes["client.address"] = _first(client)
    user_agent = user_agent or get("user-agent")
    if user_agent:
        attributes["user_agent.original"] = user_agent
    if protocol:
        attributes["network.protocol.version"] = _version(protocol)
    if isinstance(method, str):
        known = method if method in _METHODS else _known(method.upper())
        attributes["http.request.method"] = known or "_OTHER"
        if known != method:
            attributes["http.request.method_original"] = method
        if route:
            name = f"{known or 'HTTP'} {route}"
    return Trigger("http", attributes, name=name, headers=headers, implied_status=implied_status)


def _first(values: Any) -> str:
    """Return the first of the values of a header, which proxies append to."""
    text = str(values)
    return text.partition(",")[0] if "," in text else text


def _known(method: str) -> str | None:
    return method if method in _METHODS else None


def _version(protocol: Any) -> str:
    """Return the version of a protocol such as ``HTTP/1.1`` or ``HTTP/2.0``, as it is named."""
    if protocol == "HTTP/1.1":
        return "1.1"
    version = str(protocol).removeprefix("HTTP/")
    return version if version == "1.0" else version.removesuffix(".0")


def _redacted(query: Any) -> Any:
    """Return a query without the signatures and credentials that the conventions name."""
    if not isinstance(query, str) or not ("sig" in query or "X-" in query or "x-" in query):
        return query
    pairs = [pair.partition("=") for pair in query.split("&")]
    return "&".join(
        f"{name}=REDACTED" if name.lower() in _SECRET_PARAMETERS else f"{name}{equals}{value}"
        for name, equals, value in pairs
    )


def _path(route: Any) -> str | None:
    """Return a route if it is a path: ``$default`` is any."""
    return route if isinstance(route, str) and route.startswith("/") else None


def _client(request: dict[str, Any]) -> Any:
    return (request.get("identity") or {}).get("sourceIp")


def _host(host: Any) -> tuple[str | None, int | None]:
    if not isinstance(host, str) or not host:
        return None, None
    if ":" not in host:
        return host, None
    address, _, port = host.rpartition(":")
    number = _number(port)
    if number is not None and not address.endswith(":"):
        return address.strip("[]"), number
    return host, None


def _number(text: Any) -> int | None:
    if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= _PORT_DIGITS:
        return int(text)
    return None


def _query(event: dict[str, Any], *, encoded: bool = False) -> str:
    """Return the query, of which a load balancer has the parts as they came, still encoded."""
    parameters = (
        event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {}
    )
    pairs = [
        (name, one)
        for name, value in parameters.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return "&".join(f"{name}={one}" for name, one in pairs) if encoded else urlencode(pairs)
