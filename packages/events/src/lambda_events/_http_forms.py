"""The differences between HTTP front ends: how each writes requests and reads responses."""

from __future__ import annotations

from ._codec import structure
from ._model import Model
from ._names import public
from .errors import EventDecodeError, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


class Form:
    """A front end.

    Attributes:
        read: Makes the attributes of a request from an event.
        write: Makes the front end's response of the event, the status, headers, cookies and body.
    """

    __slots__ = ("read", "write")

    def __init__(
        self,
        read: Callable[[Any], dict[str, Any]],
        write: Callable[
            [Any, int, dict[str, list[str]], list[str], dict[str, Any]],
            Model,
        ],
    ) -> None:
        self.read = read
        self.write = write


def form_of(event: Model) -> Form:
    """Return the front end that an event is of.

    Raises:
        EventDecodeError: It is of none.
    """
    for kind in type(event).__mro__:
        if kind.__name__ in _FORMS:
            return _FORMS[kind.__name__]
    raise EventDecodeError("HttpRequest", "", " or ".join(_FORMS), type(event).__name__)


def model_of(event: Model | Mapping[str, Any]) -> Model:
    """Return an event's model.

    Args:
        event: The model itself, or the JSON object of a front end's event.

    Raises:
        EventDecodeError: It is neither.
    """
    if isinstance(event, Model):
        return event
    name = _name_of(event)
    if name is None:
        raise EventDecodeError("HttpRequest", "", "an event of an HTTP front end", describe(event))
    model: Model = structure(event, public(name))
    return model


def _name_of(event: Any) -> str | None:
    """Distinguish the front ends, as `lambda_events.detect` does, without loading all services."""
    if not isinstance(event, dict):
        return None
    context = event.get("requestContext")
    if not isinstance(context, dict):
        return "VPCLatticeEvent" if "raw_path" in event else None
    if "elb" in context:
        return "ALBTargetGroupRequest"
    if "http" in context:
        is_url = ".lambda-url." in str(context.get("domainName"))
        return "LambdaFunctionURLEvent" if is_url else "APIGatewayV2HTTPEvent"
    if "connectionId" in context:
        return "APIGatewayWebSocketEvent"
    if "httpMethod" in event:
        return "APIGatewayProxyEvent"
    return "VPCLatticeV2Event" if "serviceArn" in context else None


def _read_rest(event: Any) -> dict[str, Any]:
    return {
        "method": event.http_method,
        "path": event.path,
        "query": event.query,
        "headers": _joined(event.headers, event.multi_value_headers),
        "cookies": event.cookies,
        "body": event.body_bytes or b"",
        "path_parameters": dict(event.path_parameters),
        "source_ip": event.request_context.identity.source_ip,
    }


def _read_v2(event: Any) -> dict[str, Any]:
    context = event.request_context
    headers = dict(event.headers)
    if event.cookies:
        headers["cookie"] = "; ".join(event.cookies)
    path, stage = event.raw_path, f"/{context.stage}"
    if path == stage or path.startswith(f"{stage}/"):
        path = path.removeprefix(stage) or "/"
    return {
        "method": context.http.method,
        "path": path,
        "query": event.query,
        "headers": headers,
        "cookies": event.cookie_values,
        "body": event.body_bytes or b"",
        "path_parameters": dict(event.path_parameters),
        "source_ip": context.http.source_ip,
    }


def _read_alb(event: Any) -> dict[str, Any]:
    headers = _joined(event.headers, event.multi_value_headers)
    return {
        "method": event.http_method,
        "path": event.path,
        "query": event.query,
        "headers": headers,
        "cookies": event.cookies,
        "body": event.body_bytes or b"",
        "path_parameters": {},
        "source_ip": _last_forwarded(headers),
    }


def _read_lattice(event: Any) -> dict[str, Any]:
    headers = _joined({}, event.headers)
    return {
        "method": event.method,
        "path": getattr(event, "raw_path", None) or event.path,
        "query": event.query,
        "headers": headers,
        "cookies": event.cookies,
        "body": event.body_bytes or b"",
        "path_parameters": {},
        "source_ip": _last_forwarded(headers),
    }


def _read_websocket(event: Any) -> dict[str, Any]:
    from ._http import parse_cookies

    context = event.request_context
    headers = _joined(event.headers, event.multi_value_headers)
    sent = [value for name, value in headers.items() if name.lower() == "cookie"]
    return {
        "method": context.event_type,
        "path": context.route_key,
        "query": event.query,
        "headers": headers,
        "cookies": parse_cookies(sent),
        "body": event.body_bytes or b"",
        "path_parameters": {},
        "source_ip": context.identity.source_ip,
    }


