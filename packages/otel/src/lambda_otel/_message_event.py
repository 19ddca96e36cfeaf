"""Messages and records: queues, topics, streams, event buses, brokers, buckets and tables."""

from __future__ import annotations

from ._carrier import from_attributes, from_bytes, from_kafka, from_text, strings
from ._trigger import Message, Trigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
    source = first.get("eventSource") or first.get("EventSource")
    known = _SOURCES.get(str(source).strip().lower())
    if known is None:
        return None
    kind, read = known
    try:
        return read(records)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return Trigger(kind, messages=() if kind == "pubsub" else None)  # made by hand, as in tests


def of_event_bus(event: dict[str, Any]) -> Trigger:
    """Return the trigger of an event of EventBridge, or of a schedule.

    Args:
        event: The event.
    """
    kind = event["detail-type"]
    if kind in {"Scheduled Event", "Scheduled event"}:
        return Trigger("timer", {"faas.time": str(event.get("time", ""))})
    detail = event.get("detail")
    carrier = strings(detail) if isinstance(detail, dict) else {}
    return _processed("aws_eventbridge", [str(kind)], [Message(carrier, event.get("id"))])


def of_broker(event: dict[str, Any]) -> Trigger | None:
    """Return the trigger of an event of Kafka, ActiveMQ, RabbitMQ or DocumentDB.

    Args:
        event: The event, which has its messages by topic or queue.
    """
    source = str(event["eventSource"]).lower()
    if source in {"aws:kafka", "selfmanagedkafka"}:
        records = [record for batch in event["records"].values() for record in batch]
        messages = [Message(from_kafka(record.get("headers"))) for record in records]
        trigger = _processed("kafka", [record["topic"] for record in records], messages)
        if len(records) == 1:
            trigger.attributes["messaging.kafka.offset"] = records[0]["offset"]
            partition = str(records[0]["partition"])
            trigger.attributes["messaging.destination.partition.id"] = partition
        return trigger
    if source == "aws:mq":
        records = event["messages"]
        queues = [record["destination"]["physicalName"] for record in records]
        messages = [
            Message(strings(record.get("properties") or {}), record.get("messageID"))
            for record in records
        ]
        return _processed("activemq", queues, messages)
    if source == "aws:rmq":
        pairs = [
            (queue.partition("::")[0], record.get("basicProperties") or {})
            for queue, batch in event["rmqMessagesByQueue"].items()
            for record in batch
        ]
        messages = [
            Message(from_bytes(properties.get("headers") or {}), properties.get("messageId"))
            for _, properties in pairs
        ]
        return _processed("rabbitmq", [queue for queue, _ in pairs], messages)
    if source == "aws:docdb":
        changes = [record["event"] for record in event["events"]]
        collections = {f"{change['ns']['db']}.{change['ns']['coll']}" for change in changes}
        operations = {"insert": "insert", "update": "edit", "replace": "edit", "delete": "delete"}
        kinds = {operations.get(change["operationType"], "") for change in changes}
        return Trigger("datasource", _documents(collections, kinds))
    return None


def _sqs(records: list[Any]) -> Trigger:
    queues = [record["eventSourceARN"].rpartition(":")[2] for record in records]
    messages: list[Message] = []
    for record in records:
        carrier = from_attributes(record.get("messageAttributes")) or from_text(record.get("body"))
        header = (record.get("attributes") or {}).get("AWSTraceHeader")
        if header:
            carrier = {**carrier, "x-amzn-trace-id": header}
        messages.append(Message(carrier, record.get("messageId")))
    return _processed("aws_sqs", queues, messages)


def _sns(records: list[Any]) -> Trigger:
    notices = [record["Sns"] for record in records]
    topics = [notice["TopicArn"].rpartition(":")[2] for notice in notices]
    messages = [
        Message(
            from_attributes(notice.get("MessageAttributes")) or from_text(notice.get("Message")),
            notice.get("MessageId"),
        )
        for notice in notices
    ]
    return _processed("aws.sns", topics, messages)


def _kinesis(records: list[Any]) -> Trigger:
    streams = [record["eventSourceARN"].partition("/")[2] for record in records]
    messages = [
        Message(from_text(record["kinesis"]["data"], base64=True), record.get("eventID"))
        for record in records
    ]
    return _processed("aws_kinesis", streams, messages)


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


_SOURCES: dict[str, tuple[str, Callable[[list[Any]], Trigger]]] = {
    "aws:dynamodb": ("datasource", _dynamodb),
    "aws:kinesis": ("pubsub", _kinesis),
    "aws:s3": ("datasource", _s3),
    "aws:sns": ("pubsub", _sns),
    "aws:sqs": ("pubsub", _sqs),
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


def _processed(system: str, destinations: Sequence[str], messages: list[Message]) -> Trigger:
    attributes: dict[str, Any] = {
        "messaging.system": system,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
    }
    name = "multiple_sources process"
    if len(set(destinations)) == 1:
        name = f"process {destinations[0]}"
        if system != "aws_eventbridge":  # whose events do not name their bus
            attributes["messaging.destination.name"] = destinations[0]
    if len(messages) > 1:
        attributes["messaging.batch.message_count"] = len(messages)
    elif messages[0].id is not None:
        attributes["messaging.message.id"] = str(messages[0].id)
    return Trigger("pubsub", attributes, name=name, messages=messages)
