"""Amazon DynamoDB Streams.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures
    from ._typing import P
    from .streams import TimeWindow


class DynamoDBUserIdentity(Model):
    """DynamoDB as the author of a change: it deletes items whose time to live is over.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Identity.html

    Attributes:
        type: ``Service``.
        principal_id: ``dynamodb.amazonaws.com``.
    """

    type: str
    principal_id: str


class DynamoDBStreamRecord(Model, case="pascal"):
    """A change of an item, with DynamoDB's typed values such as ``{"N": "1"}``.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html

    Attributes:
        approximate_creation_date_time: The time of the change, in seconds of Unix time; in
            milliseconds or microseconds if it came through Kinesis.
        keys: The item's key.
        new_image: The item after the change; empty if it was deleted or the stream leaves it out.
        old_image: The item before the change; empty if there was none or the stream leaves it out.
        sequence_number: The change's place in its shard; None if it came through Kinesis.
        size_bytes: The change's size in bytes.
        stream_view_type: The content of the stream: ``KEYS_ONLY``, ``NEW_IMAGE``, ``OLD_IMAGE`` or
            ``NEW_AND_OLD_IMAGES``.
    """

    approximate_creation_date_time: float | None = None
    keys: dict[str, dict[str, Any]]
    new_image: dict[str, dict[str, Any]] = EMPTY
    old_image: dict[str, dict[str, Any]] = EMPTY
    sequence_number: str | None = None
    size_bytes: int
    stream_view_type: str | None = None

    @property
    def approximate_creation_date_time_utc(self) -> datetime | None:
        """`approximate_creation_date_time` as an aware datetime, whatever its unit."""
        from ._time import from_epoch

        value: Any = self.approximate_creation_date_time
        known = isinstance(value, (int, float))
        unit = 1 if not known or value < 1e11 else 1000 if value < 1e14 else 1_000_000
        return from_epoch(value, unit)


class DynamoDBRecord(Model, Generic[T]):
    """A change of an item and the stream that it came from.

    https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

    Attributes:
        event_id: The change's id.
        event_name: ``INSERT``, ``MODIFY`` or ``REMOVE``.
        event_version: This object's form, ``1.1``; None if it came through Kinesis.
        event_source: ``aws:dynamodb``.
        aws_region: The table's region.
        dynamodb: The change.
        event_source_arn: The stream; None if it came through Kinesis.
        user_identity: The identity that deleted the item, if its time to live was over.
        table_name: The table, if it came through Kinesis.
        record_format: ``application/json``, if it came through Kinesis.
    """

    event_id: str = field("eventID")
    event_name: str
    event_version: str | None = None
    event_source: str = "aws:dynamodb"
    aws_region: str
    dynamodb: DynamoDBStreamRecord
    event_source_arn: ARN | None = field("eventSourceARN", default=None)
    user_identity: DynamoDBUserIdentity | None = None
    table_name: str | None = None
    record_format: str | None = None

    @property
    def keys(self) -> dict[str, Any]:
        """The item's key in Python's types.

        Raises:
            EventDecodeError: A value is not an attribute value.
        """
        from .attribute_value import item_to_python

        return item_to_python(self.dynamodb.keys)

    @property
    def new_item(self) -> T | None:
        """The item after the change as the type that was asked for, ``DynamoDBEvent[Item]``.

        Without a type it is a dict in Python's types. None if the record does not have it.

        Raises:
            EventDecodeError: The item is not of that type.
        """
        return self._item("NewImage", self.dynamodb.new_image)

    @property
    def old_item(self) -> T | None:
        """The item before the change; see `new_item`."""
        return self._item("OldImage", self.dynamodb.old_image)

    def _item(self, name: str, image: Mapping[str, Any]) -> T | None:
        if not image:
            return None
        from ._field import converter_of
        from ._payload import decode
        from .attribute_value import item_to_python
        from .errors import named

        kind = self._args[0] if self._args else None
        model = named(type(self), self._args)
        item: T = decode(
            item_to_python(image), kind, converter_of(self._args), model, f"dynamodb.{name}"
        )
        return item

    @property
    def expired(self) -> bool:
        """True if DynamoDB deleted the item because its time to live was over."""
        who = self.user_identity
        return (
            self.event_name == "REMOVE"
            and isinstance(who, DynamoDBUserIdentity)
            and who.principal_id == "dynamodb.amazonaws.com"
        )


class DynamoDBEvent(
    Model, Generic[T], expects={"Records": list, "Records/0/eventSource": "aws:dynamodb"}
):
    """Changes of a table's items.

    https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

    Attributes:
        records: The changes of one shard, in order.
    """

    records: list[DynamoDBRecord[T]] = field("Records")

    @classmethod
    def build(
        cls,
        *,
        new: P | None = None,
        old: P | None = None,
        key: str = "id",
        table: str = "my-table",
    ) -> DynamoDBEvent[P]:
        """Build an event of one change for a test.

        Args:
            new: The item after the change; None for a deleted one.
            old: The item before the change; None for a new one.
            key: The name of the table's partition key.
            table: The table's name.

        Returns:
            An event like those of Lambda. Its items have the type of those given.

        Raises:
            ValueError: There is neither a new item nor an old one, or one has no key.
        """
        from . import _samples as samples
        from .attribute_value import item_from_python

        images = {
            name: item_from_python(_fields(item))
            for name, item in (("NewImage", new), ("OldImage", old))
            if item is not None
        }
        if not images or any(key not in image for image in images.values()):
            raise ValueError(f"give new=, old= or both, with the key {key!r}")
        name = "MODIFY" if len(images) == 2 else "INSERT" if new is not None else "REMOVE"
        change = {
            "ApproximateCreationDateTime": float(samples.SECONDS),
            "Keys": {key: next(iter(images.values()))[key]},
            **images,
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": len(samples.text_of(images)),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        }
        stream = f"table/{table}/stream/2023-11-14T22:13:20.000"
        record = {
            "eventID": samples.uuid(0, table).replace("-", ""),
            "eventName": name,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": samples.REGION,
            "dynamodb": change,
            "eventSourceARN": samples.arn("dynamodb", stream),
        }
        types = samples.types_of([item for item in (new, old) if item is not None])
        event: DynamoDBEvent[P] = samples.read(cls, {"Records": [record]}, types)
        return event


class DynamoDBTimeWindowEvent(DynamoDBEvent[T], Generic[T]):
    """Changes within a tumbling window; the function returns `TimeWindowResponse`.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html

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
        *,
        new: P | None = None,
        old: P | None = None,
        key: str = "id",
        table: str = "my-table",
        state: Mapping[str, Any] | None = None,
        final: bool = False,
    ) -> DynamoDBTimeWindowEvent[P]:
        """Build an event of one change for a test.

        Args:
            new: As `DynamoDBEvent.build` takes it.
            old: As `DynamoDBEvent.build` takes it.
            key: The name of the table's partition key.
            table: The table's name.
            state: The result of the window's previous invocation; None for its first invocation.
            final: True in the window's last invocation.

        Returns:
            An event like those of Lambda, of a window of five minutes.
        """
        from . import _samples as samples

        built = super().build(new=new, old=old, key=key, table=table)
        source = built.records[0].event_source_arn or ""
        event: DynamoDBTimeWindowEvent[P] = samples.in_window(built, source, state, final)
        return event


def _fields(item: Any) -> Any:
    """Return an item's attributes by name; those of a class by attrs' or dataclasses' fields."""
    if isinstance(item, dict):
        return item
    from decimal import Decimal

    from ._converter import converter

    plain = converter().copy()
    for kind in (bytes, Decimal, set, frozenset):  # DynamoDB has types for them, JSON has not
        plain.register_unstructure_hook(kind, lambda value: value)
    return plain.unstructure(item)


DETECT: Signatures = {
    "DynamoDBEvent": {"Records/0/eventSource": "aws:dynamodb"},
    "DynamoDBTimeWindowEvent": {"Records/0/eventSource": "aws:dynamodb", "window": dict},
    # The last invocation of a window may have no records.
    "DynamoDBTimeWindowEvent#2": {
        "Records": list,
        "window": dict,
        "eventSourceARN": lambda arn: ":dynamodb:" in str(arn),
    },
}
