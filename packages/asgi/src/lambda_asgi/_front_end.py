"""Front ends: who has sent an event over HTTP, and how it wants to be answered."""

from __future__ import annotations

from ._request import read_lattice, read_load_balancer, read_rest, read_v2
from ._response import (
    rest_prelude,
    v2_prelude,
    write_lattice,
    write_load_balancer,
    write_rest,
    write_v2,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from lambda_runtime import HttpPrelude

    from ._request import Request
    from ._response import Response

    Event: TypeAlias = dict[str, Any]


class FrontEnd:
    """An HTTP front end of functions.

    Attributes:
        read: Makes a request of an event.
        write: Makes the fields of a response, without the body's, of a response and the event.
        prelude: Makes the beginning of a streamed response; None where responses cannot be
            streamed.
    """

    __slots__ = ("prelude", "read", "write")

    def __init__(
        self,
        read: Callable[[Event], Request],
        write: Callable[[Response, Event], Event],
        prelude: Callable[[Response], HttpPrelude] | None = None,
    ) -> None:
        """Hold the functions; see the attributes."""
        self.read = read
        self.write = write
        self.prelude = prelude


FUNCTION_URL = FrontEnd(read_v2, write_v2, v2_prelude)
HTTP_API = FrontEnd(read_v2, write_v2)
HTTP_API_FORMAT_1 = FrontEnd(read_rest, write_rest)
LOAD_BALANCER = FrontEnd(read_load_balancer, write_load_balancer)
REST_API = FrontEnd(read_rest, write_rest, rest_prelude)
VPC_LATTICE = FrontEnd(read_lattice, write_lattice)


def front_end_of(event: Any) -> FrontEnd | None:
    """Return the front end that has sent an event, or None if it is not an HTTP request."""
    if not isinstance(event, dict) or "methodArn" in event or "routeArn" in event:
        return None  # those ask a Lambda authorizer
    context = event.get("requestContext")
    if not isinstance(context, dict):
        context = {}
    if "elb" in context:
        return LOAD_BALANCER
    if isinstance(context.get("http"), dict):
        return _function_url_or_http_api(context.get("domainName"))
    if "connectionId" in context and "eventType" in context:
        return None  # a WebSocket API
    if isinstance(event.get("httpMethod"), str) and "path" in event:
        return HTTP_API_FORMAT_1 if event.get("version") == "1.0" else REST_API
    if "method" in event and ("raw_path" in event or ("path" in event and "serviceArn" in context)):
        return VPC_LATTICE
    return None


def _function_url_or_http_api(domain: Any) -> FrontEnd:
    # Events are alike, except for the domain; those written by hand may have none.
    if isinstance(domain, str) and ".lambda-url." not in domain:
        return HTTP_API
    return FUNCTION_URL
