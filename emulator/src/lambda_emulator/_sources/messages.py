"""Events that only ``send`` brings: messages of SNS, log events, and messages of IoT."""

import base64
import gzip
import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any


def sns_event(topic: str, message: str, account: str, region: str) -> dict[str, Any]:
    """Return the event of a message of a topic.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

    Args:
        topic: The name of the topic.
        message: The message.
        account: The id of the account.
        region: The region.
    """
    arn = f"arn:aws:sns:{region}:{account}:{topic}"
    address = f"https://sns.{region}.amazonaws.com"
    sns: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": arn,
        "Subject": None,
        "Message": message,
        "Timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertUrl": f"{address}/SimpleNotificationService.pem",
        "UnsubscribeUrl": f"{address}/?Action=Unsubscribe&SubscriptionArn={arn}:local",
        "MessageAttributes": {},
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


def iot_event(text: str) -> Any:
    """Return the event of a message of IoT: the message, of which no rule selects a part.

    Args:
        text: The message; text that is not JSON comes in base64, as from a rule with ``*``.
    """
    try:
        return json.loads(text)
    except ValueError:
        return base64.b64encode(text.encode()).decode()
