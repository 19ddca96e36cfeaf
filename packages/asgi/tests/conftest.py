"""Events of each front end, and an application that keeps what it is asked."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from lambda_asgi import AsgiHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import Invoker

FRONT_ENDS = ("url", "http-api", "rest", "alb", "alb-multi", "lattice-1", "lattice-2")


def make_event(
    front_end: str = "url",
    path: str = "/",
    *,
    method: str = "GET",
    query: str = "",
    headers: dict[str, str] | None = None,
    body: str | None = None,
    stage: str = "prod",
    **fields: Any,
) -> dict[str, Any]:
    """Return the event of a front end, with a path and a query that need no encoding."""
    pairs = [pair.split("=") for pair in query.split("&")] if query else []
    several = {name: [other for each, other in pairs if each == name] for name, _ in pairs}
    single = dict(pairs)
    sent = {"host": "example.com", "x-forwarded-for": "192.0.2.7", **(headers or {})}
    lists = {name: [value] for name, value in sent.items()}
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/0123456789abcdef"
    domain = "id.lambda-url.eu-west-1.on.aws" if front_end == "url" else "id.execute-api.test"
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"}
    event: dict[str, Any]
    if front_end in ("url", "http-api"):
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": sent,
            "requestContext": {"domainName": domain, "http": http, "stage": "$default"},
        }
    elif front_end == "rest":
        event = {
            "resource": "/{proxy+}",
            "path": path,
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": lists,
            "queryStringParameters": single or None,
            "multiValueQueryStringParameters": several or None,
            "pathParameters": {"proxy": path.strip("/")},
            "requestContext": {
                "domainName": domain,
                "identity": {"sourceIp": "192.0.2.7"},
                "path": f"/{stage}{path}",
                "protocol": "HTTP/1.1",
                "stage": stage,
            },
        }
    elif front_end == "alb":
        event = {"path": path, "httpMethod": method, "headers": sent}
        event |= {"queryStringParameters": single, "requestContext": {"elb": {"arn": arn}}}
    elif front_end == "alb-multi":
        event = {"path": path, "httpMethod": method, "multiValueHeaders": lists}
        event |= {
            "multiValueQueryStringParameters": several,
            "requestContext": {"elb": {"arn": arn}},
        }
    elif front_end == "lattice-1":
        event = {"raw_path": path, "method": method, "headers": sent}
        event["query_string_parameters"] = single
    else:
        event = {"version": "2.0", "path": path, "method": method, "headers": lists}
        event["queryStringParameters"] = several
        event["requestContext"] = {"serviceArn": "arn:aws:vpc-lattice:::service/svc-1"}
    if body is not None:
        event["body"] = body
    return event | fields


class Echo:
    """An application that keeps its scope and the body, and answers with a response of its own."""

    def __init__(
        self,
        body: bytes = b"",
        *,
        status: int = 200,
        headers: list[tuple[bytes, bytes]] | None = None,
    ) -> None:
        self.scope: dict[str, Any] = {}
        self.body = b""
        self._response = body, status, headers or []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError("only HTTP")
        body, status, headers = self._response
        self.scope, self.body = scope, (await receive())["body"]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def scope_of(invoke: Invoker) -> Callable[..., dict[str, Any]]:
    """Return the scope that an application gets for an event, and the body as ``body``."""

    def scope_of(event: object, **options: Any) -> dict[str, Any]:
        echo = Echo()
        result = invoke(AsgiHandler(echo, **options), event)
        assert result.value["statusCode"] == 200, result
        return {**echo.scope, "body": echo.body}

    return scope_of


@pytest.fixture
def answer(invoke: Invoker) -> Callable[..., dict[str, Any]]:
    """Return the response to a front end, of an application that answers so."""

    def answer(body: bytes = b"", *, event: Any = None, **response: Any) -> dict[str, Any]:
        echo = Echo(body, **response)
        value: dict[str, Any] = invoke(AsgiHandler(echo), event or make_event()).value
        return value

    return answer


def body_of(response: dict[str, Any]) -> bytes:
    """Return the body of a response to a front end."""
    body: str = response["body"]
    return base64.b64decode(body) if response["isBase64Encoded"] else body.encode()
