"""Amazon S3 event notifications, straight from S3; see `lambda_events.eventbridge` for the others.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

from ._field import field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

    from ._arn import ARN
    from ._detect import Signatures


class S3Identity(Model):
    """A user who acted, or an owner.

    Attributes:
        principal_id: The id, such as ``AWS:AROA...`` or a customer's id.
    """

    principal_id: str


class S3RequestParameters(Model):
    """The request that caused an event.

    Attributes:
        source_ip_address: The address it came from; not always an IP address.
    """

    source_ip_address: str = field("sourceIPAddress")


class S3ResponseElements(Model, case="kebab"):
    """The request ids that AWS support asks for.

    Attributes:
        x_amz_request_id: The request's id.
        x_amz_id_2: The host that served the request.
    """

    x_amz_request_id: str
    x_amz_id_2: str


class S3Bucket(Model):
    """A bucket.

    Attributes:
        name: The bucket's name.
        owner_identity: The owner.
        arn: The ARN.
    """

    name: str
    owner_identity: S3Identity
    arn: ARN


class S3Object(Model):
    """An object.

    Attributes:
        key: The key as S3 sends it, percent-encoded and with ``+`` for spaces; `decoded_key` is
            the one to call S3 with.
        size: The size in bytes; None for a deletion.
        e_tag: The entity tag; None for a deletion.
        version_id: The version, if the bucket has versioning.
        sequencer: A hexadecimal number that grows from event to event of one key.
    """

    key: str
    size: int | None = None
    e_tag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None

    @property
    def decoded_key(self) -> str:
        """The key as S3's API takes it."""
        from urllib.parse import unquote_plus

        return unquote_plus(self.key)


class S3Entity(Model):
    """The bucket and the object of an event.

    Attributes:
        s3_schema_version: This object's form, ``1.0``.
        configuration_id: The id of the bucket's notification configuration.
        bucket: The bucket.
        object: The object.
    """

    s3_schema_version: str
    configuration_id: str
    bucket: S3Bucket
    object: S3Object


class S3RestoreEventData(Model):
    """A restored object.

    Attributes:
        lifecycle_restoration_expiry_time: The expiry of the restored copy, ISO 8601.
        lifecycle_restore_storage_class: The storage class it was restored from.
    """

    lifecycle_restoration_expiry_time: str
    lifecycle_restore_storage_class: str

    @property
    def lifecycle_restoration_expiry_time_utc(self) -> datetime | None:
        """`lifecycle_restoration_expiry_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.lifecycle_restoration_expiry_time)


class S3GlacierEventData(Model):
    """The details of ``s3:ObjectRestore:Completed``.

    Attributes:
        restore_event_data: The restored object.
    """

    restore_event_data: S3RestoreEventData


class S3ReplicationEventData(Model):
    """The details of replication events.

    Attributes:
        replication_rule_id: The rule.
        destination_bucket: The ARN of the bucket to replicate to.
        s3_operation: ``OBJECT_PUT`` and others.
        request_time: The time of the request, ISO 8601.
        failure_reason: The reason for the failure.
        threshold: Minutes that it may take, for the events of late objects.
        replication_time: The time of replication, ISO 8601.
    """

    replication_rule_id: str
    destination_bucket: ARN
    s3_operation: str
    request_time: str
    failure_reason: str | None = None
    threshold: str | None = None
    replication_time: str | None = None

    @property
    def request_time_utc(self) -> datetime | None:
        """`request_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.request_time)

    @property
    def replication_time_utc(self) -> datetime | None:
        """`replication_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.replication_time)


class S3IntelligentTieringEventData(Model):
    """The details of ``s3:IntelligentTiering``.

    Attributes:
        destination_access_tier: The tier that the object went to.
    """

    destination_access_tier: str


class S3TransitionEventData(Model):
    """A move to another storage class.

    Attributes:
        destination_storage_class: The storage class.
    """

    destination_storage_class: str


class S3LifecycleEventData(Model):
    """The details of ``s3:LifecycleTransition``.

    Attributes:
        transition_event_data: The move.
    """

    transition_event_data: S3TransitionEventData


