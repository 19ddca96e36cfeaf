"""The attributes of a span that come from its event and its response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from lambda_testing import Invoker

    from .conftest import Collector

FUNCTION = "test-function"
HTTP_API = {
    "version": "2.0",
    "routeKey": "POST /pets/{id}",
    "rawPath": "/dev/pets/10",
    "rawQueryString": "a=1&b=%20",
    "headers": {"x-forwarded-proto": "https", "user-agent": "agent", "x-forwarded-port": "443"},
    "requestContext": {
        "domainName": "id.execute-api.us-east-1.amazonaws.com",
        "http": {
            "method": "POST",
            "path": "/dev/pets/10",
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1",
            "userAgent": "agent",
        },
    },
}
REST_API = {
    "resource": "/pets/{id}",
    "path": "/pets/10",
    "httpMethod": "GET",
    "headers": {"User-Agent": "agent", "X-Forwarded-Proto": "https", "Host": "example.com"},
    "multiValueQueryStringParameters": {"a": ["1", "2"], "b": [" "]},
    "queryStringParameters": {"a": "2", "b": " "},
    "requestContext": {"identity": {"sourceIp": "192.0.2.1"}, "protocol": "HTTP/1.1"},
}
ALB = {
    "requestContext": {"elb": {"targetGroupArn": "arn"}},
    "httpMethod": "BREW",
    "path": "/pot",
    "queryStringParameters": {"a": "%20"},
    "multiValueHeaders": {"host": ["lb.example.com:8080"], "x-forwarded-for": ["192.0.2.1, x"]},
}
FUNCTION_URL = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/",
    "requestContext": {"http": {"method": "GET", "path": "/", "protocol": "HTTP/2.0"}},
}
S3 = {
    "eventSource": "aws:s3",
    "eventName": "ObjectCreated:Put",
    "eventTime": "2026-11-29T01:02:03.000Z",
    "s3": {"bucket": {"name": "photos"}, "object": {"key": "a+b%2Fc.jpg"}},
}
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-11-29T00:00:00.000"


def change(name: str) -> dict[str, Any]:
    return {
        "eventSource": "aws:dynamodb",
        "eventName": name,
        "eventSourceARN": TABLE,
        "dynamodb": {"ApproximateCreationDateTime": 1_800_000_000},
    }


@pytest.mark.parametrize(
    ("event", "name", "expected"),
    [
        (
            HTTP_API,
            "POST /pets/{id}",
            {
                "faas.trigger": "http",
                "http.request.method": "POST",
                "http.route": "/pets/{id}",
                "url.path": "/dev/pets/10",
                "url.query": "a=1&b=%20",
                "url.scheme": "https",
                "server.address": "id.execute-api.us-east-1.amazonaws.com",
                "server.port": 443,
                "client.address": "192.0.2.1",
                "user_agent.original": "agent",
                "network.protocol.version": "1.1",
                "http.response.status_code": 200,
            },
        ),
        (
            {
                **HTTP_API,
                "rawQueryString": "a=1&sig=2&design=3&x&X-Amz-Signature=4&x-amz-credential=",
            },
            "POST /pets/{id}",
            {
                "url.query": "a=1&sig=REDACTED&design=3&x&X-Amz-Signature=REDACTED"
                "&x-amz-credential=REDACTED"
            },
        ),
        (
            REST_API,
            "GET /pets/{id}",
            {
                "http.route": "/pets/{id}",
                "url.path": "/pets/10",
                "url.query": "a=1&a=2&b=+",
                "url.scheme": "https",
                "server.address": "example.com",
                "client.address": "192.0.2.1",
                "user_agent.original": "agent",
            },
        ),
        (
            ALB,
            FUNCTION,
            {
                "http.request.method": "_OTHER",
                "http.request.method_original": "BREW",
                "url.query": "a=%20",
                "server.address": "lb.example.com",
                "server.port": 8080,
                "client.address": "192.0.2.1",
            },
        ),
        (
            {**REST_API, "resource": "$default", "version": "1.0"},
            FUNCTION,
            {"url.path": "/pets/10"},
        ),
        (FUNCTION_URL, FUNCTION, {"url.path": "/", "network.protocol.version": "2"}),
        (
            {"requestContext": {"connectionId": "c", "routeKey": "sendmessage"}, "body": "x"},
            "sendmessage",
            {"faas.trigger": "http", "http.route": "sendmessage"},
        ),
        (
            {"raw_path": "/a?b=c", "method": "GET", "headers": {"host": "svc"}},
            FUNCTION,
            {"http.request.method": "GET", "url.path": "/a", "url.query": "b=c"},
        ),
        (
            {"Records": [S3]},
            FUNCTION,
            {
                "faas.trigger": "datasource",
                "faas.document.collection": "photos",
                "faas.document.operation": "insert",
                "faas.document.time": "2026-11-29T01:02:03.000Z",
                "faas.document.name": "a b/c.jpg",
                "aws.s3.bucket": "photos",
                "aws.s3.key": "a b/c.jpg",
            },
        ),
        (
            {"Records": [change("MODIFY"), change("MODIFY")]},
            FUNCTION,
            {
                "faas.trigger": "datasource",
                "faas.document.collection": "orders",
                "faas.document.operation": "edit",
                "faas.document.time": "2027-01-15T08:00:00+00:00",
                "aws.dynamodb.table_names": ["orders"],
            },
        ),
        (
            {"detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-11-29T00:00Z"},
            FUNCTION,
            {"faas.trigger": "timer", "faas.time": "2026-11-29T00:00Z"},
        ),
        ({"Records": [{"eventSource": "aws:sqs"}]}, FUNCTION, {"faas.trigger": "pubsub"}),
        ({"Records": [{"eventSource": "aws:s3"}]}, FUNCTION, {"faas.trigger": "datasource"}),
        ({"Records": [{"EventSource": "aws:sns"}]}, FUNCTION, {"faas.trigger": "pubsub"}),
        ({"Records": [{"eventSource": "aws:dynamodb"}]}, FUNCTION, {"faas.trigger": "datasource"}),
        ({"Records": [{"eventSource": 5}]}, FUNCTION, {"faas.trigger": "other"}),
        ({"Records": [None]}, FUNCTION, {"faas.trigger": "other"}),
        ({"requestContext": 5}, FUNCTION, {"faas.trigger": "other"}),
        ({"httpMethod": None, "headers": 5}, FUNCTION, {"faas.trigger": "http"}),
        ([], FUNCTION, {"faas.trigger": "other"}),
        (None, FUNCTION, {"faas.trigger": "other"}),
        (7, FUNCTION, {"faas.trigger": "other"}),
    ],
)
def test_the_trigger(
    event: Any,
    name: str,
    expected: dict[str, Any],
    invoke: Invoker,
    collector: Collector,
    traced: TracerProvider,
) -> None:
    invoke(lambda event: None, event)

    root = collector.root
    assert root.name == name
    assert root.attributes | expected == root.attributes
    assert root.status == "UNSET"


@pytest.mark.parametrize(
    ("result", "status", "error"),
    [
        ({"statusCode": 200}, 200, None),
        ({"statusCode": "302"}, 302, None),
        ({"statusCode": 404}, 404, None),
        ({"statusCode": 502}, 502, "502"),
        ({"statusCode": "9" * 5000}, None, None),
        ({"statusCode": True}, None, None),
        ({"body": ""}, None, None),
        ("text", None, None),
    ],
)
def test_the_status_of_an_http_response(
    result: Any,
    status: int | None,
    error: str | None,
    invoke: Invoker,
    collector: Collector,
    traced: TracerProvider,
) -> None:
    invoke(lambda event: result, REST_API)

    root = collector.root
    assert root.attributes.get("http.response.status_code") == status
    assert root.attributes.get("error.type") == error
    assert root.status == ("UNSET" if error is None else "ERROR")


def test_an_authorizers_policy_is_no_response(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    invoke(lambda event: {"isAuthorized": False}, {**HTTP_API, "routeArn": "arn"})

    assert "http.response.status_code" not in collector.root.attributes


def test_only_responses_to_http_have_a_status(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    invoke(lambda event: {"statusCode": 500}, {})

    assert "http.response.status_code" not in collector.root.attributes
    assert collector.root.status == "UNSET"


def test_the_event_of_a_typed_handler_is_read_too(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    def handler(event: bytes) -> None:
        assert event.startswith(b"{")

    invoke(handler, HTTP_API)

    assert collector.root.name == "POST /pets/{id}"
