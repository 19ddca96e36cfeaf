"""Messages of topics of SNS: which subscriptions get them, and how they come over HTTP.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
"""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple


class TopicMessage(NamedTuple):
    """A message of a topic.

    Attributes:
        topic: The name of the topic.
        text: The message.
        attributes: The attributes by name, each with a ``Type`` and a ``Value``.
        subject: The subject, or None.
        id: The id.
        timestamp: The time of publication, in ISO 8601.
        group: The message group in a FIFO topic, or None.
    """

    topic: str
    text: str
    attributes: Mapping[str, Mapping[str, str]]
    subject: str | None
    id: str
    timestamp: str
    group: str | None = None


def make_message(
    topic: str, text: str, attributes: Mapping[str, Any], group: str | None = None
) -> TopicMessage:
    """Return a message that is published now.

    Args:
        topic: The name of the topic.
        text: The message.
        attributes: The attributes by name: texts, numbers or lists.
        group: The message group in a FIFO topic, or None.
    """
    typed = {name: _typed(value) for name, value in attributes.items()}
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    return TopicMessage(topic, text, typed, None, str(uuid.uuid4()), now, group)


def raw_message(body: bytes, headers: Mapping[str, str]) -> TopicMessage:
    """Return the message of a request with raw message delivery.

    Args:
        body: The body of the request.
        headers: The headers.

    Raises:
        LookupError: The request does not name the topic.
    """
    topic = headers["x-amz-sns-topic-arn"].rpartition(":")[2]
    message = make_message(topic, body.decode(errors="replace"), {})
    return message._replace(id=headers.get("x-amz-sns-message-id", message.id))


def notified_message(notification: Mapping[str, Any]) -> TopicMessage:
    """Return the message of a notification.

    Args:
        notification: A request of the type ``Notification``.

    Raises:
        LookupError: A part of the message is missing.
    """
    return TopicMessage(
        topic=notification["TopicArn"].rpartition(":")[2],
        text=notification["Message"],
        attributes=notification.get("MessageAttributes") or {},
        subject=notification.get("Subject"),
        id=notification["MessageId"],
        timestamp=notification["Timestamp"],
    )


def filtered_part(message: TopicMessage, scope: str) -> Mapping[str, Any] | None:
    """Return the part of a message that a filter policy looks at; None if it has no such part.

    Args:
        message: The message.
        scope: ``MessageAttributes`` or ``MessageBody``.
    """
    if scope == "MessageAttributes":
        values = {name: _value(each) for name, each in message.attributes.items()}
        return {name: value for name, value in values.items() if value is not ...}
    try:
        body = json.loads(message.text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _typed(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        return {"Type": "String.Array", "Value": json.dumps(value)}
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"Type": "Number", "Value": json.dumps(value)}
    return {"Type": "String", "Value": value if isinstance(value, str) else json.dumps(value)}


def _value(attribute: Mapping[str, str]) -> Any:
    """Return the value of an attribute; ``...`` if policies ignore it."""
    kind, text = attribute.get("Type", "String"), attribute.get("Value", "")
    if kind.startswith("Binary"):
        return ...
    if kind != "String.Array" and not kind.startswith("Number"):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value
