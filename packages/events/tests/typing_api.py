"""What a user's code looks like to a type checker; `test_package.py` runs it, checkers read it."""

from __future__ import annotations

from typing import Any, assert_type

import attrs

from lambda_events import (
    ARN,
    APIGatewayProxyEvent,
    APIGatewayV2HTTPEvent,
    APIGatewayV2HTTPResponse,
    DynamoDBEvent,
    EventBridgeEvent,
    Headers,
    KinesisEvent,
    S3Event,
    SNSEvent,
    SNSNotification,
    SQSEvent,
    SQSRecord,
    detect,
    dumps,
    loads,
    structure,
)


@attrs.define
class Order:
    """A payload."""

    id: int


def queue(event: SQSEvent[Order]) -> list[int]:
    """Take typed records."""
    for record in event.records:
        assert_type(record, SQSRecord[Order])
        assert_type(record.payload, Order)
        assert_type(record.body, str)
        assert_type(record.md5_of_message_attributes, str | None)
        assert_type(record.event_source_arn, ARN)
    return [record.payload.id for record in event.records]


def anything(event: SQSEvent) -> Any:
    """Take records of any type."""
    return event.records[0].payload["id"]


def web(event: APIGatewayV2HTTPEvent) -> APIGatewayV2HTTPResponse:
    """Answer a request."""
    assert_type(event.headers, Headers)
    assert_type(event.headers["Host"], str)
    assert_type(event.request_context.http.method, str)
    jwt = event.request_context.authorizer.jwt if event.request_context.authorizer else None
    user = jwt.claims["sub"] if jwt else "nobody"
    return APIGatewayV2HTTPResponse(status_code=200, body=f"Hello {user}", cookies=["a=b"])


def rest(event: APIGatewayProxyEvent) -> list[str]:
    """Take headers of several values."""
    assert_type(event.multi_value_headers, Headers[list[str]])
    return event.multi_value_headers["accept"]


ORDERS = SQSEvent.build([Order(1)])
assert_type(ORDERS, SQSEvent[Order])
assert queue(ORDERS) == [1]
assert_type(loads(dumps(ORDERS), SQSEvent[Order]), SQSEvent[Order])
assert anything(structure({"Records": [{"body": '{"id": 1}'}]}, SQSEvent)) == 1
assert web(APIGatewayV2HTTPEvent.build("GET", "/")).status_code == 200
assert rest(APIGatewayProxyEvent.build(headers={"Accept": "*/*"})) == ["*/*"]

NESTED = SQSEvent.build([SNSNotification.build(S3Event.build("bucket", "a key"))])
assert_type(NESTED, SQSEvent[SNSNotification[S3Event]])
assert_type(NESTED.records[0].payload.payload, S3Event)
assert NESTED.records[0].payload.payload.records[0].object_key == "a key"

assert_type(SNSEvent.build([Order(1)]).records[0].sns.payload, Order)
assert_type(KinesisEvent.build([Order(1)]).records[0].payload, Order)
assert_type(EventBridgeEvent.build(Order(1)).detail, Order)
assert_type(DynamoDBEvent.build(new=Order(1)).records[0].new_item, Order | None)
assert_type(ORDERS.extra, dict[str, Any])
assert_type(ORDERS.evolve(records=[]), SQSEvent[Order])
assert_type(detect({}), str | None)
