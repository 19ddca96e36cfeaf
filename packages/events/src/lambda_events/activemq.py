"""Amazon MQ for ActiveMQ.

https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from __future__ import annotations

from ._data import Base64Data
from ._field import EMPTY, field
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures
    from ._typing import P

_SOURCES = ("aws:mq", "aws:amq")


class ActiveMQDestination(Model):
    """The destination of a message.

    Attributes:
        physical_name: The queue's name.
    """

    physical_name: str = field("physicalName", also="physicalname")


class ActiveMQMessage(Base64Data[T], Model, Generic[T]):
    """A message; what its sender did not set may be missing.

    https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html

    Attributes:
        message_id: The message's id.
        message_type: ``jms/text-message`` or ``jms/bytes-message``.
        delivery_mode: 1 for a message that may be lost with the broker, 2 for a persistent one.
        persistent: True for a persistent message.
        reply_to: The destination for an answer.
        type: The type that its sender gave it.
        expiration: The time of expiry, in milliseconds of Unix time; 0 for never.
        priority: From 0 to 9.
        correlation_id: The id of the message or request that this message answers.
        connection_id: The connection that it came by.
        redelivered: True if the message was delivered before.
        destination: The queue that the message was sent to.
        data: The message's body, in base64.
        timestamp: The time of sending, in milliseconds of Unix time.
        broker_in_time: The time of arrival at the broker, in milliseconds of Unix time.
        broker_out_time: The time of leaving the broker, in milliseconds of Unix time.
        properties: The properties that its sender gave it.
    """

    message_id: str = field("messageID")
    message_type: str
    delivery_mode: int | None = None
    persistent: bool | None = None
    reply_to: str | None = None
    type: str | None = None
    expiration: int | None = None
    priority: int | None = None
    correlation_id: str | None = field("correlationID", also="correlationId", default=None)
    connection_id: str | None = None
    redelivered: bool | None = None
    destination: ActiveMQDestination
    data: str
    timestamp: int
    broker_in_time: int
    broker_out_time: int
    properties: dict[str, Any] = EMPTY

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.timestamp, 1000)

    @property
    def broker_in_time_utc(self) -> datetime | None:
        """`broker_in_time` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.broker_in_time, 1000)

    @property
    def broker_out_time_utc(self) -> datetime | None:
        """`broker_out_time` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.broker_out_time, 1000)


class ActiveMQEvent(Model, Generic[T], expects={"messages": list, "eventSource": _SOURCES}):
    """Messages of a queue.

    https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html

    Attributes:
        event_source: ``aws:mq``; ``aws:amq`` in older documents.
        event_source_arn: The broker.
        messages: The messages.
    """

    event_source: str = "aws:mq"
    event_source_arn: ARN
    messages: list[ActiveMQMessage[T]]

    @classmethod
    def build(cls, bodies: Sequence[P], *, queue: str = "my-queue") -> ActiveMQEvent[P]:
        """Build an event for a test.

        Args:
            bodies: The messages' bodies: bytes and text as they are, all else as JSON.
            queue: The queue's name.

        Returns:
            An event like those of Lambda. Its payloads have the type of the bodies.
        """
        from . import _samples as samples
        from ._data import base64_of

        broker = f"b-{samples.uuid(0, queue)}"
        host = f"{broker}-1.mq.{samples.REGION}.amazonaws.com"
        messages = [
            {
                "messageID": f"ID:{host}-34859-{samples.MILLISECONDS}-4:12:1:1:{number + 1}",
                "messageType": f"jms/{'bytes' if isinstance(body, bytes) else 'text'}-message",
                "timestamp": samples.MILLISECONDS + number,
                "deliveryMode": 1,
                "replyTo": None,
                "type": None,
                "expiration": 0,
                "priority": 4,
                "redelivered": False,
                "destination": {"physicalName": queue},
                "data": base64_of(body),
                "brokerInTime": samples.MILLISECONDS + number,
                "brokerOutTime": samples.MILLISECONDS + number + 1,
                "properties": {},
            }
            for number, body in enumerate(bodies)
        ]
        value = {
            "eventSource": "aws:mq",
            "eventSourceArn": samples.arn("mq", f"broker:my-broker:{broker}"),
            "messages": messages,
        }
        event: ActiveMQEvent[P] = samples.read(cls, value, samples.types_of(bodies))
        return event


DETECT: Signatures = {"ActiveMQEvent": {"eventSource": _SOURCES, "messages": list}}
