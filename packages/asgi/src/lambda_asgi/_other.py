"""Events that are not HTTP requests, in words."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# By a field that only they have.
_BY_FIELD = (
    ("methodArn", "an event of a Lambda authorizer"),
    ("routeArn", "an event of a Lambda authorizer"),
    ("triggerSource", "an event of a Cognito trigger"),
    ("awslogs", "an event of CloudWatch Logs"),
    ("bootstrapServers", "an event of Kafka"),
    ("rmqMessagesByQueue", "an event of RabbitMQ"),
    ("deliveryStreamArn", "an event of Firehose"),
    ("alarmData", "an event of a CloudWatch alarm"),
    ("StackId", "an event of a CloudFormation custom resource"),
    ("actionGroup", "an event of a Bedrock agent"),
)


def describe(event: Any) -> str:
    """Say what an event is.

    Args:
        event: The event: any JSON value.

    Returns:
        Words such as ``an event of aws:sqs``.
    """
    if not isinstance(event, dict):
        return f"a JSON value of the type {type(event).__name__}"
    records = event.get("Records")
    record = records[0] if isinstance(records, list) and records else event
    if isinstance(record, dict):
        if "cf" in record:
            return "an event of Lambda@Edge"
        source = record.get("eventSource") or record.get("EventSource")
        if isinstance(source, str):
            return f"an event of {source}"
    if "detail-type" in event:
        return f"an event of EventBridge: {event['detail-type']!r} from {event.get('source')!r}"
    context = event.get("requestContext")
    if isinstance(context, dict) and "connectionId" in context:
        return "an event of a WebSocket API"
    for field, words in _BY_FIELD:
        if field in event:
            return words
    names = ", ".join(map(repr, [*event][:8])) or "no fields"
    return f"an event with {names}"
