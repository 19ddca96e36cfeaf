"""Events of messages of SNS, and of log events."""

import base64
import gzip
import json
import time
from typing import Any

from .topics import TopicMessage


def sns_event(message: TopicMessage, account: str, region: str) -> dict[str, Any]:
    """Return the event of a message of a topic.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

    Args:
        message: The message.
        account: The id of the account.
        region: The region.
    """
    arn = f"arn:aws:sns:{region}:{account}:{message.topic}"
    address = f"https://sns.{region}.amazonaws.com"
    sns: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": message.id,
        "TopicArn": arn,
        "Subject": message.subject,
        "Message": message.text,
        "Timestamp": message.timestamp,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": f"{address}/SimpleNotificationService.pem",
        "UnsubscribeUrl": f"{address}/?Action=Unsubscribe&SubscriptionArn={arn}:local",
        "MessageAttributes": message.attributes,
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{arn}:local",
        "Sns": sns,
    }
    return {"Records": [record]}


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
