"""Amazon Kinesis Data Analytics for SQL applications: preprocessing and delivery.

https://docs.aws.amazon.com/kinesisanalytics/latest/dev/lambda-preprocessing.html
"""

from __future__ import annotations

from ._data import Base64Data
from ._field import EMPTY
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures


class KinesisAnalyticsStreamRecordMetadata(Model):
    """The record of the Kinesis data stream that a record was.

    Attributes:
        shard_id: The shard.
        partition_key: The key that chose the shard.
        sequence_number: The place in the shard.
        approximate_arrival_timestamp: The time of arrival, in milliseconds of Unix time.
    """

    shard_id: str
    partition_key: str
    sequence_number: str
    approximate_arrival_timestamp: int

    @property
    def approximate_arrival_timestamp_utc(self) -> datetime | None:
        """`approximate_arrival_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.approximate_arrival_timestamp)


class KinesisAnalyticsFirehoseRecordMetadata(Model):
    """The record of the Firehose stream that a record was.

    Attributes:
        approximate_arrival_timestamp: The time of arrival, in milliseconds of Unix time.
    """

    approximate_arrival_timestamp: int

    @property
    def approximate_arrival_timestamp_utc(self) -> datetime | None:
        """`approximate_arrival_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.approximate_arrival_timestamp)


class KinesisAnalyticsInputPreprocessingResponseRecord(Model):
    """The result for a record; `KinesisAnalyticsInputRecord` makes them.

    https://docs.aws.amazon.com/kinesisanalytics/latest/dev/lambda-preprocessing.html

    Attributes:
        record_id: The record's id.
        result: ``Ok``, ``Dropped`` (left out on purpose) or ``ProcessingFailed``.
        data: The transformed data, in base64.
    """

    record_id: str
    result: str = "Ok"
    data: str | None = None


class KinesisAnalyticsInputPreprocessingResponse(Model):
    """The response of preprocessing: every record of the event.

    https://docs.aws.amazon.com/kinesisanalytics/latest/dev/lambda-preprocessing.html

    Attributes:
        records: The result of each record.
    """

    records: list[KinesisAnalyticsInputPreprocessingResponseRecord] = EMPTY


class KinesisAnalyticsInputRecord(Base64Data[T], Model, Generic[T]):
    """A record to preprocess.

    https://docs.aws.amazon.com/kinesisanalytics/latest/dev/lambda-preprocessing.html

    Attributes:
        record_id: The record's id, which the response names it by.
        data: The data, in base64.
        kinesis_stream_record_metadata: The record that it was in a Kinesis data stream, if any.
        kinesis_firehose_record_metadata: The record that it was in a Firehose stream, if any.
    """

    record_id: str
    data: str
    kinesis_stream_record_metadata: KinesisAnalyticsStreamRecordMetadata | None = None
    kinesis_firehose_record_metadata: KinesisAnalyticsFirehoseRecordMetadata | None = None

    def transformed(self, data: Any) -> KinesisAnalyticsInputPreprocessingResponseRecord:
        """Say what the record became.

        Args:
            data: The new data: bytes and text as they are, all else as JSON.

        Returns:
            The record of the response.
        """
        from ._data import base64_of

        return KinesisAnalyticsInputPreprocessingResponseRecord(
            record_id=self.record_id, data=base64_of(data)
        )

    def dropped(self) -> KinesisAnalyticsInputPreprocessingResponseRecord:
        """Say that the record is left out on purpose."""
        return KinesisAnalyticsInputPreprocessingResponseRecord(
            record_id=self.record_id, result="Dropped", data=self.data
        )

    def failed(self) -> KinesisAnalyticsInputPreprocessingResponseRecord:
        """Say that the record could not be transformed."""
        return KinesisAnalyticsInputPreprocessingResponseRecord(
            record_id=self.record_id, result="ProcessingFailed", data=self.data
        )


class KinesisAnalyticsInputPreprocessingEvent(
    Model, Generic[T], expects={"records": list, "applicationArn": str}
):
    """Records of a stream, to be preprocessed before the application's SQL sees them.

    https://docs.aws.amazon.com/kinesisanalytics/latest/dev/lambda-preprocessing.html

    Attributes:
        invocation_id: The invocation's id.
        application_arn: The application.
        stream_arn: The Kinesis data stream or the Firehose stream.
        records: The records.
    """

    invocation_id: str
    application_arn: ARN
    stream_arn: ARN
    records: list[KinesisAnalyticsInputRecord[T]]


class KinesisAnalyticsDeliveryRecordMetadata(Model):
    """The metadata of a record from the application.

    Attributes:
        retry_hint: The number of failed deliveries.
    """

    retry_hint: int


class KinesisAnalyticsOutputDeliveryResponseRecord(Model):
    """The result for a record; `KinesisAnalyticsOutputRecord` makes them.

    https://docs.aws.amazon.com/kinesisanalytics/latest/dev/how-it-works-output-lambda.html

    Attributes:
        record_id: The record's id.
        result: ``Ok`` or ``DeliveryFailed``; the application tries the latter again.
    """

    record_id: str
    result: str = "Ok"


class KinesisAnalyticsOutputDeliveryResponse(Model):
    """The response of delivery: every record of the event.

    https://docs.aws.amazon.com/kinesisanalytics/latest/dev/how-it-works-output-lambda.html

    Attributes:
        records: The result of each record.
    """

    records: list[KinesisAnalyticsOutputDeliveryResponseRecord] = EMPTY


class KinesisAnalyticsOutputRecord(Base64Data[T], Model, Generic[T]):
    """A record to deliver.

    https://docs.aws.amazon.com/kinesisanalytics/latest/dev/how-it-works-output-lambda.html

    Attributes:
        record_id: The record's id, which the response names it by.
        lambda_delivery_record_metadata: The delivery of the record: the count of retries.
        data: The data, in base64.
    """

    record_id: str
    lambda_delivery_record_metadata: KinesisAnalyticsDeliveryRecordMetadata | None = None
    data: str

    def delivered(self) -> KinesisAnalyticsOutputDeliveryResponseRecord:
        """Say that the record was delivered."""
        return KinesisAnalyticsOutputDeliveryResponseRecord(record_id=self.record_id)

    def failed(self) -> KinesisAnalyticsOutputDeliveryResponseRecord:
        """Say that the record was not delivered, and should be retried."""
        return KinesisAnalyticsOutputDeliveryResponseRecord(
            record_id=self.record_id, result="DeliveryFailed"
        )


class KinesisAnalyticsOutputDeliveryEvent(
    Model, Generic[T], expects={"records": list, "applicationArn": str}
):
    """Results of the application's SQL, to be delivered by the function.

    https://docs.aws.amazon.com/kinesisanalytics/latest/dev/how-it-works-output-lambda.html

    Attributes:
        invocation_id: The invocation's id.
        application_arn: The application.
        records: The records.
    """

    invocation_id: str
    application_arn: ARN
    records: list[KinesisAnalyticsOutputRecord[T]]


DETECT: Signatures = {
    "KinesisAnalyticsInputPreprocessingEvent": {
        "invocationId": str,
        "applicationArn": str,
        "streamArn": str,
        "records/0/recordId": str,
    },
    "KinesisAnalyticsOutputDeliveryEvent": {
        "invocationId": str,
        "applicationArn": str,
        "records/0/recordId": str,
    },
}
