"""Amazon SQS.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
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


class SQSMessageAttribute(Model):
    """An attribute that the sender gave a message.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageAttributeValue.html

    Attributes:
        data_type: ``String``, ``Number`` or ``Binary``, and a label of the sender's after a dot.
        string_value: The value of a string or a number.
        binary_value: The value of binary data, in base64.
        string_list_values: Not used by SQS today.
        binary_list_values: Not used by SQS today.
    """

    data_type: str
    string_value: str | None = None
    binary_value: str | None = None
    string_list_values: list[str] = EMPTY
    binary_list_values: list[str] = EMPTY

    @property
    def value(self) -> str | bytes | None:
        """The value: text for strings and numbers, bytes for binary data.

        Raises:
            EventDecodeError: The binary value is not base64.
        """
        if self.binary_value is None or self.string_value is not None:
            return self.string_value
        from ._bytes import from_base64

        return from_base64(self.binary_value, "SQSMessageAttribute", "binaryValue")


class SQSRecordAttributes(Model, case="pascal"):
    """The attributes that SQS adds to a message; all values are text.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html

    Attributes:
        approximate_receive_count: The number of times that the message was received and not
            deleted.
        sent_timestamp: The time of sending, in milliseconds of Unix time.
        sender_id: The sender: an IAM user, or a role and its session.
        approximate_first_receive_timestamp: The time of the first receipt, in milliseconds of Unix
            time.
        sequence_number: The place in a FIFO queue.
        message_group_id: The group in a FIFO queue, or for fair queues.
        message_deduplication_id: The deduplication id in a FIFO queue.
        aws_trace_header: The X-Ray trace header.
        dead_letter_queue_source_arn: The queue that it comes from if this is a dead-letter queue.
    """

    approximate_receive_count: str
    sent_timestamp: str
    sender_id: str
    approximate_first_receive_timestamp: str
    sequence_number: str | None = None
    message_group_id: str | None = None
    message_deduplication_id: str | None = None
    aws_trace_header: str | None = field("AWSTraceHeader", default=None)
    dead_letter_queue_source_arn: ARN | None = None

    @property
    def sent_timestamp_utc(self) -> datetime | None:
        """`sent_timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.sent_timestamp, 1000)

    @property
    def approximate_first_receive_timestamp_utc(self) -> datetime | None:
        """`approximate_first_receive_timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.approximate_first_receive_timestamp, 1000)


class SQSRecord(Model, Generic[T]):
    """A message.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html

    Attributes:
        message_id: The message's id, which a batch response names it by.
        receipt_handle: The handle that deletes the message.
        body: The message's text.
        attributes: The attributes that SQS adds.
        message_attributes: The attributes that its sender adds, by name.
        md5_of_body: The MD5 digest of the body, hexadecimal.
        md5_of_message_attributes: The same of the sender's attributes; None if there are none.
        event_source: ``aws:sqs``.
        event_source_arn: The queue.
        aws_region: The queue's region.
    """

    message_id: str
    receipt_handle: str
    body: str
    attributes: SQSRecordAttributes
    message_attributes: dict[str, SQSMessageAttribute] = EMPTY
    md5_of_body: str
    md5_of_message_attributes: str | None = None
    event_source: str = "aws:sqs"
    event_source_arn: ARN = field("eventSourceARN")
    aws_region: str

    @property
    def payload(self) -> T:
        """The body as the type that was asked for, ``SQSEvent[Order]``; without one, its JSON.

        It is decoded when it is first asked for.

        Raises:
            EventDecodeError: The body is not of that type.
        """
        from ._payload import payload

        return payload(self, "body", self.body)  # type: ignore[no-any-return]

    @property
    def queue_url(self) -> str:
        """The queue's URL, for calls of SQS."""
        arn = self.event_source_arn
        suffix = "amazonaws.com.cn" if arn.aws_partition == "aws-cn" else "amazonaws.com"
        return f"https://sqs.{arn.region}.{suffix}/{arn.account_id}/{arn.resource}"


