"""Messages and records: queues, topics, streams, event buses, brokers, buckets and tables."""

from __future__ import annotations

from ._carrier import from_attributes, from_bytes, from_kafka, from_text, strings
from ._trigger import Message, Trigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

_OPERATIONS = {"INSERT": "insert", "MODIFY": "edit", "REMOVE": "delete"}


def of_records(records: Any) -> Trigger | None:
    """Return the trigger of an event with records, all of one service.

    Args:
        records: The event's ``Records``, or the event itself where EventBridge Pipes sends it.
    """
    if not isinstance(records, list) or not records:
        return None
    first = records[0]
    if not isinstance(first, dict):
        return None
    return _trigger(
        first.get("eventSource") or first.get("EventSource"),
        [record for record in records if isinstance(record, dict)],
    )


def of_event_bus(event: dict[str, Any]) -> Trigger:
    """Return the trigger of an event of EventBridge, or of a schedule.

    Args:
        event: The event.
    """
    kind = event["detail-type"]
    if kind in {"Scheduled Event", "Scheduled event"}:
        return Trigger("timer", {"faas.time": str(event.get("time", ""))})
    return _processed("aws_eventbridge", {_text(event, "detail-type")}, [event], _bus_message)


def _bus_message(event: dict[str, Any]) -> Message:
    return Message(strings(_object(event, "detail")), event.get("id"))


def of_broker(event: dict[str, Any]) -> Trigger | None:
    """Return the trigger of an event of Kafka, ActiveMQ, RabbitMQ or DocumentDB.

    Args:
        event: The event, which has its messages by topic or queue.
    """
    return _trigger(event["eventSource"], event)


def _trigger(source: Any, event: Any) -> Trigger | None:
    known = _SOURCES.get(str(source).strip().lower())
    if known is None:
        return None
    kind, read = known
    try:
        return read(event)
    except Exception:  # noqa: BLE001 (made by hand, as in tests)
        return Trigger(kind, messages=() if kind == "pubsub" else None)


def _sqs(records: list[dict[str, Any]]) -> Trigger:
    queues = {_text(record, "eventSourceARN").rpartition(":")[2] for record in records}
    return _processed("aws_sqs", queues, records, _sqs_message)


def _sqs_message(record: dict[str, Any]) -> Message:
    carrier = from_attributes(record.get("messageAttributes")) or from_text(record.get("body"))
    header = _object(record, "attributes").get("AWSTraceHeader")
    if isinstance(header, str):
        carrier = {**carrier, "x-amzn-trace-id": header}
    return Message(carrier, record.get("messageId"))


def _sns(records: list[dict[str, Any]]) -> Trigger:
    topics = {_text(_object(record, "Sns"), "TopicArn").rpartition(":")[2] for record in records}
    return _processed("aws.sns", topics, records, _sns_message)


def _sns_message(record: dict[str, Any]) -> Message:
    notice = _object(record, "Sns")
    carrier = from_attributes(notice.get("MessageAttributes")) or from_text(notice.get("Message"))
    return Message(carrier, notice.get("MessageId"))


def _kinesis(records: list[dict[str, Any]]) -> Trigger:
    streams = {_text(record, "eventSourceARN").partition("/")[2] for record in records}
    return _processed("aws_kinesis", streams, records, _kinesis_message)


def _kinesis_message(record: dict[str, Any]) -> Message:
    carrier = from_text(_object(record, "kinesis").get("data"), base64=True)
    return Message(carrier, record.get("eventID"))


def _kafka(event: Any) -> Trigger:
    records = _records(event, "records")
    topics = {_text(record, "topic") for record in records}
    trigger = _processed("kafka", topics, records, _kafka_message)
    if len(records) == 1:
        offset, partition = records[0].get("offset"), records[0].get("partition")
        if offset is not None:
            trigger.attributes["messaging.kafka.offset"] = offset
        if partition is not None:
            trigger.attributes["messaging.destination.partition.id"] = str(partition)
    return trigger


def _kafka_message(record: dict[str, Any]) -> Message:
    return Message(from_kafka(record.get("headers")))


def _activemq(event: Any) -> Trigger:
    records: list[dict[str, Any]] = event if isinstance(event, list) else event["messages"]
    queues = {_text(_object(record, "destination"), "physicalName") for record in records}
    return _processed("activemq", queues, records, _activemq_message)


def _activemq_message(record: dict[str, Any]) -> Message:
    return Message(strings(_object(record, "properties")), record.get("messageID"))


def _rabbitmq(event: Any) -> Trigger:
    field = "rmqMessagesByQueue"
    if isinstance(event, list):
        keys = [_text(record, "eventSourceKey") for record in event]
    else:
        keys = [queue for queue, batch in event[field].items() if batch]
    queues = {key.partition("::")[0] for key in keys}
    return _processed("rabbitmq", queues, _records(event, field), _rabbitmq_message)


