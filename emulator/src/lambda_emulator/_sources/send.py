"""Events that a developer sends: to a queue, a stream, a bus, a schedule, or in S3's name.

``lambda-emulator send`` and the console both ask for it with a URL: ``sqs://orders``,
``kinesis://clicks``, ``events://default``, ``schedule://nightly``, ``s3://bucket/key``,
``sns://topic``, ``logs://group``, ``iot://topic``.
"""

import hashlib
import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote

from lambda_emulator._invocation import MissingTenant, Throttled
from lambda_emulator._project.description import Place, Trigger
from lambda_emulator._similar import did_you_mean, similar

from . import kinesis, sqs
from .clients import ServiceError
from .hub import EventSources, Sent, summarize
from .messages import logs_event, sns_event
from .put_events import to_event
from .s3 import make_notification
from .target import Message, to_function
from .topic_rule import read_message
from .topics import make_message
from .triggers import ActiveTrigger

_COMMAND_LINE = Place(path=Path("command line"))


class SendError(Exception):
    """Something cannot be sent; the message says why."""


class Sending(NamedTuple):
    """An event to be sent.

    Attributes:
        target: The URL of where it goes.
        data: The body of a message, the data of a record, or an event, as JSON.
        to: The name of a function that gets it in any case, or None.
        event_name: For S3: what was done to the object.
        key: The message group of a FIFO queue or topic, or the partition key of a stream, or None.
        attributes: The attributes of a message, by name: texts, numbers or lists.
    """

    target: str
    data: str = ""
    to: str | None = None
    event_name: str = "ObjectCreated:Put"
    key: str | None = None
    attributes: Mapping[str, Any] = MappingProxyType({})


async def send(sources: EventSources, sending: Sending) -> dict[str, Any]:
    """Send something.

    Args:
        sources: The event sources.
        sending: The event to send.

    Returns:
        The result: the invocations, or the id of a message.

    Raises:
        SendError: It cannot be sent.
    """
    if sending.to is not None and sending.to not in sources.functions:
        raise SendError(_unknown("function", sending.to, list(sources.functions)))
    try:
        return await _send(sources, sending)
    except ServiceError as error:
        raise SendError(str(error)) from None


async def _send(sources: EventSources, sending: Sending) -> dict[str, Any]:
    scheme, _, rest = sending.target.partition("://")
    name = unquote(rest) or "default"
    match scheme:
        case "sqs":
            return await _send_message(sources, name, sending)
        case "kinesis":
            return await _send_record(sources, name, sending)
        case "events":
            return await _send_event(sources, name, sending)
        case "schedule":
            return await _fire(sources, name, sending)
        case "s3":
            bucket, _, key = rest.partition("/")
            return await _notify(sources, bucket, key, sending)
        case "sns":
            return await _publish(sources, name, sending)
        case "logs":
            return await _send_lines(sources, name, sending)
        case "iot":
            return await _publish_to_rules(sources, name, sending)
        case _:
            raise SendError(
                f"{sending.target!r} is not a place to send to: use sqs://QUEUE, kinesis://STREAM,"
                " events://BUS, schedule://NAME, s3://BUCKET/KEY, sns://TOPIC, logs://GROUP or"
                " iot://TOPIC."
            )


async def _publish(sources: EventSources, topic: str, sending: Sending) -> dict[str, Any]:
    message = make_message(topic, sending.data, sending.attributes, sending.key)
    if sending.to is not None:
        event = sns_event(message, sources.account, sources.region)
        return _put(sources, sending.to, json.dumps(event).encode())
    _check_known(sources, "sns", "topic", topic)
    return _summary(await sources.publish(message, to_services=True))


async def _send_lines(sources: EventSources, group: str, sending: Sending) -> dict[str, Any]:
    payload = json.dumps(logs_event(group, sending.data, sources.account)).encode()
    if sending.to is not None:
        return _put(sources, sending.to, payload)
    _check_known(sources, "logs", "log group", group)
    takers = [
        each
        for each in sources.triggers
        if each.trigger.kind == "logs" and each.trigger.name == group
    ]
    return _summary(
        [Sent(each.trigger.target, await each.send(Message(payload))) for each in takers]
    )


async def _publish_to_rules(sources: EventSources, topic: str, sending: Sending) -> dict[str, Any]:
    if sending.to is not None:
        payload = read_message(topic, sending.data).payload
        return _put(sources, sending.to, json.dumps(payload).encode())
    if "/" not in topic and not any(each.trigger.sql for each in sources.triggers):
        _check_known(sources, "iot", "rule", topic)
    return _summary(await sources.publish_to_rules(topic, sending.data))


def _check_known(sources: EventSources, kind: str, noun: str, name: str) -> None:
    known = [each.trigger.name for each in sources.triggers if each.trigger.kind == kind]
    if name not in known:
        raise SendError(_unknown(noun, name, known))


