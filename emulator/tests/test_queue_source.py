"""Queues that are polled for a function: SQS as moto plays it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from .sources import source, watched

if TYPE_CHECKING:
    from collections.abc import Callable

    Service = Callable[[str], Any]


def make_queue(sqs: Any, name: str, **attributes: str) -> str:
    if name.endswith(".fifo"):
        attributes |= {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def fill(sqs: Any, url: str, *bodies: str, **options: Any) -> None:
    entries = [{"Id": str(n), "MessageBody": body, **options} for n, body in enumerate(bodies)]
    assert not sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")


def left(sqs: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def test_an_event_has_the_message(service: Service) -> None:
    sqs = service("sqs")
    url = make_queue(sqs, "form")
    attributes = {
        "color": {"DataType": "String", "StringValue": "red"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sqs.send_message(QueueUrl=url, MessageBody="hi", MessageAttributes=attributes)

    async def scenario() -> None:
        async with watched(source("sqs", url)) as emulator:
            event = await emulator.event()
            await emulator.until(lambda: left(sqs, url) == 0)
            [status] = emulator.server.sources.describe()["sources"]
        [record] = event["Records"]
        assert record["body"] == "hi"
        assert record["eventSource"] == "aws:sqs"
        assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:form"
        assert record["attributes"]["ApproximateReceiveCount"] == "1"
        lists: dict[str, list[str]] = {"stringListValues": [], "binaryListValues": []}
        assert record["messageAttributes"] == {
            "color": {"stringValue": "red", "dataType": "String", **lists},
            "raw": {"binaryValue": "AP8=", "dataType": "Binary", **lists},
        }
        assert (status["received"], status["returned"]) == (1, 0)
        [batch] = status["batches"]
        assert (batch["records"], batch["failed"]) == (1, 0)
        assert batch["request_id"]

    asyncio.run(scenario())


ITEM_FAILURES = {"partial_failures": True}
# The bodies of a batch, the options of the source, and how many messages are not deleted.
OUTCOMES: list[tuple[list[str], dict[str, Any], int]] = [
    (["a", "b"], {}, 0),
    (["a", "raise"], ITEM_FAILURES, 2),
    (["a", "bad", "c"], ITEM_FAILURES, 1),
    (["a", "bad", "c"], {}, 0),  # nobody has asked for item failures
    (['answer:{"batchItemFailures": null}'], ITEM_FAILURES, 0),
    (['answer:{"batchItemFailures": []}'], ITEM_FAILURES, 0),
    (["answer:null"], ITEM_FAILURES, 0),
    (['answer:{"batchItemFailures": [{"itemIdentifier": ""}]}'], ITEM_FAILURES, 1),
    (['answer:{"batchItemFailures": [{"itemIdentifier": null}]}'], ITEM_FAILURES, 1),
    (['answer:{"batchItemFailures": [{"itemIdentifier": "x"}]}'], ITEM_FAILURES, 1),
    (['answer:{"batchItemFailures": [{"itemIdentifier": []}]}'], ITEM_FAILURES, 1),
    (['answer:{"batchItemFailures": [{"id": "x"}]}', "b"], ITEM_FAILURES, 2),
    (['answer:{"batchItemFailures": "x"}'], ITEM_FAILURES, 1),
    (["bad"], {**ITEM_FAILURES, "batch_size": 1}, 1),
]


def test_what_is_done_is_deleted(service: Service) -> None:
    sqs = service("sqs")
    urls = [make_queue(sqs, f"done-{n}", VisibilityTimeout="600") for n in range(len(OUTCOMES))]
    for url, (bodies, _, _) in zip(urls, OUTCOMES, strict=True):
        fill(sqs, url, *bodies)

    async def scenario() -> None:
        described = [
            source("sqs", url, **options)
            for url, (_, options, _) in zip(urls, OUTCOMES, strict=True)
        ]
        async with watched(*described) as emulator:
            for number, (bodies, _, kept) in enumerate(OUTCOMES):
                assert await emulator.texts(len(bodies), f":done-{number}") == bodies
                await emulator.until(lambda: left(sqs, urls[number]) == kept)  # noqa: B023
                mapping = emulator.server.sources.mappings[number]
                await emulator.until(lambda: mapping.status.batches)  # noqa: B023
                assert mapping.status.returned == kept

    asyncio.run(scenario())


def test_messages_that_no_filter_lets_through_are_deleted(service: Service) -> None:
    sqs = service("sqs")
    url = make_queue(sqs, "filtered")
    fill(sqs, url, '{"kind": "x"}', '{"kind": "y"}', "plain", "5", '{"other": 1}', '[{"kind":"x"}]')
    filters = (json.dumps({"body": {"kind": ["x"]}}), json.dumps({"body": ["plain"]}))

    async def scenario() -> None:
        arn = "arn:aws:sqs:us-east-1:123456789012:filtered"
        async with watched(source("sqs", arn, filters=filters)) as emulator:
            found = await emulator.texts(3)
            assert sorted(found) == ['[{"kind":"x"}]', "plain", '{"kind": "x"}']
            await emulator.until(lambda: left(sqs, url) == 0)
            status = emulator.server.sources.mappings[0].status
            assert (status.received, status.filtered) == (6, 3)

    asyncio.run(scenario())


def test_a_window_gathers_messages(service: Service) -> None:
    sqs = service("sqs")
    url = make_queue(sqs, "gathered")
    fill(sqs, url, *(str(n) for n in range(10)))
    fill(sqs, url, *(str(n) for n in range(10, 15)))

    async def scenario() -> None:
        async with watched(source("sqs", url, batch_size=15, window=20)) as emulator:
            event = await emulator.event()
            assert sorted(int(each["body"]) for each in event["Records"]) == [*range(15)]

    asyncio.run(scenario())


def test_a_fifo_queue_keeps_the_order_of_groups(service: Service) -> None:
    sqs = service("sqs")
    url = make_queue(sqs, "ordered.fifo")
    for number in range(6):
        fill(sqs, url, f"{number}", MessageGroupId="a" if number % 2 else "b")

    async def scenario() -> None:
        described = source("sqs", url, batch_size=2, max_concurrency=2, partial_failures=True)
        async with watched(described) as emulator:
            found = await emulator.texts(6)
            await emulator.until(lambda: left(sqs, url) == 0)
        assert [each for each in found if int(each) % 2] == ["1", "3", "5"]
        assert [each for each in found if not int(each) % 2] == ["0", "2", "4"]

    asyncio.run(scenario())


def test_a_queue_that_does_not_exist_yet(service: Service) -> None:
    sqs = service("sqs")
    arn = "arn:aws:sqs:us-east-1:123456789012:late"

    async def scenario() -> None:
        async with watched(source("sqs", arn)) as emulator:
            await emulator.until(lambda: emulator.messages)
            status = emulator.server.sources.mappings[0].status
            assert status.state == "unreachable"
            url = make_queue(sqs, "late")
            fill(sqs, url, "at last")
            assert await emulator.texts(1) == ["at last"]
            assert status.error == ""
        [message] = emulator.messages
        assert message.startswith(f"The queue {arn} cannot be reached: ")

    asyncio.run(scenario())


def test_what_cannot_be_polled_is_left_out() -> None:
    wrong = source("sqs", "http://localhost/1/a", filters=("{",))
    disabled = source("sqs", "http://localhost/1/b", enabled=False)

    async def scenario() -> None:
        async with watched(wrong, disabled) as emulator:
            assert emulator.server.sources.mappings == []
            [message] = emulator.messages
            assert "is left out: The event pattern is not JSON" in message

    asyncio.run(scenario())
