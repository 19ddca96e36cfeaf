"""AWS Lambda's own records of invocations, as their destinations get them.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures


class LambdaDestinationRequestContext(Model):
    """The invocation.

    Attributes:
        request_id: The request id.
        function_arn: The function, with version or alias.
        condition: The reason for this record: ``Success``, ``RetriesExhausted``,
            ``EventAgeExceeded``; for event sources ``RetryAttemptsExhausted`` and others.
        approximate_invoke_count: The number of attempts.
    """

    request_id: str
    function_arn: ARN
    condition: str
    approximate_invoke_count: int


class LambdaDestinationResponseContext(Model):
    """The last try's outcome.

    Attributes:
        status_code: The HTTP status of the invocation.
        executed_version: The function's version.
        function_error: ``Handled`` or ``Unhandled``; None for a success.
    """

    status_code: int
    executed_version: str | None = None
    function_error: str | None = None


class LambdaDestinationEvent(Model, Generic[T], expects={"requestContext": dict}):
    """An asynchronous invocation succeeded, or failed for good.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

    Attributes:
        version: This object's form, ``1.0``.
        timestamp: The time of this record, ISO 8601.
        request_context: The invocation.
        request_payload: The invocation's event, as the type that was asked for:
            ``LambdaDestinationEvent[S3Event]``.
        response_context: The last try's outcome; None if there was no try.
        response_payload: The function's result or its error; None if it was not invoked.
    """

    version: str
    timestamp: str
    request_context: LambdaDestinationRequestContext
    request_payload: T
    response_context: LambdaDestinationResponseContext | None = None
    response_payload: Any = None

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.timestamp)


class DDBStreamBatchInfo(Model):
    """The records of a stream of DynamoDB or Kinesis that a function could not process.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html

    Attributes:
        shard_id: Their shard.
        start_sequence_number: The first record's sequence number.
        end_sequence_number: The last record's sequence number.
        approximate_arrival_of_first_record: The arrival of the first record, ISO 8601.
        approximate_arrival_of_last_record: The arrival of the last record, ISO 8601.
        batch_size: The number of records.
        stream_arn: The stream.
    """

    shard_id: str
    start_sequence_number: str
    end_sequence_number: str
    approximate_arrival_of_first_record: str
    approximate_arrival_of_last_record: str
    batch_size: int
    stream_arn: ARN

    @property
    def approximate_arrival_of_first_record_utc(self) -> datetime | None:
        """`approximate_arrival_of_first_record` as an aware datetime."""
        from ._time import from_text

        return from_text(self.approximate_arrival_of_first_record)

    @property
    def approximate_arrival_of_last_record_utc(self) -> datetime | None:
        """`approximate_arrival_of_last_record` as an aware datetime."""
        from ._time import from_text

        return from_text(self.approximate_arrival_of_last_record)


class KafkaRecordsInfo(Model):
    """The records of a topic's partition.

    Attributes:
        first_record_offset: The first record's offset.
        last_record_offset: The last record's offset.
        first_record_timestamp: The time of the first record, ISO 8601.
        last_record_timestamp: The time of the last record, ISO 8601.
    """

    first_record_offset: str
    last_record_offset: str
    first_record_timestamp: str
    last_record_timestamp: str

    @property
    def first_record_timestamp_utc(self) -> datetime | None:
        """`first_record_timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.first_record_timestamp)

    @property
    def last_record_timestamp_utc(self) -> datetime | None:
        """`last_record_timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.last_record_timestamp)


class KafkaBatchInfo(Model):
    """The records of a Kafka topic that a function could not process.

    https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html

    Attributes:
        batch_size: The number of records.
        event_source_arn: The cluster, of Amazon MSK.
        bootstrap_servers: The brokers, with commas between them.
        payload_size: Their size in bytes.
        records_info: The records by topic and partition, such as ``my-topic-0``.
        record_info: The record, in the form that Kafka destinations get: ``offset`` and
            ``timestamp``.
    """

    batch_size: int
    event_source_arn: ARN | None = None
    bootstrap_servers: str | None = None
    payload_size: int | None = None
    records_info: dict[str, KafkaRecordsInfo] = EMPTY
    record_info: dict[str, Any] | None = None


class LambdaOnFailureEvent(Model, expects={"requestContext": dict}):
    """A trigger gave up on records of a stream.

    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html

    One of the three infos is there. In a queue it is a message's body:
    ``SQSEvent[LambdaOnFailureEvent]``.

    Attributes:
        version: This object's form, ``1.0``.
        timestamp: The time of this record, ISO 8601.
        request_context: The last invocation with these records.
        response_context: The outcome; None if there was none.
        ddb_stream_batch_info: The records of a DynamoDB stream.
        kinesis_batch_info: The records of a Kinesis data stream.
        kafka_batch_info: The records of a Kafka topic.
        payload: The function's event: JSON text for S3 destinations, an object for Kafka
            destinations; the others do not get it.
    """

    version: str
    timestamp: str
    request_context: LambdaDestinationRequestContext
    response_context: LambdaDestinationResponseContext | None = None
    ddb_stream_batch_info: DDBStreamBatchInfo | None = field("DDBStreamBatchInfo", default=None)
    kinesis_batch_info: DDBStreamBatchInfo | None = field("KinesisBatchInfo", default=None)
    kafka_batch_info: KafkaBatchInfo | None = field("KafkaBatchInfo", default=None)
    payload: Any = None

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.timestamp)


_INVOCATION = {"requestContext/functionArn": str, "requestContext/condition": str}

DETECT: Signatures = {
    "LambdaDestinationEvent": {**_INVOCATION, "requestPayload": ...},
    "LambdaOnFailureEvent": {**_INVOCATION, "DDBStreamBatchInfo": dict},
    "LambdaOnFailureEvent#2": {**_INVOCATION, "KinesisBatchInfo": dict},
    "LambdaOnFailureEvent#3": {**_INVOCATION, "KafkaBatchInfo": dict},
    "DDBStreamBatchInfo": {"shardId": str, "startSequenceNumber": str, "streamArn": str},
}
