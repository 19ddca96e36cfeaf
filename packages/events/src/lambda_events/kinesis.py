"""Amazon Kinesis Data Streams.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

from ._field import EMPTY, field
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
    from .streams import TimeWindow


class KinesisData(Model, Generic[T]):
    """The record itself.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html

    Attributes:
        kinesis_schema_version: The record's form, ``1.0``.
        partition_key: The key that chose the shard.
        sequence_number: The record's place in its shard.
        data: The data, in base64.
        approximate_arrival_timestamp: The time of arrival, in seconds of Unix time.
        encryption_type: ``NONE`` or ``KMS``.
    """

    kinesis_schema_version: str
    partition_key: str
    sequence_number: str
    data: str
    approximate_arrival_timestamp: float
    encryption_type: str | None = None

    @property
    def data_bytes(self) -> bytes:
        """The data.

        Raises:
            EventDecodeError: It is not base64.
        """
        from ._bytes import from_base64

        return from_base64(self.data, "KinesisData", "data")

    @property
    def data_text(self) -> str:
        """The data as text.

        Raises:
            EventDecodeError: It is not UTF-8.
        """
        from ._payload import decode_text

        text: str = decode_text(self.data_bytes, str, "KinesisData", "data")
        return text

    @property
    def data_decompressed(self) -> bytes:
        """The data, decompressed by gzip or zlib, as CloudWatch Logs sends it.

        Raises:
            EventDecodeError: It is neither.
        """
        from ._bytes import decompress

        return decompress(self.data_bytes, "KinesisData", "data")

    @property
    def approximate_arrival_timestamp_utc(self) -> datetime | None:
        """`approximate_arrival_timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.approximate_arrival_timestamp)


class KinesisRecord(Model, Generic[T]):
    """A record and the stream that it came from.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html

    Attributes:
        kinesis: The record itself.
        event_source: ``aws:kinesis``.
        event_version: This object's form, ``1.0``.
        event_id: The shard and the sequence number.
        event_name: ``aws:kinesis:record``.
        invoke_identity_arn: The function's role.
        aws_region: The stream's region.
        event_source_arn: The stream, or its consumer.
    """

    kinesis: KinesisData[T]
    event_source: str = "aws:kinesis"
    event_version: str
    event_id: str = field("eventID")
    event_name: str
    invoke_identity_arn: ARN
    aws_region: str
    event_source_arn: ARN = field("eventSourceARN")

    @property
    def payload(self) -> T:
        """The data as the type that was asked for, ``KinesisEvent[Order]``; without one, its JSON.

        Raises:
            EventDecodeError: The data is not of that type.
        """
        from ._payload import payload

        part = self.kinesis
        return payload(  # type: ignore[no-any-return]
            self, "kinesis.data", part.data, decode=lambda: part.data_bytes
        )


class KinesisEvent(
    Model, Generic[T], expects={"Records": list, "Records/0/eventSource": "aws:kinesis"}
):
    """Records of a stream.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html

    Attributes:
        records: The records of one shard, in order.
    """

    records: list[KinesisRecord[T]] = field("Records")

    @classmethod
    def build(
        cls, payloads: Sequence[P], *, stream: str = "my-stream", partition_key: str = "1"
    ) -> KinesisEvent[P]:
        """Build an event for a test.

        Args:
            payloads: The records' data: bytes and text as they are, all else as JSON.
            stream: The stream's name.
            partition_key: The partition key of all of them.

        Returns:
            An event like those of Lambda. Its payloads have the type of those given.
        """
        from . import _samples as samples

        event: KinesisEvent[P] = samples.read(
            cls, {"Records": _records(payloads, stream, partition_key)}, samples.types_of(payloads)
        )
        return event


class KinesisTimeWindowEvent(KinesisEvent[T], Generic[T]):
    """Records of a stream within a tumbling window; the function returns `TimeWindowResponse`.

    https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html

    Attributes:
        window: The window.
        state: The state that the invocation before returned; empty at first.
        shard_id: The shard.
        event_source_arn: The stream.
        is_final_invoke_for_window: True in the window's last invocation.
        is_window_terminated_early: True if the window ends early because its state is too large.
    """

    window: TimeWindow
    state: dict[str, Any] = EMPTY
    shard_id: str
    event_source_arn: ARN = field("eventSourceARN")
    is_final_invoke_for_window: bool
    is_window_terminated_early: bool

    @classmethod
    def build(
        cls,
        payloads: Sequence[P],
        *,
        stream: str = "my-stream",
        partition_key: str = "1",
        state: Mapping[str, Any] | None = None,
        final: bool = False,
    ) -> KinesisTimeWindowEvent[P]:
        """Build an event for a test.

        Args:
            payloads: As `KinesisEvent.build` takes them; the last invocation may have none.
            stream: The stream's name.
            partition_key: The partition key of all records.
            state: The result of the window's previous invocation; None for its first invocation.
            final: True in the window's last invocation.

        Returns:
            An event like those of Lambda, of a window of five minutes.
        """
        from . import _samples as samples

        built = super().build(payloads, stream=stream, partition_key=partition_key)
        source = samples.arn("kinesis", f"stream/{stream}")
        event: KinesisTimeWindowEvent[P] = samples.in_window(built, source, state, final)
        return event


def _records(payloads: Sequence[Any], stream: str, key: str) -> list[dict[str, Any]]:
    from . import _samples as samples
    from ._bytes import to_base64

    return [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": key,
                "sequenceNumber": samples.sequence_number(number),
                "data": to_base64(samples.bytes_of(payload)),
                "approximateArrivalTimestamp": samples.SECONDS + number / 1000,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"shardId-000000000000:{samples.sequence_number(number)}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": samples.arn("iam", "role/lambda-role", region=""),
            "awsRegion": samples.REGION,
            "eventSourceARN": samples.arn("kinesis", f"stream/{stream}"),
        }
        for number, payload in enumerate(payloads)
    ]


DETECT: Signatures = {
    "KinesisEvent": {"Records/0/eventSource": "aws:kinesis"},
    "KinesisTimeWindowEvent": {"Records/0/eventSource": "aws:kinesis", "window": dict},
    # The last invocation of a window may have no records.
    "KinesisTimeWindowEvent#2": {
        "Records": list,
        "window": dict,
        "eventSourceARN": lambda arn: ":kinesis:" in str(arn),
    },
}
