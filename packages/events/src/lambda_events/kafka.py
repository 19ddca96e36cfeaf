"""Apache Kafka: Amazon MSK and clusters of one's own.

https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model
from ._typing import Generic, K, V

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from typing_extensions import TypeVar

    from ._arn import ARN
    from ._detect import Signatures
    from ._typing import P

    Key = TypeVar("Key", default=Any)  # an event that is built without keys fits any handler

_SOURCES = ("aws:kafka", "aws:SelfManagedKafka", "SelfManagedKafka")


class KafkaSchemaMetadata(Model):
    """The schema of a key or a value, if the trigger has a schema registry.

    https://docs.aws.amazon.com/lambda/latest/dg/services-consume-kafka-events.html

    Attributes:
        data_format: ``AVRO``, ``JSON`` or ``PROTOBUF``: how it was in the topic.
        schema_id: The schema's id in the registry.
    """

    data_format: str
    schema_id: str


class KafkaRecord(Model, Generic[K, V]):
    """A record.

    https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html

    Attributes:
        topic: The topic.
        partition: The partition.
        offset: The record's place in the partition.
        timestamp: The time of creation or of the append, in milliseconds of Unix time.
        timestamp_type: ``CREATE_TIME`` or ``LOG_APPEND_TIME``.
        key: The key, in base64; None if it has none.
        value: The value, in base64; None for a tombstone, which deletes the key.
        headers: The headers, each an object of a name and a list of signed bytes.
        key_schema_metadata: The key's schema, if the trigger has a schema registry.
        value_schema_metadata: The value's schema, if the trigger has a schema registry.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: str
    key: str | None = None
    value: str | None = None
    headers: list[dict[str, Any]] = EMPTY
    key_schema_metadata: KafkaSchemaMetadata | None = None
    value_schema_metadata: KafkaSchemaMetadata | None = None

    @property
    def key_bytes(self) -> bytes | None:
        """The key; None if there is none.

        Raises:
            EventDecodeError: It is not base64.
        """
        return self._bytes("key", self.key)

    @property
    def value_bytes(self) -> bytes | None:
        """The value; None for a tombstone.

        Raises:
            EventDecodeError: It is not base64.
        """
        return self._bytes("value", self.value)

    def _bytes(self, name: str, text: str | None) -> bytes | None:
        if text is None:
            return None
        from ._bytes import from_base64

        return from_base64(text, "KafkaRecord", name)

    @property
    def key_payload(self) -> K | None:
        """The key as the type that was asked for, ``KafkaEvent[str, Order]``; else its JSON.

        None if there is no key.

        Raises:
            EventDecodeError: The key is not of that type.
        """
        from ._payload import payload

        return payload(  # type: ignore[no-any-return]
            self,
            "key",
            self.key,
            index=0 if self._args and len(self._args) > 1 else 2,
            decode=lambda: self.key_bytes,
        )

    @property
    def payload(self) -> V | None:
        """The value as the type that was asked for, ``KafkaEvent[str, Order]``; else its JSON.

        None for a tombstone.

        Raises:
            EventDecodeError: The value is not of that type.
        """
        from ._payload import payload

        return payload(  # type: ignore[no-any-return]
            self,
            "value",
            self.value,
            index=len(self._args) - 1 if self._args else 0,
            decode=lambda: self.value_bytes,
        )

    @property
    def header_values(self) -> list[tuple[str, bytes]]:
        """The headers' names and values in their order; a name may come again.

        Raises:
            EventDecodeError: A value is neither a list of bytes nor base64.
        """
        headers: list[Any] = self.headers
        return [
            (name, _header_bytes(name, value))
            for header in headers
            if isinstance(header, dict)
            for name, value in header.items()
        ]

    def header(self, name: str) -> bytes | None:
        """Return the value of the last header of a name, as Kafka's own clients do.

        Args:
            name: The name; Kafka minds the case.

        Returns:
            The value; None if there is no such header.

        Raises:
            EventDecodeError: A value is neither a list of bytes nor base64.
        """
        return dict(self.header_values).get(name)

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.timestamp, 1000)


def _header_bytes(name: str, value: Any) -> bytes:
    """Read a header's value; Java's bytes go from -128 to 127."""
    try:
        if not isinstance(value, str):
            return bytes([byte & 0xFF for byte in value])
    except TypeError:
        from .errors import EventDecodeError, describe

        raise EventDecodeError(
            "KafkaRecord", f"headers.{name}", "a list of bytes", describe(value)
        ) from None
    from ._bytes import from_base64

    return from_base64(value, "KafkaRecord", f"headers.{name}")


class KafkaEvent(Model, Generic[K, V], expects={"records": dict, "eventSource": _SOURCES}):
    """Records of topics.

    https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html

    Attributes:
        event_source: ``aws:kafka`` for Amazon MSK, or ``SelfManagedKafka``, with or without
            ``aws:``.
        event_source_arn: The cluster; None if it is not of Amazon MSK.
        bootstrap_servers: The brokers, with commas between them.
        records: The records by topic and partition, ``my-topic-0``; those of one partition in
            order.
    """

    event_source: str = "aws:kafka"
    event_source_arn: ARN | None = None
    bootstrap_servers: str | None = None
    records: dict[str, list[KafkaRecord[K, V]]]

    @property
    def all_records(self) -> list[KafkaRecord[K, V]]:
        """The records of all partitions, one partition after the other."""
        return [record for records in self.records.values() for record in records]

    @property
    def brokers(self) -> list[str]:
        """The brokers of `bootstrap_servers`, each a host and a port."""
        return self.bootstrap_servers.split(",") if self.bootstrap_servers else []

    @classmethod
    def build(
        cls,
        values: Sequence[P],
        *,
        keys: Sequence[Key] | None = None,
        topic: str = "my-topic",
        partition: int = 0,
    ) -> KafkaEvent[Key, P]:
        """Build an event for a test.

        Args:
            values: The records' values: bytes and text as they are, all else as JSON; None for a
                tombstone.
            keys: Their keys, as many as there are values; None for none.
            topic: The topic.
            partition: The partition of all of them.

        Returns:
            An event like those of Lambda. Its payloads have the types of those given.

        Raises:
            ValueError: There are more keys than values, or fewer.
        """
        from . import _samples as samples
        from ._data import base64_of

        made: list[dict[str, Any]] = [
            {
                "topic": topic,
                "partition": partition,
                "offset": 15 + number,
                "timestamp": samples.MILLISECONDS + number,
                "timestampType": "CREATE_TIME",
                "key": None if key is None else base64_of(key),
                "value": None if value is None else base64_of(value),
                "headers": [],
            }
            for number, (key, value) in enumerate(
                zip([None] * len(values) if keys is None else keys, values, strict=True)
            )
        ]
        cluster = f"cluster/my-cluster/{samples.uuid(0, topic)}-1"
        servers = ",".join([f"b-{n}.kafka.{samples.REGION}.amazonaws.com:9092" for n in (1, 2)])
        event: KafkaEvent[Key, P] = samples.read(
            cls,
            {
                "eventSource": "aws:kafka",
                "eventSourceArn": samples.arn("kafka", cluster),
                "bootstrapServers": servers,
                "records": {f"{topic}-{partition}": made},
            },
            samples.types_of(
                [key for key in keys or () if key is not None],
                [value for value in values if value is not None],
            ),
        )
        return event


DETECT: Signatures = {"KafkaEvent": {"eventSource": _SOURCES, "records": dict}}
