"""HTTP requests as events, in the shapes of the services that call functions over HTTP.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from multidict import CIMultiDictProxy

from lambda_testing import Function

from ._config import HTTPFormat

_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_TEXT_SUFFIXES = ("+json", "+xml")


@dataclass(frozen=True, kw_only=True)
class HTTPRequest:
    """A request, as it came.

    Attributes:
        method: The method.
        raw_path: The path as it was sent, percent-encoding included.
        path: The path, decoded.
        raw_query: The query as it was sent, without the question mark.
        headers: The headers.
        body: The body.
        source_ip: The address of the client.
        port: The port that it came to.
        request_id: The id of the invocation.
        trace_id: The trace that it belongs to.
        moment: When it came, in seconds of Unix time.
    """

    method: str
    raw_path: str
    path: str
    raw_query: str
    headers: CIMultiDictProxy[str]
    body: bytes
    source_ip: str
    port: int
    request_id: str
    trace_id: str
    moment: float = field(default_factory=time.time)

    @property
    def query(self) -> dict[str, list[str]]:
        """The values of each parameter, decoded."""
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.raw_query, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return values

    def header_values(self) -> dict[str, list[str]]:
        """Return the values of each header, with those that AWS's front ends add."""
        values: dict[str, list[str]] = {}
        names: dict[str, str] = {}
        for name, value in self.headers.items():
            values.setdefault(names.setdefault(name.lower(), name), []).append(value)
        added = {
            "X-Amzn-Trace-Id": self.trace_id.partition(";")[0],
            "X-Forwarded-For": self.source_ip,
            "X-Forwarded-Port": str(self.port),
            "X-Forwarded-Proto": "http",
        }
        for name, value in added.items():
            values[names.get(name.lower(), name)] = [value]
        return values


def to_event(request: HTTPRequest, function: Function, http_format: HTTPFormat) -> dict[str, Any]:
    """Return the event for a request.

    Args:
        request: The request.
        function: The function that gets it.
        http_format: The shape of the event.
    """
    return _FORMATS[http_format](request, function)


def _v2(request: HTTPRequest, function: Function) -> dict[str, Any]:
    headers = {name.lower(): ",".join(values) for name, values in request.header_values().items()}
    cookies = headers.pop("cookie", None)
    host = f"{function.name}.lambda-url.{function.region}.on.aws"
    text, is_base64 = _body(request)
    query = {name: ",".join(values) for name, values in request.query.items()}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.raw_query,
        **({"cookies": [part.strip() for part in cookies.split(";")]} if cookies else {}),
        "headers": headers,
        **({"queryStringParameters": query} if query else {}),
        "requestContext": {
            "accountId": "anonymous",
            "apiId": function.name,
            "domainName": host,
            "domainPrefix": function.name,
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent"),
            },
            "requestId": request.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": _common_log_time(request.moment),
            "timeEpoch": int(request.moment * 1000),
        },
        **({} if text is None else {"body": text}),
        "isBase64Encoded": is_base64,
    }


def _v1(request: HTTPRequest, function: Function) -> dict[str, Any]:
    headers, query = request.header_values(), request.query
    text, is_base64 = _body(request)
    proxy = request.path.lstrip("/")
    resource = "/{proxy+}" if proxy else "/"
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": proxy} if proxy else None,
        "stageVariables": None,
        "requestContext": {
            "accountId": function.account,
            "apiId": function.name,
            "domainName": f"{function.name}.execute-api.{function.region}.amazonaws.com",
            "domainPrefix": function.name,
            "extendedRequestId": request.request_id,
            "httpMethod": request.method,
            "identity": {
                "sourceIp": request.source_ip,
                "userAgent": request.headers.get("User-Agent"),
            },
            "path": request.path,
            "protocol": "HTTP/1.1",
            "requestId": request.request_id,
            "requestTime": _common_log_time(request.moment),
            "requestTimeEpoch": int(request.moment * 1000),
            "resourceId": "local",
            "resourcePath": resource,
            "stage": "local",
        },
        "body": text,
        "isBase64Encoded": is_base64,
    }


def _alb(request: HTTPRequest, function: Function) -> dict[str, Any]:
    headers = {name.lower(): values[-1] for name, values in request.header_values().items()}
    text, is_base64 = _body(request)
    group = f"targetgroup/{function.name}/0123456789abcdef"
    arn = f"arn:aws:elasticloadbalancing:{function.region}:{function.account}:{group}"
    # A load balancer leaves the percent-encoding to the function.
    pairs = (pair.partition("=") for pair in request.raw_query.split("&") if pair)
    query = {name: value for name, _, value in pairs}
    return {
        "requestContext": {"elb": {"targetGroupArn": arn}},
        "httpMethod": request.method,
        "path": request.raw_path,
        "queryStringParameters": query,
        "headers": headers,
        "body": text or "",
        "isBase64Encoded": is_base64,
    }


_FORMATS: Mapping[HTTPFormat, Callable[[HTTPRequest, Function], dict[str, Any]]] = {
    "v2": _v2,
    "v1": _v1,
    "alb": _alb,
}


def _body(request: HTTPRequest) -> tuple[str | None, bool]:
    """Return the body as an event has it, and whether that is base64."""
    if not request.body:
        return None, False
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    is_text = media_type.startswith(_TEXT_TYPES) or media_type.endswith(_TEXT_SUFFIXES)
    if is_text and "Content-Encoding" not in request.headers:
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def _last(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: several[-1] for name, several in values.items()}


def _common_log_time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
