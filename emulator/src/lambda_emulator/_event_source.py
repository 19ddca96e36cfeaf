"""Event sources: queues that are polled for a function, as Lambda's event source mappings do.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal
from urllib.parse import urlsplit

from ._blocking import in_thread
from ._invocation import EmulatedInvocation
from ._service import FunctionService, Throttled
from ._similar import did_you_mean, similar

_BATCH = 10
_WAIT_SECONDS = 20  # for the first message, at the queue
_PAUSE_SECONDS = 1.0  # after a failure to reach the queue


@dataclass
class SourceStatus:
    """The state of a polled queue.

    Attributes:
        function: The name of the function that gets its messages.
        url: The queue's URL.
        state: What is being done.
        received: How many messages have come.
        returned: How many of them went back to the queue, because the function has failed.
        error: Why the queue cannot be reached; empty if it can.
    """

    function: str
    url: str
    state: Literal["polling", "invoking", "unreachable"] = "polling"
    received: int = 0
    returned: int = 0
    error: str = ""


class SourceError(ValueError):
    """An event source cannot be used; the message says why."""


def parse_source(text: str, functions: Sequence[str]) -> tuple[str, str]:
    """Parse an event source, and the function that it is for.

    Args:
        text: ``[NAME:]sqs=URL``, with the URL of a queue.
        functions: The names of the functions; the first is meant where none is named.

    Returns:
        The function's name, and the URL.

    Raises:
        SourceError: The text does not name one.
    """
    before, _, url = text.partition("=")
    name, _, kind = before.rpartition(":")
    parts = urlsplit(url)
    if kind != "sqs" or parts.scheme not in {"http", "https"} or not parts.path.strip("/"):
        raise SourceError(f"{text!r} is not an event source: use sqs=URL-OF-A-QUEUE.")
    if find_spec("boto3") is None:
        raise SourceError("Event sources need boto3: pip install 'lambda-emulator[aws]'.")
    name = name or functions[0]
    if name not in functions:
        meant = did_you_mean(similar(name, functions))
        hint = f": {meant}" if meant else "."
        raise SourceError(f"There is no function {name!r} for the event source {text!r}{hint}")
    return name, url


async def poll_source(
    url: str,
    service: FunctionService,
    say: Callable[[str], object],
    status: SourceStatus | None = None,
) -> None:
    """Poll a queue for ever, and invoke a function with its messages.

    The queue is reached with the user's credentials, at the endpoint that ``AWS_ENDPOINT_URL_SQS``
    or ``AWS_ENDPOINT_URL`` names, if one does. Messages that the function has done with are
    deleted: all, or with ``batchItemFailures`` in its answer, all but those.

    Args:
        url: The URL of a queue of SQS.
        service: The function.
        say: Called with a message when the queue cannot be reached.
        status: Is kept up to date, for who wants to see it.
    """
    import boto3
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
    )

    status = status or SourceStatus(service.function.name, url)
    sqs: Any = boto3.client("sqs", region_name=service.function.region)
    while True:
        try:
            received = await in_thread(
                sqs.receive_message,
                QueueUrl=url,
                MaxNumberOfMessages=_BATCH,
                WaitTimeSeconds=_WAIT_SECONDS,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            status.state, status.error = "polling", ""
            messages: list[dict[str, Any]] = received.get("Messages") or []
            if not messages:
                continue
            status.state, status.received = "invoking", status.received + len(messages)
            done = await _run(service, url, messages)
            status.state, status.returned = "polling", status.returned + len(messages) - len(done)
            if done:
                entries = [
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(done)
                ]
                await in_thread(sqs.delete_message_batch, QueueUrl=url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            status.state, status.error = "unreachable", str(error)
            say(f"The queue {url} cannot be reached: {error}")
            await asyncio.sleep(_PAUSE_SECONDS)


async def _run(
    service: FunctionService, url: str, messages: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Invoke the function with a batch; return the messages that it has done with."""
    arn = queue_arn(url, service.function.region)
    records = [to_record(message, arn, service.function.region) for message in messages]
    event = json.dumps({"Records": records}).encode()
    while True:
        await service.wait_for_room()
        try:
            invocation = service.invoke(event, kind="Event")
        except Throttled:  # another was faster
            continue
        await invocation
        return succeeded(messages, invocation)


def queue_arn(url: str, region: str) -> str:
    """Return the ARN of a queue.

    Args:
        url: Its URL, which ends in an account and a name.
        region: Its region.
    """
    account, _, name = urlsplit(url).path.strip("/").rpartition("/")
    return f"arn:aws:sqs:{region}:{account or '000000000000'}:{name}"


def to_record(message: dict[str, Any], arn: str, region: str) -> dict[str, Any]:
    """Return a message as an event has it.

    Args:
        message: As SQS returns it.
        arn: The queue's ARN.
        region: The queue's region.
    """
    attributes = {
        name: {key[:1].lower() + key[1:]: _text(value) for key, value in attribute.items()}
        for name, attribute in message.get("MessageAttributes", {}).items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message.get("Body", ""),
        "attributes": message.get("Attributes", {}),
        "messageAttributes": attributes,
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    }


def succeeded(
    messages: list[dict[str, Any]], invocation: EmulatedInvocation
) -> list[dict[str, Any]]:
    """Return the messages that a function has done with, by its response.

    Args:
        messages: The batch.
        invocation: One that is done. Item failures that name no message, or one that was not
            in the batch, fail all of it.
    """
    if invocation.is_error:
        return []
    try:
        response = json.loads(invocation.payload)
        failures = response.get("batchItemFailures") or [] if isinstance(response, dict) else []
        failed = {failure["itemIdentifier"] for failure in failures}
    except (ValueError, LookupError, TypeError):
        return []
    if not failed <= {message["MessageId"] for message in messages}:
        return []
    return [message for message in messages if message["MessageId"] not in failed]


def _text(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
