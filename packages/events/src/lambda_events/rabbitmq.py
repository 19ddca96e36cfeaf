"""Amazon MQ for RabbitMQ.

https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from __future__ import annotations

from ._data import Base64Data
from ._field import EMPTY
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures
    from ._typing import P


class RabbitMQBasicProperties(Model):
    """The properties of a message, from its publisher and broker.

    https://www.rabbitmq.com/docs/publishers#message-properties

    Attributes:
        content_type: The body's media type.
        content_encoding: The body's encoding, such as ``gzip``.
        headers: Headers by name; text is an object with ``bytes``, see `header_values`.
        delivery_mode: 1 for a message that may be lost with the broker, 2 for a persistent one.
        priority: From 0 to 255.
        correlation_id: The id of the message or request that this message answers.
        reply_to: The queue for an answer.
        expiration: The time to live in milliseconds, as text.
        message_id: The message's id.
        timestamp: The time of publication in UTC, such as ``Jan 1, 1970, 12:33:41 AM``.
        type: The type that its publisher gave it.
        user_id: The name of the user who published the message.
        app_id: The name of the application that published the message.
        cluster_id: Not used by RabbitMQ today.
        body_size: The body's size in bytes.
    """

    content_type: str | None = None
    content_encoding: str | None = None
    headers: dict[str, Any] = EMPTY
    delivery_mode: int | None = None
    priority: int | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    expiration: str | None = None
    message_id: str | None = None
    timestamp: str | None = None
    type: str | None = None
    user_id: str | None = None
    app_id: str | None = None
    cluster_id: str | None = None
    body_size: int

    @property
    def header_values(self) -> dict[str, Any]:
        """The headers by name, with bytes for text; the other kinds of values as JSON has them.

        Raises:
            EventDecodeError: A list of bytes holds something else.
        """
        return {name: _header_value(name, value) for name, value in self.headers.items()}

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.timestamp)


def _header_value(name: str, value: Any) -> Any:
    """Return a header's value with bytes in place of ``{"bytes": [118, ...]}``."""
    if not isinstance(value, dict) or [*value] != ["bytes"]:
        return value
    try:
        return bytes([byte & 0xFF for byte in value["bytes"]])
    except TypeError:
        from .errors import EventDecodeError, describe

        raise EventDecodeError(
            "RabbitMQBasicProperties",
            f"headers.{name}.bytes",
            "a list of bytes",
            describe(value["bytes"]),
        ) from None


class RabbitMQMessage(Base64Data[T], Model, Generic[T]):
    """A message.

    https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html

    Attributes:
        basic_properties: The message's properties, from its publisher and the broker.
        redelivered: True if the message was delivered before.
        data: The message's body, in base64.
    """

    basic_properties: RabbitMQBasicProperties
    redelivered: bool
    data: str


class RabbitMQEvent(
    Model, Generic[T], expects={"rmqMessagesByQueue": dict, "eventSource": "aws:rmq"}
):
    """Messages of queues.

    https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html

    Attributes:
        event_source: ``aws:rmq``.
        event_source_arn: The broker.
        rmq_messages_by_queue: The messages by queue and virtual host, ``my-queue::/``.
    """

    event_source: str = "aws:rmq"
    event_source_arn: ARN
    rmq_messages_by_queue: dict[str, list[RabbitMQMessage[T]]]

    @property
    def all_messages(self) -> list[RabbitMQMessage[T]]:
        """The messages of all queues, one queue after the other."""
        queues = self.rmq_messages_by_queue.values()
        return [message for messages in queues for message in messages]

    @classmethod
    def build(
        cls,
        bodies: Sequence[P],
        *,
        queue: str = "my-queue",
        virtual_host: str = "/",
        headers: Mapping[str, str] | None = None,
    ) -> RabbitMQEvent[P]:
        """Build an event for a test.

        Args:
            bodies: The messages' bodies: bytes and text as they are, all else as JSON.
            queue: The queue's name.
            virtual_host: The queue's virtual host.
            headers: The headers of all of them, by name.

        Returns:
            An event like those of Lambda. Its payloads have the type of the bodies.
        """
        from . import _samples as samples
        from ._data import base64_of

        absent = "contentEncoding correlationId replyTo expiration messageId timestamp type"
        absent += " userId appId clusterId"
        sent = {name: {"bytes": [*text.encode()]} for name, text in (headers or {}).items()}
        messages = [
            {
                "basicProperties": {
                    "contentType": "text/plain",
                    "headers": sent,
                    "deliveryMode": 1,
                    "priority": None,
                    **dict.fromkeys(absent.split()),
                    "bodySize": len(samples.bytes_of(body)),
                },
                "redelivered": False,
                "data": base64_of(body),
            }
            for body in bodies
        ]
        broker = f"broker:my-broker:b-{samples.uuid(0, queue)}"
        value = {
            "eventSource": "aws:rmq",
            "eventSourceArn": samples.arn("mq", broker),
            "rmqMessagesByQueue": {f"{queue}::{virtual_host}": messages},
        }
        event: RabbitMQEvent[P] = samples.read(cls, value, samples.types_of(bodies))
        return event


DETECT: Signatures = {"RabbitMQEvent": {"eventSource": "aws:rmq", "rmqMessagesByQueue": dict}}