def _joined(single: Mapping[str, str], several: Mapping[str, Any]) -> dict[str, str]:
    """Return headers, those with several values as RFC 9110 joins them, cookies as RFC 6265."""
    joined = dict(single)
    for name, values in several.items():
        separator = "; " if name.lower() == "cookie" else ", "
        joined[name] = values if isinstance(values, str) else separator.join(values)
    return joined


def _last_forwarded(headers: Mapping[str, str]) -> str | None:
    """Return the address that the front end itself added; those before it, anybody can claim."""
    for name, value in headers.items():
        if name.lower() == "x-forwarded-for":
            return value.rpartition(",")[2].strip() or None
    return None


def _write_rest(
    event: Any,
    status: int,
    several: dict[str, list[str]],
    cookies: list[str],
    parts: dict[str, Any],
) -> Model:
    from .apigateway import APIGatewayProxyResponse
    from .apigateway_websocket import APIGatewayWebSocketEvent, APIGatewayWebSocketResponse

    # A header in both tables would be sent twice.
    single = {name: values[0] for name, values in several.items() if len(values) == 1}
    several = {name: values for name, values in several.items() if len(values) > 1}
    if cookies:
        several["set-cookie"] = cookies
    if several:
        parts["multi_value_headers"] = several
    websocket = isinstance(event, APIGatewayWebSocketEvent)
    response = APIGatewayWebSocketResponse if websocket else APIGatewayProxyResponse
    return response(status_code=status, headers=single, **parts)


def _write_v2(
    event: Any,
    status: int,
    several: dict[str, list[str]],
    cookies: list[str],
    parts: dict[str, Any],
) -> Model:
    headers = {name: ", ".join(values) for name, values in several.items()}
    if cookies:
        parts["cookies"] = cookies
    if type(event).__name__ == "LambdaFunctionURLEvent":
        from .function_url import LambdaFunctionURLResponse

        return LambdaFunctionURLResponse(status_code=status, headers=headers, **parts)
    from .apigateway_http import APIGatewayV2HTTPResponse

    return APIGatewayV2HTTPResponse(status_code=status, headers=headers, **parts)


def _write_alb(
    event: Any,
    status: int,
    several: dict[str, list[str]],
    cookies: list[str],
    parts: dict[str, Any],
) -> Model:
    from .alb import ALBTargetGroupResponse, status_line

    if event.multi_value:
        parts["multi_value_headers"] = several | ({"set-cookie": cookies} if cookies else {})
    else:
        parts["headers"] = _single(several, cookies)
    return ALBTargetGroupResponse(
        status_code=status, status_description=status_line(status), **parts
    )


def _write_lattice(
    event: Any,  # noqa: ARG001 - the form of all
    status: int,
    several: dict[str, list[str]],
    cookies: list[str],
    parts: dict[str, Any],
) -> Model:
    from .alb import status_line
    from .vpc_lattice import VPCLatticeResponse

    return VPCLatticeResponse(
        status_code=status,
        status_description=status_line(status),
        headers=_single(several, cookies),
        **parts,
    )


def _single(several: dict[str, list[str]], cookies: list[str]) -> dict[str, str]:
    """Return headers of one value each, for front ends that know no others.

    Cookies cannot be joined. Header names are the same in any case, but keys in JSON are not, so
    each cookie gets its own spelling of ``set-cookie``.
    """
    headers = {name: ", ".join(values) for name, values in several.items()}
    for number, cookie in enumerate(cookies):
        spelling = [
            letter.upper() if number >> place & 1 else letter
            for place, letter in enumerate("setcookie")
        ]
        headers["".join([*spelling[:3], "-", *spelling[3:]])] = cookie
    return headers


_FORMS = {
    "APIGatewayProxyEvent": Form(_read_rest, _write_rest),
    "APIGatewayV2HTTPEvent": Form(_read_v2, _write_v2),
    "LambdaFunctionURLEvent": Form(_read_v2, _write_v2),
    "ALBTargetGroupRequest": Form(_read_alb, _write_alb),
    "VPCLatticeEvent": Form(_read_lattice, _write_lattice),
    "VPCLatticeV2Event": Form(_read_lattice, _write_lattice),
    "APIGatewayWebSocketEvent": Form(_read_websocket, _write_rest),
}
