"""Where the events of triggers go: to functions, and to queues of SQS."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from lambda_emulator._queue import EventQueue

from .clients import Clients, ServiceError
from .mapping import EventSourceMapping

_LOCAL_GROUP = "lambda-emulator"


class Message(NamedTuple):
    """The event that a function gets, or the message that a queue gets.

    Attributes:
        body: The event of a function, as JSON; the body of a message.
        attributes: The attributes of a message, as SQS takes them.
        group: The message group for a FIFO queue, or None.
    """

    body: bytes
    attributes: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    group: str | None = None


Put = Callable[[Message], Awaitable[str]]
"""Gives a message to a function or a queue, and returns the id of the invocation or the message."""


def to_function(queue: EventQueue) -> Put:
    """Return a function that invokes a function of Lambda, asynchronously.

    Args:
        queue: The asynchronous invocations of the function.
    """

    async def put(message: Message) -> str:
        return queue.put(message.body)

    return put


class QueueSender:
    """Sends messages to queues of SQS."""

    def __init__(
        self, clients: Clients, mappings: Sequence[EventSourceMapping], region: str
    ) -> None:
        """Prepare to send.

        Args:
            clients: Clients of AWS's services.
            mappings: The event sources that are polled, which know the URLs of their queues.
            region: The region of queues of which no more is known than the name.
        """
        self._clients = clients
        self._mappings = mappings
        self._region = region

    def to_queue(self, arn: str) -> Put:
        """Return a function that sends messages to a queue.

        Args:
            arn: The ARN of the queue.
        """

        async def put(message: Message) -> str:
            return await self.send(arn, message)

        return put

    async def send(self, queue: str, message: Message) -> str:
        """Send a message to a queue.

        Args:
            queue: The name or the ARN of the queue.
            message: The message.

        Returns:
            The id of the message.

        Raises:
            ServiceError: SQS cannot be reached, or refuses it.
        """
        name = queue.rpartition(":")[2]
        options: dict[str, Any] = {
            "MessageBody": message.body.decode(),
            "MessageAttributes": dict(message.attributes),
        }
        if name.endswith(".fifo"):
            options["MessageGroupId"] = message.group or _LOCAL_GROUP
            options["MessageDeduplicationId"] = str(uuid.uuid4())
        polled = next((each for each in self._mappings if _is_queue(each, name)), None)
        region = queue.split(":")[3] if queue.startswith("arn:") else ""
        if polled is not None:
            region = polled.region
        try:
            client = await self._clients.get("sqs", region or self._region)
        except Exception as error:  # of boto3, or that it is missing
            raise ServiceError(f"The service cannot be reached: {error}") from error
        if polled is not None and not polled.source.source.startswith("arn:"):
            options["QueueUrl"] = polled.source.source
        else:
            found = await self._clients.call(client.get_queue_url, QueueName=name)
            options["QueueUrl"] = found["QueueUrl"]
        answer = await self._clients.call(client.send_message, **options)
        message_id: str = answer["MessageId"]
        return message_id


def _is_queue(mapping: EventSourceMapping, name: str) -> bool:
    source = mapping.source
    return (
        source.kind == "sqs"
        and name == source.source.rstrip("/").replace(":", "/").rpartition("/")[2]
    )