class SQSEvent(Model, Generic[T], expects={"Records": list, "Records/0/eventSource": "aws:sqs"}):
    """Messages of a queue.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html

    ``SQSEvent[Order]`` decodes bodies as ``Order``; a body that is another event is decoded by its
    model, as deep as need be: ``SQSEvent[SNSNotification[S3Event]]``.

    Attributes:
        records: The messages, ten unless the function's trigger says otherwise.
    """

    records: list[SQSRecord[T]] = field("Records")

    @classmethod
    def build(
        cls,
        bodies: Sequence[P],
        *,
        queue: str = "my-queue",
        message_group_id: str | None = None,
    ) -> SQSEvent[P]:
        """Build an event for a test.

        Args:
            bodies: The messages' bodies: text as it is, all else as JSON.
            queue: The queue's name.
            message_group_id: The messages' group; it makes the queue a FIFO queue, whose name ends
                with ``.fifo``.

        Returns:
            An event like those of Lambda. Its payloads have the type of the bodies.
        """
        from . import _samples as samples

        if message_group_id is not None and not queue.endswith(".fifo"):
            queue += ".fifo"
        records: list[dict[str, Any]] = []
        for number, body in enumerate(bodies):
            text = samples.text_of(body)
            attributes = {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": str(samples.MILLISECONDS + number),
                "SenderId": samples.PRINCIPAL,
                "ApproximateFirstReceiveTimestamp": str(samples.MILLISECONDS + number + 1),
            }
            if message_group_id is not None:
                attributes["SequenceNumber"] = str(18849496460467696128 + number)
                attributes["MessageGroupId"] = message_group_id
                attributes["MessageDeduplicationId"] = samples.md5_hex(f"{number}:{text}")
            records.append(
                {
                    "messageId": samples.uuid(number, text),
                    "receiptHandle": f"AQEB{samples.md5_hex(f'{number}')}",
                    "body": text,
                    "attributes": attributes,
                    "messageAttributes": {},
                    "md5OfBody": samples.md5_hex(text),
                    "eventSource": "aws:sqs",
                    "eventSourceARN": samples.arn("sqs", queue),
                    "awsRegion": samples.REGION,
                }
            )
        event: SQSEvent[P] = samples.read(cls, {"Records": records}, samples.types_of(bodies))
        return event


class SQSApiMessageAttribute(Model, case="pascal"):
    """An attribute that the sender gave a message.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_MessageAttributeValue.html

    Attributes:
        data_type: ``String``, ``Number`` or ``Binary``, and a label of the sender's after a dot.
        string_value: The value of a string or a number.
        binary_value: The value of binary data, in base64.
    """

    data_type: str
    string_value: str | None = None
    binary_value: str | None = None


class SQSApiMessage(Model, Generic[T], case="pascal"):
    """A message as SQS's API has it.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Message.html

    Attributes:
        message_id: The message's id.
        receipt_handle: The handle that deletes the message.
        body: The message's text.
        md5_of_body: The MD5 digest of the body, hexadecimal.
        attributes: The attributes that SQS adds, if asked for.
        message_attributes: The attributes that its sender adds, by name, if asked for.
        md5_of_message_attributes: The MD5 digest of the sender's attributes.
    """

    message_id: str
    receipt_handle: str
    body: str
    md5_of_body: str = field("MD5OfBody", also="Md5OfBody")
    attributes: SQSRecordAttributes = EMPTY
    message_attributes: dict[str, SQSApiMessageAttribute] = EMPTY
    md5_of_message_attributes: str | None = field(
        "MD5OfMessageAttributes", also="Md5OfMessageAttributes", default=None
    )

    @property
    def payload(self) -> T:
        """The body as the type that was asked for, ``SQSApiMessages[Order]``; else its JSON.

        Raises:
            EventDecodeError: The body is not of that type.
        """
        from ._payload import payload

        return payload(self, "Body", self.body)  # type: ignore[no-any-return]


class SQSApiMessages(Model, Generic[T], case="pascal", expects={"Messages": list}):
    """The answer of ``ReceiveMessage``; a Step Functions task may send it to a function.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html

    Attributes:
        messages: The messages.
    """

    messages: list[SQSApiMessage[T]]


DETECT: Signatures = {
    "SQSApiMessages": {"Messages/0/MessageId": str, "Messages/0/ReceiptHandle": str},
    "SQSEvent": {"Records/0/eventSource": "aws:sqs"},
}
