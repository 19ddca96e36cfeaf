"""Messages of SNS as functions and queues get them, and events of log groups."""

import base64
import gzip
import json
import time
from typing import Any

from .target import Message
from .topics import TopicMessage

_MAX_RAW_ATTRIBUTES = 10  # of a message of SQS


def sns_event(message: TopicMessage, account: str, region: str) -> dict[str, Any]:
    """Return the event of a message of a topic.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

    Args:
        message: The message.
        account: The id of the account.
        region: The region.
    """
    sns, certificate, unsubscribe = _notification(message, account, region)
    arn = sns["TopicArn"]
    sns |= {
        "Subject": message.subject,
        "SigningCertUrl": certificate,
        "UnsubscribeUrl": unsubscribe,
        "MessageAttributes": message.attributes,
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{arn}:local",
        "Sns": sns,
    }
    return {"Records": [record]}


def sns_envelope(message: TopicMessage, account: str, region: str) -> Message:
    """Return what a queue gets of a message of a topic, without raw message delivery.

    https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html

    Args:
        message: The message.
        account: The id of the account.
        region: The region.
    """
    envelope, certificate, unsubscribe = _notification(message, account, region)
    envelope |= {"SigningCertURL": certificate, "UnsubscribeURL": unsubscribe}
    if message.subject is not None:
        envelope["Subject"] = message.subject
    if message.topic.endswith(".fifo"):
        envelope["SequenceNumber"] = f"{time.time_ns():020}"
    if message.attributes:
        envelope["MessageAttributes"] = dict(message.attributes)
    return Message(json.dumps(envelope).encode(), group=message.group)


def sns_raw(message: TopicMessage) -> Message | None:
    """Return what a queue gets of a message of a topic, with raw message delivery.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html

    Args:
        message: The message.

    Returns:
        The message; None if it has more attributes than a queue takes, so that SNS discards it.
    """
    if len(message.attributes) > _MAX_RAW_ATTRIBUTES:
        return None
    attributes = {
        name: {"DataType": each["Type"], "StringValue": each["Value"]}
        for name, each in message.attributes.items()
    }
    return Message(message.text.encode(), attributes, message.group)


def _notification(
    message: TopicMessage, account: str, region: str
) -> tuple[dict[str, Any], str, str]:
    """Return what all forms of a message have, and two addresses, which each form names its way."""
    arn = f"arn:aws:sns:{region}:{account}:{message.topic}"
    address = f"https://sns.{region}.amazonaws.com"
    fields = {
        "Type": "Notification",
        "MessageId": message.id,
        "TopicArn": arn,
        "Message": message.text,
        "Timestamp": message.timestamp,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
    }
    unsubscribe = f"{address}/?Action=Unsubscribe&SubscriptionArn={arn}:local"
    return fields, f"{address}/SimpleNotificationService.pem", unsubscribe


def logs_event(group: str, text: str, account: str) -> dict[str, Any]:
    """Return the event of lines of a log group.

    https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html

    Args:
        group: The name of the log group.
        text: The lines.
        account: The id of the account.
    """
    now = int(time.time() * 1000)
    data = {
        "messageType": "DATA_MESSAGE",
        "owner": account,
        "logGroup": group,
        "logStream": "lambda-emulator",
        "subscriptionFilters": ["lambda-emulator"],
        "logEvents": [
            {"id": f"{time.time_ns():038}{number:018}", "timestamp": now, "message": line}
            for number, line in enumerate(text.splitlines() or [""])
        ],
    }
    packed = gzip.compress(json.dumps(data).encode())
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}