class S3EventRecord(Model):
    """Something that happened to an object.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

    Attributes:
        event_version: The record's form, such as ``2.1``.
        event_source: ``aws:s3``.
        aws_region: The bucket's region.
        event_time: The time of the event, ISO 8601.
        event_name: The kind of event, such as ``ObjectCreated:Put``.
        user_identity: The identity that caused it.
        request_parameters: The request that caused it.
        response_elements: The ids that AWS Support asks for.
        s3: The bucket and the object.
        glacier_event_data: The restored object, for ``ObjectRestore:Completed``.
        restore_event_data: The restored object, in events of one provider's form.
        replication_event_data: The replication, for ``Replication:...``.
        intelligent_tiering_event_data: The tier, for ``IntelligentTiering``.
        lifecycle_event_data: The move, for ``LifecycleTransition``.
    """

    event_version: str
    event_source: str = "aws:s3"
    aws_region: str
    event_time: str
    event_name: str
    user_identity: S3Identity
    request_parameters: S3RequestParameters
    response_elements: S3ResponseElements
    s3: S3Entity
    glacier_event_data: S3GlacierEventData | None = None
    restore_event_data: S3RestoreEventData | None = None
    replication_event_data: S3ReplicationEventData | None = None
    intelligent_tiering_event_data: S3IntelligentTieringEventData | None = None
    lifecycle_event_data: S3LifecycleEventData | None = None

    @property
    def event_time_utc(self) -> datetime | None:
        """`event_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.event_time)

    @property
    def bucket_name(self) -> str:
        """The bucket's name."""
        return self.s3.bucket.name

    @property
    def object_key(self) -> str:
        """The object's key as S3's API takes it: decoded."""
        return self.s3.object.decoded_key


class S3Event(Model, expects={"Records": list, "Records/0/eventSource": "aws:s3"}):
    """Something happened to an object.

    https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html

    Attributes:
        records: The records; one in most events.
    """

    records: list[S3EventRecord] = field("Records")

    @classmethod
    def build(
        cls,
        bucket: str = "my-bucket",
        key: str = "my key",
        *,
        event_name: str = "ObjectCreated:Put",
        size: int = 1024,
    ) -> Self:
        """Build an event for a test.

        Args:
            bucket: The bucket's name.
            key: The object's key, as S3's API takes it; the event has it encoded.
            event_name: The kind of event.
            size: The object's size in bytes.

        Returns:
            An event like those of S3.
        """
        from urllib.parse import quote_plus

        from . import _samples as samples

        entity = {"key": quote_plus(key, safe="/")}
        removed = event_name.startswith("ObjectRemoved")
        about = {} if removed else {"size": size, "eTag": samples.md5_hex(key)}
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": samples.REGION,
            "eventTime": samples.ISO_MILLISECONDS,
            "eventName": event_name,
            "userIdentity": {"principalId": f"AWS:{samples.PRINCIPAL}"},
            "requestParameters": {"sourceIPAddress": "203.0.113.7"},
            "responseElements": {
                "x-amz-request-id": "C3D13FE58DE4C810",
                "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "my-notification",
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                    "arn": f"arn:aws:s3:::{bucket}",
                },
                "object": {**entity, **about, "sequencer": "0055AED6DCD90281E5"},
            },
        }
        event: Self = samples.read(cls, {"Records": [record]})
        return event


class S3TestEvent(Model, case="pascal", expects={"Event": "s3:TestEvent", "Bucket": str}):
    """The test message that S3 sends once to a queue or topic when notifications are set up.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html

    Attributes:
        service: ``Amazon S3``.
        event: ``s3:TestEvent``.
        time: The time of the test, ISO 8601.
        bucket: The bucket's name.
        request_id: The request's id.
        host_id: The host that served the request.
    """

    service: str
    event: str
    time: str
    bucket: str
    request_id: str
    host_id: str

    @property
    def time_utc(self) -> datetime | None:
        """`time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.time)


DETECT: Signatures = {
    "S3Event": {"Records/0/eventSource": "aws:s3"},
    "S3TestEvent": {"Event": "s3:TestEvent"},
}
