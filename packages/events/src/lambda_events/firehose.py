"""Amazon Data Firehose: data transformation.

https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
"""

from __future__ import annotations

from ._data import Base64Data
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


class FirehoseOTFMetadata(Model):
    """The Apache Iceberg table of a record.

    https://docs.aws.amazon.com/firehose/latest/dev/apache-iceberg-format-input-record-different.html

    Attributes:
        destination_database_name: The database.
        destination_table_name: The table.
        operation: ``insert``, ``update`` or ``delete``.
    """

    destination_database_name: str
    destination_table_name: str
    operation: str | None = None


class FirehoseResponseMetadata(Model):
    """The destination of a transformed record.

    https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html

    Attributes:
        partition_keys: The keys of dynamic partitioning, by name.
        otf_metadata: The table, if the destination is Apache Iceberg.
    """

    partition_keys: dict[str, str] = EMPTY
    otf_metadata: FirehoseOTFMetadata | None = None


class FirehoseResponseRecord(Model):
    """The result for a record; `FirehoseRecord` makes them.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html

    Attributes:
        record_id: The record's id.
        result: ``Ok``, ``Dropped`` (left out on purpose) or ``ProcessingFailed``.
        data: The transformed data, in base64.
        metadata: The record's partition keys or table.
    """

    record_id: str
    result: str = "Ok"
    data: str | None = None
    metadata: FirehoseResponseMetadata | None = None


class FirehoseResponse(Model):
    """The response of a transformation: every record of the event, 6 MB at most.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html

    Attributes:
        records: The result of each record. One that is not here counts as failed.
    """

    records: list[FirehoseResponseRecord] = EMPTY


class FirehoseKinesisRecordMetadata(Model):
    """The record of the Kinesis data stream that a record was.

    Attributes:
        shard_id: The shard.
        partition_key: The key that chose the shard.
        approximate_arrival_timestamp: The time of arrival in Kinesis, in milliseconds of Unix time.
        sequence_number: The place in the shard.
        subsequence_number: The place in an aggregated record; 0 or empty if it was none.
    """

    shard_id: str
    partition_key: str
    approximate_arrival_timestamp: int
    sequence_number: str
    subsequence_number: int | str | None = None

    @property
    def approximate_arrival_timestamp_utc(self) -> datetime | None:
        """`approximate_arrival_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.approximate_arrival_timestamp)


class FirehoseRecord(Base64Data[T], Model, Generic[T]):
    """A record to transform.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html

    Attributes:
        record_id: The record's id, which the response names it by.
        approximate_arrival_timestamp: The time of arrival in Firehose, in milliseconds of Unix
            time.
        data: The data, in base64.
        kinesis_record_metadata: The record that it was, if the source is a Kinesis data stream.
    """

    record_id: str
    approximate_arrival_timestamp: int
    data: str
    kinesis_record_metadata: FirehoseKinesisRecordMetadata | None = None

    @property
    def approximate_arrival_timestamp_utc(self) -> datetime | None:
        """`approximate_arrival_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.approximate_arrival_timestamp)

    def transformed(
        self,
        data: Any,
        *,
        partition_keys: Mapping[str, str] | None = None,
        otf_metadata: FirehoseOTFMetadata | None = None,
    ) -> FirehoseResponseRecord:
        """Say what the record became.

        Args:
            data: The new data: bytes and text as they are, all else as JSON. Firehose puts nothing
                between records: end it with a line break if the destination wants one.
            partition_keys: The keys of dynamic partitioning, by name.
            otf_metadata: The table, if the destination is Apache Iceberg.

        Returns:
            The record of the response.
        """
        from ._data import base64_of

        made = FirehoseResponseRecord(record_id=self.record_id, data=base64_of(data))
        if partition_keys or otf_metadata:
            made.metadata = FirehoseResponseMetadata(otf_metadata=otf_metadata)
            made.metadata.partition_keys.update(partition_keys or {})
        return made

    def dropped(self) -> FirehoseResponseRecord:
        """Say that the record is left out on purpose."""
        return FirehoseResponseRecord(record_id=self.record_id, result="Dropped", data="")

    def failed(self) -> FirehoseResponseRecord:
        """Say that the record could not be transformed; Firehose keeps it among the failed ones."""
        return FirehoseResponseRecord(
            record_id=self.record_id, result="ProcessingFailed", data=self.data
        )


class FirehoseEvent(Model, Generic[T], expects={"records": list}):
    """Records of a stream, to be transformed before they are delivered.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html

    Attributes:
        invocation_id: The invocation's id.
        delivery_stream_arn: The Firehose stream.
        source_kinesis_stream_arn: The Kinesis data stream, if the records come from one.
        region: The stream's region.
        records: The records.
    """

    invocation_id: str
    delivery_stream_arn: ARN
    source_kinesis_stream_arn: ARN | None = None
    region: str
    records: list[FirehoseRecord[T]]

    @classmethod
    def build(cls, payloads: Sequence[P], *, stream: str = "my-stream") -> FirehoseEvent[P]:
        """Build an event for a test.

        Args:
            payloads: The records' data: bytes and text as they are, all else as JSON.
            stream: The Firehose stream's name.

        Returns:
            An event like those of Firehose. Its payloads have the type of those given.
        """
        from . import _samples as samples
        from ._data import base64_of

        value = {
            "invocationId": samples.uuid(0, stream),
            "deliveryStreamArn": samples.arn("firehose", f"deliverystream/{stream}"),
            "region": samples.REGION,
            "records": [
                {
                    "recordId": f"{samples.sequence_number(number)}000000",
                    "approximateArrivalTimestamp": samples.MILLISECONDS + number,
                    "data": base64_of(payload),
                }
                for number, payload in enumerate(payloads)
            ],
        }
        event: FirehoseEvent[P] = samples.read(cls, value, samples.types_of(payloads))
        return event


class MSKFirehoseRecordMetadata(Model):
    """The record of the Kafka topic that a record was.

    Attributes:
        offset: The place in its partition.
        partition_id: The partition.
        approximate_arrival_timestamp: The time of arrival in Kafka, in milliseconds of Unix time.
    """

    offset: str
    partition_id: str
    approximate_arrival_timestamp: int

    @property
    def approximate_arrival_timestamp_utc(self) -> datetime | None:
        """`approximate_arrival_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.approximate_arrival_timestamp)


