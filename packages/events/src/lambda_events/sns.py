"""Amazon SNS.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

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


class SNSMessageAttribute(Model, case="pascal"):
    """An attribute that the publisher gave a message.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html

    Attributes:
        type: ``String``, ``String.Array``, ``Number`` or ``Binary``.
        value: The value: text, JSON text of an array, decimal text, or base64.
    """

    type: str
    value: str

    def decoded(self) -> Any:
        """Return the value: a str, a list (``String.Array``), or bytes (``Binary``).

        A number stays text, with all its digits.

        Raises:
            EventDecodeError: The value is not JSON, or not base64.
        """
        if self.type == "Binary":
            from ._bytes import from_base64

            return from_base64(self.value, "SNSMessageAttribute", "Value")
        if self.type == "String.Array":
            from ._payload import decode_text

            return decode_text(self.value, None, "SNSMessageAttribute", "Value")
        return self.value


class SNSMessage(Model, Generic[T], case="pascal"):
    """A message as a function that subscribes to a topic gets it.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

    Attributes:
        type: ``Notification``.
        message_id: The message's id.
        topic_arn: The topic.
        subject: The subject, if it was published with one.
        message: The message's text.
        timestamp: The time of publication, ISO 8601.
        signature_version: The version of the signature, ``1`` or ``2``.
        signature: The signature, in base64.
        signing_cert_url: The URL of the certificate.
        unsubscribe_url: The address that ends the subscription.
        message_attributes: The attributes that the publisher adds, by name.
        sequence_number: The message's place in a FIFO topic.
    """

    type: str
    message_id: str
    topic_arn: ARN
    subject: str | None = None
    message: str
    timestamp: str
    signature_version: str | None = None
    signature: str | None = None
    signing_cert_url: str | None = field("SigningCertUrl", also="SigningCertURL", default=None)
    unsubscribe_url: str | None = field("UnsubscribeUrl", also="UnsubscribeURL", default=None)
    message_attributes: dict[str, SNSMessageAttribute] = EMPTY
    sequence_number: str | None = None

    @property
    def payload(self) -> T:
        """The message as the type that was asked for, ``SNSEvent[Order]``; without one, its JSON.

        Raises:
            EventDecodeError: The message is not of that type.
        """
        from ._payload import payload

        return payload(self, "Message", self.message)  # type: ignore[no-any-return]

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.timestamp)


class SNSNotification(
    SNSMessage[T],
    Generic[T],
    expects={
        "Type": ("Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"),
        "Message": str,  # raw delivery, which has no envelope, must not read as an empty one
    },
):
    """A message as SNS sends it to queues, streams and web servers, unless delivery is raw.

    https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html

    It is the body of a message: ``SQSEvent[SNSNotification[Order]]``. Its attributes are those of
    `SNSMessage`, only that the keys of the two URLs are spelled another way, and those here.

    Attributes:
        subscribe_url: The address that confirms a subscription, for the types that are no
            ``Notification``; who has it can subscribe.
        token: The token that confirms a subscription through SNS's API.
    """

    signing_cert_url: str | None = field("SigningCertURL", also="SigningCertUrl", default=None)
    unsubscribe_url: str | None = field("UnsubscribeURL", also="UnsubscribeUrl", default=None)
    subscribe_url: str | None = field("SubscribeURL", default=None, secret=True)
    token: str | None = field(default=None, secret=True)

    @classmethod
    def build(
        cls, message: P, *, topic: str = "my-topic", subject: str | None = None
    ) -> SNSNotification[P]:
        """Build a notification for a test.

        Args:
            message: The message: text as it is, all else as JSON.
            topic: The topic's name.
            subject: The subject.

        Returns:
            A notification in the form that it has in a queue's message.
        """
        from . import _samples as samples

        value = _message(message, topic, subject, 0)
        value = {key.replace("Url", "URL"): item for key, item in value.items()}
        del value["MessageAttributes"]
        notification: SNSNotification[P] = samples.read(cls, value, samples.types_of([message]))
        return notification


class SNSRecord(Model, Generic[T], case="pascal"):
    """A message and the subscription that it came through.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

    Attributes:
        event_source: ``aws:sns``.
        event_version: The record's form, ``1.0``.
        event_subscription_arn: The subscription.
        sns: The message.
    """

    event_source: str = "aws:sns"
    event_version: str
    event_subscription_arn: ARN
    sns: SNSMessage[T]

    @property
    def payload(self) -> T:
        """The message's payload, see `SNSMessage.payload`."""
        return self.sns.payload


class SNSEvent(Model, Generic[T], expects={"Records": list, "Records/0/EventSource": "aws:sns"}):
    """Messages of a topic.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html

    Attributes:
        records: The messages; Lambda sends one at a time.
    """

    records: list[SNSRecord[T]] = field("Records")

    @classmethod
    def build(
        cls, messages: Sequence[P], *, topic: str = "my-topic", subject: str | None = None
    ) -> SNSEvent[P]:
        """Build an event for a test.

        Args:
            messages: The messages: text as it is, all else as JSON.
            topic: The topic's name.
            subject: The subject of all of them.

        Returns:
            An event like those of Lambda. Its payloads have the type of the messages.
        """
        from . import _samples as samples

        subscription = samples.arn("sns", f"{topic}:{samples.uuid(0, topic)}")
        records = [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription,
                "Sns": _message(message, topic, subject, number),
            }
            for number, message in enumerate(messages)
        ]
        event: SNSEvent[P] = samples.read(cls, {"Records": records}, samples.types_of(messages))
        return event


def _message(message: Any, topic: str, subject: str | None, number: int) -> dict[str, Any]:
    from . import _samples as samples

    host = f"https://sns.{samples.REGION}.amazonaws.com"
    arn = samples.arn("sns", topic)
    text = samples.text_of(message)
    return {
        "Type": "Notification",
        "MessageId": samples.uuid(number, text),
        "TopicArn": arn,
        "Subject": subject,
        "Message": text,
        "Timestamp": samples.ISO_MILLISECONDS,
        "SignatureVersion": "1",
        "Signature": "c2lnbmF0dXJl",
        "SigningCertUrl": f"{host}/SimpleNotificationService-0000000000000000000000.pem",
        "UnsubscribeUrl": (
            f"{host}/?Action=Unsubscribe&SubscriptionArn={arn}:{samples.uuid(0, topic)}"
        ),
        "MessageAttributes": {},
    }


DETECT: Signatures = {
    "SNSEvent": {"Records/0/EventSource": "aws:sns"},
    "SNSNotification": {"Type": str, "TopicArn": str, "Message": str},
}
