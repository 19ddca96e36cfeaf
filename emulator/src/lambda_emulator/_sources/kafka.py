"""Polling a topic of Kafka: of a cluster of one's own, or of Amazon MSK.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .mapping import EventSourceMapping
from .record import Record

_BATCH = 100
_WAIT_MS = 1000  # for records, at the broker
_FIRST_PAUSE = 0.1  # seconds before a batch is tried again; each later pause is twice as long
_LONGEST_PAUSE = 10.0
_PAUSE_SECONDS = 1.0  # after a failure to reach a broker


async def poll_kafka(mapping: EventSourceMapping) -> None:
    """Poll topics forever.

    Args:
        mapping: The topics, with the addresses of brokers, and the function.

    Raises:
        ImportError: aiokafka is not installed.
    """
    from aiokafka import AIOKafkaConsumer
    from aiokafka.errors import KafkaError

    source = mapping.source
    position = "latest" if source.starting_position == "LATEST" else "earliest"
    while True:
        consumer = AIOKafkaConsumer(
            *(source.topics or (source.source,)),
            bootstrap_servers=",".join(source.brokers),
            group_id=f"lambda-emulator-{source.function}",
            auto_offset_reset=position,
            enable_auto_commit=False,
        )
        try:
            await consumer.start()
            mapping.note_reached()
            await _consume(mapping, consumer)
        except KafkaError as error:
            mapping.note_unreachable(str(error))
            await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            await consumer.stop()


async def _consume(mapping: EventSourceMapping, consumer: Any) -> None:
    size = mapping.source.batch_size or _BATCH
    wait = max(int(mapping.source.window * 1000), _WAIT_MS)
    while True:
        found: Mapping[Any, Sequence[Any]] = await consumer.getmany(
            timeout_ms=wait, max_records=size
        )
        messages = [message for each in found.values() for message in each]
        if not messages:
            continue
        mapping.note_reached()
        records = mapping.admit([to_record(message) for message in messages])
        if records:
            await _process(mapping, records)
        await consumer.commit()


async def _process(mapping: EventSourceMapping, records: Sequence[Record]) -> None:
    """Invoke the function until all records are done with, or may not be tried again."""
    retries, pause = mapping.source.max_retries, _FIRST_PAUSE
    while records:
        invocation = await mapping.invoke(to_event(mapping, records))
        failed = mapping.conclude(invocation, {record.item_id for record in records})
        # A partition is a sequence: what follows a record that has failed is tried again, too.
        stuck: set[str] = set()
        rest: list[Record] = []
        for record in records:
            if record.item_id in failed or record.key in stuck:
                stuck.add(record.key)
                rest.append(record)
        records = rest
        if records and retries == 0:
            mapping.status.discarded += len(records)
            return
        retries -= retries > 0
        if records:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def to_event(mapping: EventSourceMapping, records: Sequence[Record]) -> dict[str, Any]:
    """Return the event for records.

    Args:
        mapping: The topics.
        records: The records.
    """
    partitions: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        partitions.setdefault(record.key, []).append(record.event)
    source = mapping.source.source
    is_managed = source.startswith("arn:")
    event: dict[str, Any] = {"eventSource": "aws:kafka" if is_managed else "SelfManagedKafka"}
    if is_managed:
        event["eventSourceArn"] = source
    event["bootstrapServers"] = ",".join(mapping.source.brokers)
    event["records"] = partitions
    return event


def to_record(message: Any) -> Record:
    """Return a message as a record.

    Args:
        message: As aiokafka returns it.
    """
    event: dict[str, Any] = {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": message.timestamp,
        "timestampType": "LOG_APPEND_TIME" if message.timestamp_type == 1 else "CREATE_TIME",
    }
    if message.key is not None:
        event["key"] = base64.b64encode(message.key).decode()
    if message.value is not None:  # a tombstone has none
        event["value"] = base64.b64encode(message.value).decode()
    # As Java has them: a byte is a number from -128 to 127.
    event["headers"] = [
        {name: [byte - 256 if byte > 127 else byte for byte in value or b""]}
        for name, value in message.headers
    ]
    partition = f"{message.topic}-{message.partition}"
    item_id = json.dumps({"offset": message.offset, "partition": partition})  # sorted
    return Record(event, item_id, message.value, message.timestamp / 1000, partition)
