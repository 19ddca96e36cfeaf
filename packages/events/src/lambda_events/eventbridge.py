"""Amazon EventBridge: the envelope of all its events, schedules, and S3's events by EventBridge.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Self

    from ._detect import Signatures
    from ._typing import P


class EventBridgeEvent(Model, Generic[T], case="kebab", expects={"detail-type": str}):
    """An event of a bus.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html

    A rule whose target has an input transformer sends what the transformer makes, without this
    envelope.

    Attributes:
        version: This object's form, ``0``.
        id: The event's id.
        detail_type: The kind of event.
        source: The sender, such as ``aws.ec2``.
        account: The account's twelve digits.
        time: The time of the event, ISO 8601.
        region: The region.
        resources: The ARNs of the resources that it concerns.
        replay_name: The replay that it comes from, if any.
        detail: The event itself, as the type that was asked for: ``EventBridgeEvent[OrderPlaced]``.
    """

    version: str | None = None
    id: str
    detail_type: str
    source: str
    account: str
    time: str
    region: str
    resources: list[str] = EMPTY
    replay_name: str | None = None
    detail: T

    @property
    def time_utc(self) -> datetime | None:
        """`time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.time)

    @classmethod
    def build(
        cls,
        detail: P,
        *,
        detail_type: str | None = None,
        source: str | None = None,
        resources: Sequence[str] = (),
    ) -> EventBridgeEvent[P]:
        """Build an event for a test.

        Args:
            detail: The event itself.
            detail_type: The kind of event; by default the model's own, or ``My Event``.
            source: The sender; by default the model's own, or ``my.application``.
            resources: The ARNs of the resources that it concerns.

        Returns:
            An event like those of a bus. Its detail has the type of the one given.
        """
        from . import _samples as samples

        detail_type = detail_type or cls._expected("detail-type", "My Event")
        source = source or cls._expected("source", "my.application")
        value = {
            "version": "0",
            "id": samples.uuid(0, detail_type),
            "detail-type": detail_type,
            "source": source,
            "account": samples.ACCOUNT,
            "time": samples.ISO,
            "region": samples.REGION,
            "resources": [*resources],
            "detail": detail,
        }
        event: EventBridgeEvent[P] = samples.read(cls, value, samples.types_of([detail]))
        return event

    @classmethod
    def _expected(cls, key: str, default: str) -> str:
        """Return the text that identifies the type of the model's events, if it is a text."""
        expected: Any = cls._expects.get(key)
        first = expected[0] if isinstance(expected, tuple) else expected
        return first if isinstance(first, str) else default


class ServiceEvent(EventBridgeEvent[T], Generic[T]):
    """An event whose model says what the detail is: the base of those of AWS's services."""

    @classmethod
    def build(  # type: ignore[override]  # of the model itself, whatever the detail is given as
        cls,
        detail: T | Mapping[str, Any] | None = None,
        *,
        detail_type: str | None = None,
        source: str | None = None,
        resources: Sequence[str] = (),
    ) -> Self:
        """Build an event for a test.

        Args:
            detail: The detail: an object of the model's class, or its JSON; None for none.
            detail_type: The kind of event; by default the model's own.
            source: The sender; by default the model's own.
            resources: The ARNs of the resources that it concerns.

        Returns:
            An event like those of a bus.
        """
        event: Any = super().build(
            {} if detail is None else detail,
            detail_type=detail_type,
            source=source or cls._expected("source", "aws.events"),
            resources=resources,
        )
        return event  # type: ignore[no-any-return]


class ScheduledEvent(ServiceEvent, expects={"detail-type": "Scheduled Event"}):
    """A schedule came round: a rule's, or one of EventBridge Scheduler whose user wrote no input.

    The detail is empty: of a rule an object, of EventBridge Scheduler the text ``{}``.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
    """


class S3EventBridgeBucket(Model):
    """A bucket.

    Attributes:
        name: The bucket's name.
    """

    name: str


class S3EventBridgeObject(Model, case="kebab"):
    """An object.

    Attributes:
        key: The key as S3's API takes it: it is not encoded here.
        size: The size in bytes; None for a deletion.
        etag: The entity tag; None for some deletions.
        version_id: The version, if the bucket has versioning.
        sequencer: A hexadecimal number that grows from event to event of one key.
    """

    key: str
    size: int | None = None
    etag: str | None = None
    version_id: str | None = None
    sequencer: str | None = None


class S3EventBridgeDetail(Model, case="kebab"):
    """Something that happened to an object.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html

    Attributes:
        version: This object's form, ``0``.
        bucket: The bucket.
        object: The object.
        request_id: The request's id.
        requester: The account, or the service, that did it.
        source_ip_address: The address that the request came from.
        reason: The operation, such as ``PutObject`` or ``Lifecycle Expiration``.
        deletion_type: ``Permanently Deleted`` or ``Delete Marker Created``.
        restore_expiry_time: The expiry of the restored copy, ISO 8601.
        source_storage_class: The storage class that it was restored from.
        destination_storage_class: The storage class that it moved to.
        destination_access_tier: The tier that it moved to.
    """

    version: str
    bucket: S3EventBridgeBucket
    object: S3EventBridgeObject
    request_id: str
    requester: str
    source_ip_address: str | None = None
    reason: str | None = None
    deletion_type: str | None = None
    restore_expiry_time: str | None = None
    source_storage_class: str | None = None
    destination_storage_class: str | None = None
    destination_access_tier: str | None = None

    @property
    def restore_expiry_time_utc(self) -> datetime | None:
        """`restore_expiry_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.restore_expiry_time)


class S3EventBridgeEvent(ServiceEvent[S3EventBridgeDetail], expects={"source": "aws.s3"}):
    """Something happened to an object of a bucket that sends its events to EventBridge.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
    """


DETECT: Signatures = {
    "EventBridgeEvent": {"detail-type": str, "source": str, "detail": dict},
    "ScheduledEvent": {
        "detail-type": "Scheduled Event",
        "source": str,
        "detail": dict,
        "time": str,
    },
    "ScheduledEvent#2": {
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "detail": str,
        "time": str,
    },
    "S3EventBridgeEvent": {
        "detail-type": str,
        "source": "aws.s3",
        "detail": dict,
        "detail/bucket/name": str,
    },
}
