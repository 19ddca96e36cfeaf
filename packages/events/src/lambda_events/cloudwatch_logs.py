"""Amazon CloudWatch Logs subscriptions.

https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from ._detect import Signatures
    from ._typing import P


class CloudWatchLogEvent(Model, Generic[T]):
    """A log event.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_OutputLogEvent.html

    Attributes:
        id: The event's id.
        timestamp: The time of the log event, in milliseconds of Unix time.
        message: The text.
        extracted_fields: The fields that the subscription's filter pattern extracted, by name.
    """

    id: str
    timestamp: int
    message: str
    extracted_fields: dict[str, Any] = EMPTY

    @property
    def payload(self) -> T:
        """The message as the type that was asked for, ``CloudWatchLogsEvent[MyLine]``, or its JSON.

        Raises:
            EventDecodeError: The message is not of that type.
        """
        from ._payload import payload

        return payload(self, "message", self.message)  # type: ignore[no-any-return]

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.timestamp, 1000)


class CloudWatchLogsData(Model, Generic[T], expects={"logEvents": list}):
    """Log events of a log stream, as subscriptions send them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html

    A subscription of a function wraps them in a `CloudWatchLogsEvent`. One of a Kinesis data stream
    or a Firehose stream sends them compressed: `of` reads a record's ``data_bytes``, or, with a
    type for the messages, ``loads(record.data_decompressed, CloudWatchLogsData[MyLine])``.

    Attributes:
        message_type: ``DATA_MESSAGE``; or ``CONTROL_MESSAGE``, which checks whether the destination
            can be reached, and has no logs.
        owner: The account whose logs they are.
        log_group: The log group.
        log_stream: The log stream.
        subscription_filters: The filters that let them through.
        log_events: The log events.
        policy_level: ``ACCOUNT_LEVEL_POLICY`` or ``LOG_GROUP_LEVEL_POLICY``.
    """

    message_type: str
    owner: str
    log_group: str
    log_stream: str
    subscription_filters: list[str] = EMPTY
    log_events: list[CloudWatchLogEvent[T]]
    policy_level: str | None = None

    @property
    def is_control_message(self) -> bool:
        """True if this checks the destination and holds no logs."""
        return self.message_type == "CONTROL_MESSAGE"

    @classmethod
    def of(cls, data: bytes) -> CloudWatchLogsData:
        """Read the logs of a record of a Kinesis data stream or a Firehose stream.

        Args:
            data: The payload of the subscription: JSON, compressed by gzip or zlib.

        Returns:
            The logs.

        Raises:
            EventDecodeError: It is something else.
        """
        from ._bytes import decompress
        from ._codec import loads

        return loads(decompress(data, "CloudWatchLogsData", ""), cls)


class CloudWatchLogsEncoded(Model):
    """The logs, packed.

    Attributes:
        data: The logs: JSON, compressed by gzip, in base64.
    """

    data: str


class CloudWatchLogsEvent(Model, Generic[T], expects={"awslogs": dict}):
    """Log events that a subscription lets through.

    https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html

    Attributes:
        awslogs: The logs, packed; `logs` unpacks them.
    """

    awslogs: CloudWatchLogsEncoded

    @property
    def logs(self) -> CloudWatchLogsData[T]:
        """The logs, unpacked on first access; they cannot be changed this way.

        Raises:
            EventDecodeError: They are not logs.
        """
        from ._bytes import decompress, from_base64
        from ._codec import loads
        from ._field import converter_of

        this: Any = self
        packed = self.awslogs.data
        kept = getattr(self, "_payload", None)
        if kept is None or kept[0] is not packed:
            model: Any = CloudWatchLogsData
            data = from_base64(packed, "CloudWatchLogsEvent", "awslogs.data")
            text = decompress(data, "CloudWatchLogsEvent", "awslogs.data")
            types = tuple(self._args or ())
            kind = model[types] if types else model
            kept = packed, loads(text, kind, converter=converter_of(self._args))
            this._payload = kept  # noqa: SLF001 - its own
        logs: CloudWatchLogsData[T] = kept[1]
        return logs

    @classmethod
    def build(
        cls,
        messages: Sequence[P],
        *,
        log_group: str = "/aws/lambda/my-function",
        log_stream: str = "2023/11/14/[$LATEST]abcdef0123456789abcdef0123456789",
    ) -> CloudWatchLogsEvent[P]:
        """Build an event for a test.

        Args:
            messages: The log events' messages: text as it is, all else as JSON.
            log_group: The log group.
            log_stream: The log stream.

        Returns:
            An event like those of Lambda. Its payloads have the type of the messages.
        """
        from gzip import compress

        from . import _samples as samples
        from ._codec import dumps
        from ._data import base64_of

        logs = {
            "messageType": "DATA_MESSAGE",
            "owner": samples.ACCOUNT,
            "logGroup": log_group,
            "logStream": log_stream,
            "subscriptionFilters": ["my-filter"],
            "logEvents": [
                {
                    "id": samples.sequence_number(number),
                    "timestamp": samples.MILLISECONDS + number,
                    "message": samples.text_of(message),
                }
                for number, message in enumerate(messages)
            ],
        }
        value = {"awslogs": {"data": base64_of(compress(dumps(logs), mtime=0))}}
        event: CloudWatchLogsEvent[P] = samples.read(cls, value, samples.types_of(messages))
        return event


DETECT: Signatures = {
    "CloudWatchLogsData": {"messageType": str, "logGroup": str, "logEvents": list},
    "CloudWatchLogsEvent": {"awslogs/data": str},
}
