"""Topics of Kafka. There is no broker here: a consumer of the test's own takes aiokafka's place."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiokafka
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError

from .sources import source, watched

if TYPE_CHECKING:
    import pytest


def record(offset: int, value: bytes | None, **fields: Any) -> Any:
    given: dict[str, Any] = {
        "topic": "clicks",
        "partition": 3,
        "offset": offset,
        "timestamp": 1_750_547_105_187,
        "timestamp_type": 0,
        "key": b"123",
        "value": value,
        "checksum": None,
        "serialized_key_size": 3,
        "serialized_value_size": 1,
        "headers": (),
    }
    return ConsumerRecord(**{**given, **fields})


class Consumer:
    """The part of aiokafka's consumer that a poller needs; the broker refuses the first
    connection."""

    made: list[Consumer] = []  # noqa: RUF012
    pages: list[list[Any]] = []  # noqa: RUF012

    def __init__(self, *topics: str, **options: Any) -> None:
        self.topics, self.options = topics, options
        self.commits = 0
        self.stopped = False
        self.made.append(self)

    async def start(self) -> None:
        if len(self.made) == 1:
            raise KafkaConnectionError("no broker")

    async def stop(self) -> None:
        self.stopped = True

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[Any, list[Any]]:
        assert timeout_ms >= 1000
        if not self.pages:
            await asyncio.get_running_loop().create_future()
        page = self.pages.pop(0)
        assert len(page) <= max_records
        return {TopicPartition("clicks", 3): page}

    async def commit(self) -> None:
        self.commits += 1


def test_a_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiokafka, "AIOKafkaConsumer", Consumer)
    monkeypatch.setattr("lambda_emulator._sources.kafka._PAUSE_SECONDS", 0.01)
    headers = (("trace", b"\x01\xff"), ("trace", b""))
    Consumer.made = []
    Consumer.pages = [
        [record(7, b"hi", headers=headers, timestamp_type=1), record(8, None, key=None)],
        [record(9, b'{"kind": "x"}'), record(10, b'{"kind": "y"}')],
    ]
    filters = (json.dumps({"value": {"kind": ["x"]}}), json.dumps({"value": ["hi", None]}))

    async def scenario() -> None:
        described = source(
            "kafka",
            "clicks",
            topics=("clicks",),
            brokers=("one:9092", "two:9092"),
            filters=filters,
            batch_size=2,
            starting_position="LATEST",
        )
        async with watched(described) as emulator:
            assert await emulator.event() == {
                "eventSource": "SelfManagedKafka",
                "bootstrapServers": "one:9092,two:9092",
                "records": {
                    "clicks-3": [
                        {
                            "topic": "clicks",
                            "partition": 3,
                            "offset": 7,
                            "timestamp": 1_750_547_105_187,
                            "timestampType": "LOG_APPEND_TIME",
                            "key": "MTIz",
                            "value": "aGk=",
                            "headers": [{"trace": [1, -1]}, {"trace": []}],
                        },
                        {
                            "topic": "clicks",
                            "partition": 3,
                            "offset": 8,
                            "timestamp": 1_750_547_105_187,
                            "timestampType": "CREATE_TIME",
                            "headers": [],
                        },
                    ]
                },
            }
            [found] = (await emulator.event())["records"]["clicks-3"]
            assert found["offset"] == 9
            first, consumer = Consumer.made
            await emulator.until(lambda: consumer.commits == 2)
            status = emulator.server.sources.mappings[0].status
            assert (status.received, status.filtered) == (4, 1)
            assert emulator.messages == [
                "The topic clicks cannot be reached: KafkaConnectionError: no broker"
            ]
        assert first.stopped
        assert consumer.stopped
        assert consumer.topics == ("clicks",)
        assert consumer.options["bootstrap_servers"] == "one:9092,two:9092"
        assert consumer.options["auto_offset_reset"] == "latest"

    asyncio.run(scenario())


def test_records_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiokafka, "AIOKafkaConsumer", Consumer)
    Consumer.made = [Consumer()]
    Consumer.pages = [[record(1, b"a"), record(2, b"bad"), record(3, b"c")]]

    async def scenario() -> None:
        described = source("kafka", "clicks", partial_failures=True, max_retries=1)
        async with watched(described) as emulator:
            offsets = [
                [each["offset"] for each in (await emulator.event())["records"]["clicks-3"]]
                for _ in range(2)
            ]
            assert offsets == [[1, 2, 3], [2, 3]]
            status = emulator.server.sources.mappings[0].status
            await emulator.until(lambda: status.discarded == 2)

    asyncio.run(scenario())
