"""Destinations: deliver the records of asynchronous invocations, and dead letters.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

_ARN = r"arn:[a-z-]+:(?P<service>[a-z0-9]+):(?P<region>[a-z0-9-]*):(?P<rest>.+)"
_MAX_ERROR_MESSAGE = 1024  # bytes


class Destination(NamedTuple):
    """A place for records; made by `parse_destination`.

    Attributes:
        service: ``file``, ``function``, or AWS's name of a service, such as ``sqs``.
        target: The path, the function's name, or the ARN.
        region: The region of an ARN; may be empty.
    """

    service: str
    target: str
    region: str = ""


def parse_destination(text: str) -> Destination:
    """Parse a destination of records.

    Args:
        text: A file, ``function:NAME``, or the ARN of a function, a queue of SQS, a topic of SNS,
            an event bus or a bucket of S3.

    Raises:
        ValueError: It is none of these, or is FIFO, or boto3 is missing for it.
    """
    if text.startswith("function:"):
        return Destination("function", text.removeprefix("function:"))
    if not text.startswith("arn:"):
        return Destination("file", text)
    match = re.fullmatch(_ARN, text)
    if match is None or match["service"] not in {"lambda", *_SENDERS}:
        raise ValueError(
            f"{text!r} is not a destination: use a file, function:NAME, or the ARN of a function,"
            " a queue, a topic, an event bus or a bucket."
        )
    if match["service"] == "lambda":
        name = match["rest"].partition(":function:")[2].partition(":")[0]
        return Destination("function", name)
    _refuse_fifo(text)
    _require_boto3(text)
    return Destination(match["service"], text, match["region"])


def parse_dead_letter_queue(text: str) -> Destination:
    """Parse a dead-letter queue.

    Args:
        text: The ARN of a queue of SQS or of a topic of SNS.

    Raises:
        ValueError: It is neither, or is FIFO, or boto3 is missing for it.
    """
    match = re.fullmatch(_ARN, text)
    if match is None or match["service"] not in {"sqs", "sns"}:
        raise ValueError(f"{text!r} is not a dead-letter queue: use the ARN of a queue or a topic.")
    _refuse_fifo(text)
    _require_boto3(text)
    return Destination(match["service"], text, match["region"])


def send_record(
    destination: Destination, record: Mapping[str, Any], *, folder: str | None = None
) -> None:
    """Send a record of an invocation that has ended, or of a batch that is given up; this blocks.

    Services are reached with the user's credentials, at the endpoint that ``AWS_ENDPOINT_URL``
    names, if it does.

    Args:
        destination: A file, or a service.
        record: The record.
        folder: The folder of a bucket that it goes to; None for that of asynchronous invocations.

    Raises:
        Exception: The destination did not take it.
    """
    if destination.service == "file":
        with Path(destination.target).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(record)}\n")
        return
    _SENDERS[destination.service](destination, record, folder)


def send_event(
    destination: Destination, event: bytes, request_id: str, status: int, error: str
) -> None:
    """Send an event that is given up to a dead-letter queue; this blocks.

    Args:
        destination: The queue or topic.
        event: The event, as JSON.
        request_id: The id of its invocation.
        status: The status of the last attempt.
        error: The message of its error.

    Raises:
        Exception: The destination did not take it.
    """
    message = "".join(filter(_is_text, error)).encode()[:_MAX_ERROR_MESSAGE]
    attributes: dict[str, str | int] = {
        "RequestID": request_id,
        "ErrorCode": status,
        "ErrorMessage": message.decode(errors="ignore") or "Unknown",
    }
    send_dead_letter(destination, event.decode(), attributes)


def send_dead_letter(
    destination: Destination, body: str, attributes: Mapping[str, str | int]
) -> None:
    """Send a message to a dead-letter queue; this blocks.

    Args:
        destination: The queue or topic.
        body: The message.
        attributes: The attributes.

    Raises:
        Exception: The destination did not take it.
    """
    typed = {
        name: {
            "DataType": "Number" if isinstance(value, int) else "String",
            "StringValue": str(value),
        }
        for name, value in attributes.items()
    }
    send = _send_to_queue if destination.service == "sqs" else _send_to_topic
    send(destination, body, MessageAttributes=typed)


def _is_text(character: str) -> bool:
    """Return whether an attribute of a message can hold a character."""
    return character in "\t\n\r" or (
        character >= " "
        and not "\ud800" <= character <= "\udfff"
        and character not in "\ufffe\uffff"
    )


def _send_to_queue(destination: Destination, body: str, **options: Any) -> None:
    account, _, name = destination.target.rpartition(":")
    sqs = _client(destination)
    url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account.rpartition(":")[2])
    sqs.send_message(QueueUrl=url["QueueUrl"], MessageBody=body, **options)


def _send_to_topic(destination: Destination, message: str, **options: Any) -> None:
    _client(destination).publish(TopicArn=destination.target, Message=message, **options)


def _send_to_bus(destination: Destination, record: Mapping[str, Any], _: str | None) -> None:
    result = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
    entry = {
        "EventBusName": destination.target,
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {result}",
        "Detail": json.dumps(record),
        "Resources": [destination.target, record["requestContext"]["functionArn"]],
    }
    answer = _client(destination).put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(answer["Entries"][0].get("ErrorMessage", "the event was not taken"))


def _send_to_bucket(
    destination: Destination, record: Mapping[str, Any], folder: str | None
) -> None:
    name = record["requestContext"]["functionArn"].split(":")[6]
    folder = folder or f"aws/lambda/async/{name}"
    key = f"{folder}/{datetime.now(UTC):%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
    bucket = destination.target.rpartition(":")[2]
    _client(destination).put_object(Bucket=bucket, Key=key, Body=json.dumps(record).encode())


def _client(destination: Destination) -> Any:
    import boto3

    return boto3.client(destination.service, region_name=destination.region or None)


def _refuse_fifo(arn: str) -> None:
    if arn.endswith(".fifo"):
        raise ValueError(f"{arn!r} is FIFO, and Lambda sends only to standard queues and topics.")


def _require_boto3(text: str) -> None:
    if find_spec("boto3") is None:
        raise ValueError(f"{text} needs boto3: `pip install lambda-emulator[aws]`.")


_SENDERS: Mapping[str, Callable[[Destination, Mapping[str, Any], str | None], None]] = {
    "sqs": lambda destination, record, _: _send_to_queue(destination, json.dumps(record)),
    "sns": lambda destination, record, _: _send_to_topic(destination, json.dumps(record)),
    "events": _send_to_bus,
    "s3": _send_to_bucket,
}
