"""Polling a queue of SQS, standard or FIFO.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import asyncio
import base64
import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from .mapping import EventSourceMapping, split_batch
from .record import Record

_MAX_MESSAGES = 10  # of a call
_WAIT_SECONDS = 20  # for the first message, at the queue
_FIFO_WAIT_SECONDS = 1  # moto does not see while it waits that a message group becomes free
_CONCURRENCY = 5  # batches at a time, as Lambda begins with
_LAG_SECONDS = 2.0  # between two looks at how many messages wait


async def poll_queue(mapping: EventSourceMapping) -> None:
    """Poll a queue forever.

    Messages that the function has done with are deleted, and those that no filter lets through.
    The others come again after the queue's visibility timeout; a FIFO queue holds back what follows
    them in their group.

    Args:
        mapping: The queue and the function.
    """
    sqs = await mapping.clients.get("sqs", mapping.region)
    queue = _Queue(mapping, sqs, await queue_url(mapping, sqs))
    slots = asyncio.Semaphore(mapping.source.max_concurrency or _CONCURRENCY)
    async with asyncio.TaskGroup() as tasks:
        while True:
            await slots.acquire()
            if messages := await queue.receive():
                task = tasks.create_task(queue.handle(messages))
                task.add_done_callback(lambda _: slots.release())
            else:
                slots.release()


async def queue_url(mapping: EventSourceMapping, sqs: Any) -> str:
    """Return the URL of a queue.

    Args:
        mapping: The mapping of the queue, which is named by its URL or its ARN.
        sqs: A client of SQS.
    """
    source = mapping.source.source
    if not source.startswith("arn:"):
        return source
    *_, account, name = source.split(":")
    owner = {"QueueOwnerAWSAccountId": account} if account else {}
    answer = await mapping.call(sqs.get_queue_url, QueueName=name, **owner)
    url: str = answer["QueueUrl"]
    return url


class _Queue:
    def __init__(self, mapping: EventSourceMapping, sqs: Any, url: str) -> None:
        self._mapping = mapping
        self._sqs = sqs
        self._url = url
        source = mapping.source.source
        self._arn = source if source.startswith("arn:") else queue_arn(url, mapping.region)
        self._looked = -math.inf

    async def receive(self) -> list[dict[str, Any]]:
        """Wait for messages, and gather more of them within the window; there may be none."""
        size = self._mapping.source.batch_size or _MAX_MESSAGES
        wait = _FIFO_WAIT_SECONDS if self._url.endswith(".fifo") else _WAIT_SECONDS
        messages = await self._ask(min(size, _MAX_MESSAGES), wait)
        now = asyncio.get_running_loop().time
        end = now() + self._mapping.source.window
        while messages and len(messages) < size and (left := end - now()) > 0:
            wait = min(math.ceil(left), _WAIT_SECONDS)
            more = await self._ask(min(size - len(messages), _MAX_MESSAGES), wait)
            messages += more
        await self._look(has_messages=bool(messages))
        return messages

    async def handle(self, messages: Sequence[dict[str, Any]]) -> None:
        """Invoke the function with messages, and delete those that it has done with."""
        mapping = self._mapping
        records = [to_record(message, self._arn, mapping.region) for message in messages]
        admitted = mapping.admit(records)
        kept = {record.item_id for record in admitted}
        await self._delete([record for record in records if record.item_id not in kept])
        for batch in split_batch(admitted, len(admitted)):
            event = {"Records": [record.event for record in batch]}
            invocation = await mapping.invoke(event)
            failed = mapping.conclude(invocation, {record.item_id for record in batch})
            await self._delete([record for record in batch if record.item_id not in failed])

    async def _ask(self, count: int, wait: int) -> list[dict[str, Any]]:
        answer = await self._mapping.call(
            self._sqs.receive_message,
            QueueUrl=self._url,
            MaxNumberOfMessages=count,
            WaitTimeSeconds=wait,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return answer.get("Messages") or []

    async def _delete(self, records: Sequence[Record]) -> None:
        for start in range(0, len(records), _MAX_MESSAGES):
            entries = [
                {"Id": str(number), "ReceiptHandle": record.handle}
                for number, record in enumerate(records[start : start + _MAX_MESSAGES])
            ]
            await self._mapping.call(
                self._sqs.delete_message_batch, QueueUrl=self._url, Entries=entries
            )

    async def _look(self, *, has_messages: bool) -> None:
        """Find out how many messages wait, but not with every call."""
        now = asyncio.get_running_loop().time()
        if not has_messages:
            self._mapping.status.lag = 0
        elif now - self._looked > _LAG_SECONDS:
            self._looked = now
            name = "ApproximateNumberOfMessages"
            answer = await self._mapping.call(
                self._sqs.get_queue_attributes, QueueUrl=self._url, AttributeNames=[name]
            )
            waiting = answer.get("Attributes", {}).get(name)
            self._mapping.status.lag = None if waiting is None else int(waiting)


def queue_arn(url: str, region: str) -> str:
    """Return the ARN of a queue.

    Args:
        url: The URL, which ends in an account and a name.
        region: The region.
    """
    account, _, name = urlsplit(url).path.strip("/").rpartition("/")
    return f"arn:aws:sqs:{region}:{account.rpartition('/')[2] or '000000000000'}:{name}"


def to_record(message: dict[str, Any], arn: str, region: str) -> Record:
    """Return a message as a record.

    Args:
        message: As SQS returns it.
        arn: The queue's ARN.
        region: The queue's region.
    """
    attributes = {
        name: {
            "stringListValues": [],
            "binaryListValues": [],
            **{key[:1].lower() + key[1:]: _text(value) for key, value in attribute.items()},
        }
        for name, attribute in message.get("MessageAttributes", {}).items()
    }
    event = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message.get("Body", ""),
        "attributes": message.get("Attributes", {}),
        "messageAttributes": attributes,
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    }
    if "MD5OfMessageAttributes" in message:
        event["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return Record(
        event, message["MessageId"], data=message.get("Body", ""), handle=message["ReceiptHandle"]
    )


def _text(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