def _rabbitmq_message(record: dict[str, Any]) -> Message:
    properties = _object(record, "basicProperties")
    return Message(from_bytes(_object(properties, "headers")), properties.get("messageId"))


def _records(event: Any, field: str) -> list[dict[str, Any]]:
    """Return a broker's records, which Lambda has by topic or queue, and Pipes in a list."""
    if isinstance(event, list):
        return event
    return [record for batch in event[field].values() for record in batch]


def _s3(records: list[Any]) -> Trigger:
    from urllib.parse import unquote_plus

    buckets = {record["s3"]["bucket"]["name"] for record in records}
    kinds = {_s3_operation(record["eventName"]) for record in records}
    attributes = _documents(buckets, kinds, records[0].get("eventTime"))
    if len(buckets) == 1:
        (attributes["aws.s3.bucket"],) = buckets
    if len(records) == 1:
        key = unquote_plus(records[0]["s3"]["object"]["key"])
        attributes["faas.document.name"] = attributes["aws.s3.key"] = key
    return Trigger("datasource", attributes)


def _dynamodb(records: list[Any]) -> Trigger:
    from datetime import UTC, datetime

    tables = {record["eventSourceARN"].split("/")[1] for record in records}
    kinds = {_OPERATIONS.get(record["eventName"], "") for record in records}
    seconds = records[0]["dynamodb"].get("ApproximateCreationDateTime")
    time = None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
    attributes = _documents(tables, kinds, time)
    attributes["aws.dynamodb.table_names"] = sorted(tables)
    return Trigger("datasource", attributes)


def _documentdb(event: dict[str, Any]) -> Trigger:
    changes = [record["event"] for record in event["events"]]
    collections = {f"{change['ns']['db']}.{change['ns']['coll']}" for change in changes}
    operations = {"insert": "insert", "update": "edit", "replace": "edit", "delete": "delete"}
    kinds = {operations.get(change["operationType"], "") for change in changes}
    return Trigger("datasource", _documents(collections, kinds))


_SOURCES: dict[str, tuple[str, Callable[[Any], Trigger]]] = {
    "aws:amq": ("pubsub", _activemq),  # of EventBridge Pipes
    "aws:docdb": ("datasource", _documentdb),
    "aws:dynamodb": ("datasource", _dynamodb),
    "aws:kafka": ("pubsub", _kafka),
    "aws:kinesis": ("pubsub", _kinesis),
    "aws:mq": ("pubsub", _activemq),
    "aws:rmq": ("pubsub", _rabbitmq),
    "aws:s3": ("datasource", _s3),
    "aws:sns": ("pubsub", _sns),
    "aws:sqs": ("pubsub", _sqs),
    "selfmanagedkafka": ("pubsub", _kafka),
}


def _s3_operation(name: str) -> str:
    if name.startswith(("ObjectCreated", "s3:ObjectCreated")):
        return "insert"
    return "delete" if "Remove" in name or "Delete" in name else "edit"


def _documents(collections: set[str], kinds: set[str], time: Any = None) -> dict[str, Any]:
    """Return the attributes of a change of data, as far as all of the records have them."""
    attributes: dict[str, Any] = {}
    if len(collections) == 1:
        (attributes["faas.document.collection"],) = collections
    if len(kinds) == 1 and "" not in kinds:
        (attributes["faas.document.operation"],) = kinds
    if time is not None:
        attributes["faas.document.time"] = str(time)
    return attributes


def _processed(
    system: str,
    destinations: set[str],
    records: list[dict[str, Any]],
    read: Callable[[dict[str, Any]], Message],
) -> Trigger:
    attributes: dict[str, Any] = {
        "messaging.system": system,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
    }
    name = None
    destinations.discard("")
    if len(destinations) == 1:
        (destination,) = destinations
        name = f"process {destination}"
        if system != "aws_eventbridge":  # whose events do not name their bus
            attributes["messaging.destination.name"] = destination
    elif destinations:
        name = "multiple_sources process"
    messages: Iterable[Message] = _messages(records, read)
    if len(records) > 1:
        attributes["messaging.batch.message_count"] = len(records)
    else:
        messages = tuple(messages)
        if messages and messages[0].id is not None:
            attributes["messaging.message.id"] = str(messages[0].id)
    return Trigger("pubsub", attributes, name=name, messages=messages)


def _messages(
    records: list[dict[str, Any]], read: Callable[[dict[str, Any]], Message]
) -> Iterator[Message]:
    """Read messages one by one: a batch may have 10,000, and a span has links to a few of them."""
    for record in records:
        try:
            message = read(record)
        except Exception:  # noqa: BLE001, S112 (made by hand, as in tests)
            continue
        yield message


def _text(fields: dict[str, Any], name: str) -> str:
    """Return a field, or nothing where an event that was made by hand does not have it."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _object(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