async def _send_message(sources: EventSources, name: str, sending: Sending) -> dict[str, Any]:
    region = sources.region
    attributes = {name: _attribute(value) for name, value in sending.attributes.items()}
    if sending.to is not None:
        now = str(int(time.time() * 1000))
        message = {
            "MessageId": str(uuid.uuid4()),
            "ReceiptHandle": "sent-by-lambda-emulator",
            "Body": sending.data,
            "MD5OfBody": hashlib.md5(sending.data.encode()).hexdigest(),  # noqa: S324
            "MessageAttributes": attributes,
            "Attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": now,
                "SenderId": "AIDAEXAMPLE",
                "ApproximateFirstReceiveTimestamp": now,
            },
        }
        arn = f"arn:aws:sqs:{region}:{sources.account}:{name}"
        return _invoke(sources, sending.to, [sqs.to_record(message, arn, region).event])
    sent = Message(sending.data.encode(), attributes, sending.key)
    return {"message_id": await sources.sender.send(name, sent)}


def _attribute(value: Any) -> dict[str, str]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    text = value if isinstance(value, str) else json.dumps(value)
    return {"DataType": "Number" if is_number else "String", "StringValue": text}


async def _send_record(sources: EventSources, name: str, sending: Sending) -> dict[str, Any]:
    key = sending.key or str(uuid.uuid4())
    if sending.to is not None:
        record = {
            "PartitionKey": key,
            "SequenceNumber": f"{time.time_ns():056}",
            "Data": sending.data.encode(),
            "ApproximateArrivalTimestamp": datetime.now(UTC),
        }
        arn = f"arn:aws:kinesis:{sources.region}:{sources.account}:stream/{name}"
        shard = "shardId-000000000000"
        made = kinesis.to_record(record, shard, arn, sources.region)
        return _invoke(sources, sending.to, [made.event])
    client = await sources.clients.get("kinesis", sources.region)
    data = sending.data.encode()
    answer = await sources.clients.call(
        client.put_record, StreamName=name, Data=data, PartitionKey=key
    )
    return {"message_id": answer["SequenceNumber"]}


async def _send_event(sources: EventSources, bus: str, sending: Sending) -> dict[str, Any]:
    try:
        given = json.loads(sending.data)
    except ValueError as error:
        raise SendError(f"The event is not JSON: {error}") from None
    if not isinstance(given, dict) or not isinstance(given.get("source"), str):
        raise SendError('An event is an object with a "source", a "detail-type" and a "detail".')
    entry = {"Source": "", "DetailType": "", "Detail": "{}"}
    event = {**to_event(entry, sources.account, sources.region), **given}
    if sending.to is not None:
        return _put(sources, sending.to, json.dumps(event).encode())
    return _summary(await sources.put_event(event, bus))


async def _fire(sources: EventSources, name: str, sending: Sending) -> dict[str, Any]:
    schedules = {
        each.trigger.name: each for each in sources.triggers if each.trigger.kind == "schedule"
    }
    if sending.to is not None and name not in schedules:
        described = Trigger(
            kind="schedule",
            name=name,
            function=sending.to,
            place=_COMMAND_LINE,
            expression="rate(1 day)",
        )
        put = to_function(sources.queues[sending.to])
        schedule = ActiveTrigger(described, put, sources.account, sources.region)
    elif name in schedules:
        schedule = schedules[name]
    else:
        raise SendError(_unknown("schedule", name, list(schedules)))
    if sending.to is not None:
        return _put(sources, sending.to, schedule.scheduled_input(datetime.now(UTC)))
    trigger = schedule.trigger
    return _summary([Sent(trigger.target, await schedule.fire(), trigger.target_kind)])


async def _notify(sources: EventSources, bucket: str, key: str, sending: Sending) -> dict[str, Any]:
    if not bucket or not key:
        raise SendError(f"{sending.target!r} must name a bucket and a key: s3://BUCKET/KEY.")
    name = sending.event_name.removeprefix("s3:")
    notification = make_notification(bucket, key, name, sources.region)
    if sending.to is not None:
        return _put(sources, sending.to, json.dumps(notification).encode())
    return _summary(await sources.notify(notification["Records"][0], to_services=True))


def _invoke(sources: EventSources, name: str, records: list[Mapping[str, Any]]) -> dict[str, Any]:
    return _put(sources, name, json.dumps({"Records": records}).encode())


def _put(sources: EventSources, name: str, payload: bytes) -> dict[str, Any]:
    try:
        return summarize([Sent(name, sources.queues[name].put(payload))])
    except Throttled:
        raise SendError(f"Too many events wait for {name}.") from None
    except MissingTenant:
        raise SendError(f"{name} isolates tenants, and only the Invoke API names one.") from None


def _summary(sent: list[Sent]) -> dict[str, Any]:
    """Return what was sent, for JSON; raise if some of it is lost."""
    if lost := [each.target for each in sent if not each.id]:
        raise SendError(f"It did not reach {', '.join(lost)}: the emulator's log says why.")
    return summarize(sent)


def _unknown(noun: str, name: str, known: list[str]) -> str:
    hint = did_you_mean(similar(name, known)) or f"there is {', '.join(known) or 'none'}."
    return f"There is no {noun} {name!r}: {hint}"
