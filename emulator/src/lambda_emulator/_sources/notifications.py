"""Notifications that come by HTTP: of buckets, of topics, and of buckets by topics.

https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from lambda_emulator._blocking import in_thread
from lambda_emulator._messages import say

from .hub import EventSources, Sent
from .topics import TopicMessage, notified_message, raw_message


class Confirmation(NamedTuple):
    """A request of a topic to confirm that it may send its messages here.

    Attributes:
        topic: The ARN.
        token: The proof that the request came here.
        url: An address that confirms the subscription when it is opened.
    """

    topic: str
    token: str
    url: str


class Notification(NamedTuple):
    """A message of a topic, or records of a bucket, or both.

    Attributes:
        message: The message, or None.
        records: The records.
    """

    message: TopicMessage | None
    records: list[Mapping[str, Any]]

    async def deliver(self, sources: EventSources) -> list[Sent]:
        """Invoke the functions that get it; others have it from the topic or the bucket itself.

        Args:
            sources: The event sources.

        Returns:
            The functions that it was sent to.
        """
        sent: list[Sent] = []
        if self.message is not None:
            sent += await sources.publish(self.message, to_services=False)
        for record in self.records:
            sent += await sources.notify(record, to_services=False)
        return sent


def read(body: bytes, headers: Mapping[str, str]) -> Notification | Confirmation:
    """Return what a request says.

    Args:
        body: The body.
        headers: The headers.

    Raises:
        ValueError: It is not JSON.
        LookupError: A part is missing.
    """
    if headers.get("x-amz-sns-rawdelivery") == "true":
        message = raw_message(body, headers)
        return Notification(message, _records(message.text))
    table = json.loads(body)
    kind = table.get("Type")
    if kind == "Notification":
        message = notified_message(table)
        return Notification(message, _records(message.text))
    if kind == "SubscriptionConfirmation":
        return Confirmation(table["TopicArn"], table["Token"], table["SubscribeURL"])
    if kind or table.get("Event") == "s3:TestEvent":
        return Notification(None, [])  # a test, or the end of a subscription
    return Notification(None, table["Records"])


def _records(text: str) -> list[Mapping[str, Any]]:
    """Return the records of a bucket that a message of a topic has; none for another message."""
    try:
        records = json.loads(text)["Records"]
        return [each for each in records if each["eventSource"] == "aws:s3"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return []


async def confirm(sources: EventSources, confirmation: Confirmation) -> None:
    """Confirm a subscription; if that fails, print how to.

    The address in it is not opened: anybody could have sent it.

    Args:
        sources: The event sources, which have clients of AWS's services.
        confirmation: The request.
    """
    topic, token, url = confirmation
    region = [*topic.split(":"), "", "", ""][3] or sources.region
    try:
        client = await sources.clients.get("sns", region)
        await in_thread(client.confirm_subscription, TopicArn=topic, Token=token)
    except Exception as error:  # noqa: BLE001 (of boto3, or that it is missing)
        say(f"The subscription to {topic} is not confirmed ({error}): open {url}")
    else:
        say(f"Messages of {topic} come here: the subscription is confirmed.")