class MSKFirehoseResponseRecord(Model):
    """The result for a record; `MSKFirehoseRecord` makes them.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html

    Attributes:
        record_id: The record's id.
        result: ``Ok``, ``Dropped`` (left out on purpose) or ``ProcessingFailed``.
        kafka_record_value: The transformed value, in base64.
        metadata: The record's partition keys or table.
    """

    record_id: str
    result: str = "Ok"
    kafka_record_value: str | None = None
    metadata: FirehoseResponseMetadata | None = None


class MSKFirehoseResponse(Model):
    """The response of a transformation of data from Amazon MSK: every record of the event.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html

    Attributes:
        records: The result of each record. One that is not here counts as failed.
    """

    records: list[MSKFirehoseResponseRecord] = EMPTY


class MSKFirehoseRecord(Model, Generic[T]):
    """A record of a Kafka topic to transform.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html

    Attributes:
        record_id: The record's id, which the response names it by.
        approximate_arrival_timestamp: The time of arrival in Firehose, in milliseconds of Unix
            time.
        msk_record_metadata: The record that it was.
        kafka_record_value: The value, in base64.
    """

    record_id: str
    approximate_arrival_timestamp: int
    msk_record_metadata: MSKFirehoseRecordMetadata
    kafka_record_value: str

    @property
    def approximate_arrival_timestamp_utc(self) -> datetime | None:
        """`approximate_arrival_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.approximate_arrival_timestamp)

    @property
    def value_bytes(self) -> bytes:
        """The value.

        Raises:
            EventDecodeError: It is not base64.
        """
        from ._bytes import from_base64

        return from_base64(self.kafka_record_value, "MSKFirehoseRecord", "kafkaRecordValue")

    @property
    def payload(self) -> T:
        """The value as the type that was asked for, ``MSKFirehoseEvent[Order]``; else its JSON.

        Raises:
            EventDecodeError: The value is not of that type.
        """
        from ._payload import payload

        return payload(  # type: ignore[no-any-return]
            self, "kafkaRecordValue", self.kafka_record_value, decode=lambda: self.value_bytes
        )

    def transformed(self, value: Any) -> MSKFirehoseResponseRecord:
        """Say what the record became.

        Args:
            value: The new value: bytes and text as they are, all else as JSON.

        Returns:
            The record of the response.
        """
        from ._data import base64_of

        return MSKFirehoseResponseRecord(
            record_id=self.record_id, kafka_record_value=base64_of(value)
        )

    def dropped(self) -> MSKFirehoseResponseRecord:
        """Say that the record is left out on purpose."""
        return MSKFirehoseResponseRecord(
            record_id=self.record_id, result="Dropped", kafka_record_value=""
        )

    def failed(self) -> MSKFirehoseResponseRecord:
        """Say that the record could not be transformed; Firehose keeps it among the failed ones."""
        return MSKFirehoseResponseRecord(
            record_id=self.record_id,
            result="ProcessingFailed",
            kafka_record_value=self.kafka_record_value,
        )


class MSKFirehoseEvent(Model, Generic[T], expects={"records": list}):
    """Records of a Kafka topic of Amazon MSK, to be transformed before they are delivered.

    https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html

    Attributes:
        invocation_id: The invocation's id.
        source_msk_arn: The cluster.
        delivery_stream_arn: The Firehose stream.
        region: The stream's region.
        records: The records.
    """

    invocation_id: str
    source_msk_arn: ARN = field("sourceMSKArn")
    delivery_stream_arn: ARN
    region: str
    records: list[MSKFirehoseRecord[T]]


DETECT: Signatures = {
    "FirehoseEvent": {"invocationId": str, "records/0/recordId": str, "region": str},
    "MSKFirehoseEvent": {
        "invocationId": str,
        "records/0/recordId": str,
        "region": str,
        "records/0/kafkaRecordValue": str,
    },
}
