"""A user's code, as a type checker sees it; `test_package.py` runs it, checkers read it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, assert_type

import attrs

from lambda_events import (
    ARN,
    ActiveMQEvent,
    ALBTargetGroupRequest,
    APIGatewayAuthorizerResponse,
    APIGatewayProxyEvent,
    APIGatewayV2HTTPEvent,
    APIGatewayV2HTTPResponse,
    BatchItemFailuresResponse,
    CloudFormationCustomResourceEvent,
    CognitoPreSignUpEvent,
    DynamoDBEvent,
    DynamoDBTimeWindowEvent,
    EventBridgeEvent,
    FirehoseEvent,
    Headers,
    HttpRequest,
    HttpResponse,
    KafkaEvent,
    KafkaRecord,
    KinesisEvent,
    KinesisTimeWindowEvent,
    LambdaFunctionURLEvent,
    Model,
    RabbitMQEvent,
    S3Event,
    S3EventBridgeEvent,
    ScheduledEvent,
    SNSEvent,
    SNSNotification,
    SQSEvent,
    SQSRecord,
    detect,
    dumps,
    loads,
    process_batch,
    process_batch_async,
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


def store(record: SQSRecord[Order]) -> int:
    """Take a record of a batch."""
    return record.payload.id


async def store_async(record: KafkaRecord[str, Order]) -> None:
    """Take a record of a batch, async."""
    assert_type(record.key_payload, str | None)
    assert_type(record.payload, Order | None)


TOPIC = KafkaEvent.build([Order(1)], keys=["a"])
assert_type(TOPIC, KafkaEvent[str, Order])
assert_type(process_batch(ORDERS, store), BatchItemFailuresResponse)
assert asyncio.run(process_batch_async(TOPIC, store_async)).batch_item_failures == []


def anywhere(event: ALBTargetGroupRequest | LambdaFunctionURLEvent) -> Model:
    """Answer a request of several front ends."""
    request = HttpRequest.from_event(event)
    assert_type(request.query, dict[str, list[str]])
    assert_type(request.headers, Headers)
    assert_type(request.body, bytes)
    return HttpResponse({"path": request.path}).to_event(event)


anywhere(ALBTargetGroupRequest.build("GET", "/"))
anywhere(LambdaFunctionURLEvent.build("GET", "/"))


def uploaded(event: S3EventBridgeEvent) -> str:
    """Take the detail of a model of its own."""
    assert_type(event.detail.object.size, int | None)
    return event.detail.object.key


def sign_up(event: CognitoPreSignUpEvent) -> CognitoPreSignUpEvent:
    """Answer with the event."""
    event.response.auto_confirm_user = True
    return event


assert_type(EventBridgeEvent.build({}).time_utc, datetime | None)
assert_type(ScheduledEvent.build(), ScheduledEvent)
assert_type(S3EventBridgeEvent.build({"object": {"key": "k"}}), S3EventBridgeEvent)
assert uploaded(S3EventBridgeEvent.build({"object": {"key": "k"}})) == "k"
WINDOW = KinesisTimeWindowEvent.build([Order(1)], state={"sum": 1})
assert_type(WINDOW, KinesisTimeWindowEvent[Order])
assert_type(WINDOW.records[0].payload, Order)
assert_type(DynamoDBTimeWindowEvent.build(new=Order(1)), DynamoDBTimeWindowEvent[Order])
assert_type(ActiveMQEvent.build([Order(1)]).messages[0].payload, Order)
assert_type(RabbitMQEvent.build([Order(1)]).all_messages[0].payload, Order)
assert_type(FirehoseEvent.build([Order(1)]).records[0].payload, Order)
assert_type(CloudFormationCustomResourceEvent.build(Order(1)).old_properties, Order | None)
assert_type(APIGatewayAuthorizerResponse.of("me", allow=["*"]).principal_id, str)
