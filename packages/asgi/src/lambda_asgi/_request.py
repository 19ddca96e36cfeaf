"""Requests: what the events of HTTP front ends say, in one shape.

Contracts:

- REST APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
- HTTP APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
- function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
- load balancers: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
- VPC Lattice: https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
"""

from __future__ import annotations

from binascii import Error as Base64Error, a2b_base64

from ._mount import Mount, mount_of_rest_api, mount_of_v2
from ._percent import encoded_value, query_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_TEXT = frozenset((str,))


class Request:
    """A request.

    Attributes:
        method: The method, in upper case.
        mount: The path, and where in it the application begins.
        query: The query string, percent-encoded.
        headers: Header fields in their order, their names in lower case.
        values: The last value of each header, by name.
        body: The body.
        client: The address of the client, as the front end saw it; empty if it does not say.
        domain: The host that the request was sent to, where there is no ``Host`` header.
        protocol: The protocol, such as ``HTTP/1.1``.
    """

    __slots__ = (
        "body",
        "client",
        "domain",
        "headers",
        "method",
        "mount",
        "protocol",
        "query",
        "values",
    )

    def __init__(
        self,
        method: Any,
        mount: Mount,
        query: bytes,
        headers: list[tuple[str, str]],
        values: dict[str, str],
        body: bytes,
        client: str,
        domain: Any = None,
        protocol: Any = None,
    ) -> None:
        """Hold a request; see the attributes."""
        self.method = str(method).upper()
        self.mount = mount
        self.query = query
        self.headers = headers
        self.values = values
        self.body = body
        self.client = client
        self.domain = domain if isinstance(domain, str) else ""
        self.protocol = protocol if isinstance(protocol, str) else "HTTP/1.1"


def read_rest(event: dict[str, Any]) -> Request:
    """Read the event of a REST API, or of an HTTP API with format 1.0."""
    context = event.get("requestContext") or {}
    values = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters")
    identity = context.get("identity") or {}
    return Request(
        event["httpMethod"],
        mount_of_rest_api(event),
        _encoded_query(values).encode(),
        *_headers(event),
        _body(event.get("body"), event.get("isBase64Encoded")),
        identity.get("sourceIp") or "",
        context.get("domainName"),
        context.get("protocol"),
    )


def read_v2(event: dict[str, Any]) -> Request:
    """Read the event of a function URL, or of an HTTP API with format 2.0."""
    context = event["requestContext"]
    http = context["http"]
    raw_query = event.get("rawQueryString")
    if raw_query is None:  # an event that was written by hand
        raw_query = _encoded_query(event.get("queryStringParameters"))
    return Request(
        http.get("method") or "GET",
        mount_of_v2(event),
        query_bytes(raw_query),
        *_headers(event, event.get("cookies")),
        _body(event.get("body"), event.get("isBase64Encoded")),
        http.get("sourceIp") or "",
        context.get("domainName"),
        http.get("protocol"),
    )


def read_load_balancer(event: dict[str, Any]) -> Request:
    """Read the event of an Application Load Balancer, which leaves queries encoded."""
    values = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters")
    headers, named = _headers(event)
    return Request(
        event["httpMethod"],
        Mount("", event.get("path") or "/"),
        query_bytes("&".join(f"{name}={value}" for name, value in _pairs(values))),
        headers,
        named,
        _body(event.get("body"), event.get("isBase64Encoded")),
        _last_forwarded(named),
    )


def read_lattice(event: dict[str, Any]) -> Request:
    """Read the event of VPC Lattice, of version 1 or 2."""
    path, _, query = (event.get("raw_path") or event.get("path") or "/").partition("?")
    values = event.get("queryStringParameters") or event.get("query_string_parameters")
    if values and not query:
        query = _encoded_query(values)
    headers, named = _headers(event)
    is_base64 = event.get("isBase64Encoded", event.get("is_base64_encoded"))
    return Request(
        event["method"],
        Mount("", path),
        query_bytes(query),
        headers,
        named,
        _body(event.get("body"), is_base64),
        _last_forwarded(named),
    )


def _headers(
    event: dict[str, Any], cookies: Any = None
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return all header fields, those with several values one by one, and cookies as one.

    Args:
        event: The event.
        cookies: Cookies that the event has besides its headers.

    Returns:
        The fields, and the last value of each by name.
    """
    fields = [(name.lower(), value) for name, value in _pairs(event.get("headers"))]
    several = event.get("multiValueHeaders")
    if several:
        repeated = {name.lower() for name, values in several.items() if values}
        fields = [field for field in fields if field[0] not in repeated]
        fields += [(name.lower(), value) for name, value in _pairs(several)]
    named = dict(fields)
    if len(named) < len(fields) and not cookies:
        cookies = [value for name, value in fields if name == "cookie"]
    if cookies:
        if "cookie" in named:
            fields = [field for field in fields if field[0] != "cookie"]
        named["cookie"] = "; ".join(cookies)
        fields.append(("cookie", named["cookie"]))
    return fields, named


def _encoded_query(values: Any) -> str:
    return "&".join(f"{encoded_value(name)}={encoded_value(each)}" for name, each in _pairs(values))


def _pairs(values: Any) -> Iterable[tuple[str, str]]:
    """Return names with each of their values, which are a text or a list of texts."""
    if not values:
        return ()
    if _TEXT.issuperset(map(type, values.values())):
        return values.items()  # type: ignore[no-any-return]
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, list):
            pairs += [(name, str(one)) for one in value if one is not None]
        elif value is not None:
            pairs.append((name, str(value)))
    return pairs


def _body(body: Any, is_base64: Any) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError(f"the body of the event is not a string: {type(body).__name__}")
    if is_base64 is True or is_base64 == "true":
        try:
            return a2b_base64("".join(body.splitlines()), strict_mode=True)
        except (Base64Error, ValueError):
            pass  # a flag that is wrong: the body is text
    return body.encode("utf-8", "surrogatepass")


def _last_forwarded(named: dict[str, str]) -> str:
    """Return the address that the front end itself has added: anybody can claim those before."""
    return named.get("x-forwarded-for", "").rpartition(",")[2].strip()
