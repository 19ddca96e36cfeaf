"""Batches: which records are processed, in which order, and which come again."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import traceback
import warnings
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from lambda_events import (
    DynamoDBEvent,
    EventDecodeError,
    KafkaEvent,
    KafkaRecord,
    KinesisEvent,
    KinesisTimeWindowEvent,
    S3Event,
    SQSEvent,
    SQSRecord,
    TimeWindowResponse,
    process_batch,
    process_batch_async,
    structure,
    unstructure,
)


@attrs.define
class Order:
    number: int


class Broken(Exception):
    """The exception that handlers here raise."""


def handler_of(bad: set[str], seen: list[str]) -> Any:
    """Make a handler that fails for some texts, and notes all."""

    def handle(record: Any) -> None:
        text = getattr(record, "body", None) or record.payload
        seen.append(text)
        if text in bad:
            raise Broken(text)

    return handle


def failures(response: Any) -> list[Any]:
    return [item["itemIdentifier"] for item in unstructure(response)["batchItemFailures"]]


def fifo(*messages: tuple[str, str]) -> SQSEvent[str]:
    """Build messages of a FIFO queue from pairs of group and body."""
    records = []
    for group, body in messages:
        record = SQSEvent.build([body], message_group_id=group).records[0]
        record.message_id = f"{group}:{body}"
        records.append(unstructure(record))
    return structure({"Records": records}, SQSEvent[str])


def kinesis(*records: tuple[str, str]) -> KinesisEvent[str]:
    """Build records of a shard from pairs of partition key and data."""
    made = []
    for place, (key, data) in enumerate(records):
        record = KinesisEvent.build([data], partition_key=key).records[0]
        record.kinesis.sequence_number = f"number-{place}"
        made.append(unstructure(record))
    return structure({"Records": made}, KinesisEvent[str])


def kafka(**partitions: list[str]) -> KafkaEvent[Any, str]:
    """Build records of the partitions of topics: ``t_0=["a", "b"]``."""
    records = {}
    for name, values in partitions.items():
        topic, _, number = name.partition("_")
        event = KafkaEvent.build(values, topic=topic, partition=int(number))
        records.update(unstructure(event)["records"])
    value = {"eventSource": "aws:kafka", "records": records}
    return structure(value, KafkaEvent[Any, str])


def test_messages_that_fail_come_again_and_no_others(caplog: pytest.LogCaptureFixture) -> None:
    event = SQSEvent.build(["a", "b", "c"])
    seen: list[str] = []
    with caplog.at_level(logging.ERROR, "lambda_events"):
        response = process_batch(event, handler_of({"b"}, seen))
    assert seen == ["a", "b", "c"]
    assert failures(response) == [event.records[1].message_id]
    (logged,) = caplog.records
    assert event.records[1].message_id in logged.getMessage()
    assert logged.exc_info is not None
    assert isinstance(logged.exc_info[1], Broken)


async def async_handler(record: Any) -> None:
    _ = record.payload


@pytest.mark.parametrize("is_async", [False, True])
def test_the_record_of_a_wrong_message_shows_the_frames_of_the_function_only(
    caplog: pytest.LogCaptureFixture, is_async: bool
) -> None:
    event = structure(unstructure(SQSEvent.build(['{"number": "x"}'])), SQSEvent[Order])
    with caplog.at_level(logging.ERROR, "lambda_events"):
        if is_async:
            asyncio.run(process_batch_async(event, async_handler))
        else:
            process_batch(event, lambda record: record.payload)
    (logged,) = caplog.records
    assert logged.exc_info is not None
    frames = traceback.extract_tb(logged.exc_info[2])
    assert [frame.filename for frame in frames] == [__file__]
    assert "body.number: expected int, found str ('x')" in str(logged.exc_info[1])


def test_a_batch_that_went_well_says_so() -> None:
    response = process_batch(SQSEvent.build(["a"]), handler_of(set(), []))
    assert unstructure(response) == {"batchItemFailures": []}


def test_a_body_that_is_not_of_its_type_is_one_failed_record() -> None:
    event = structure(
        unstructure(SQSEvent.build(['{"number": 1}', "no JSON", '{"number": "x"}'])),
        SQSEvent[Order],
    )
    orders: list[Order] = []
    errors: list[Exception] = []
    response = process_batch(
        event,
        lambda record: orders.append(record.payload),
        on_failure=lambda _, error: errors.append(error),
    )
    assert orders == [Order(1)]
    assert failures(response) == [record.message_id for record in event.records[1:]]
    assert [type(error) for error in errors] == [EventDecodeError, EventDecodeError]


def test_a_fifo_queue_stops_at_a_groups_first_failure() -> None:
    event = fifo(("x", "1"), ("y", "1"), ("x", "2"), ("y", "2"), ("x", "3"))
    seen: list[str] = []

    def handle(record: SQSRecord[str]) -> None:
        seen.append(record.message_id)
        if record.message_id == "x:2":
            raise Broken

    response = process_batch(event, handle, on_failure=lambda *_: None)
    assert seen == ["x:1", "y:1", "x:2", "y:2"]
    assert failures(response) == ["x:2", "x:3"]


def test_a_group_of_a_standard_queue_has_no_order() -> None:
    event = fifo(("x", "1"), ("x", "2"))
    for record in event.records:
        record.event_source_arn = type(record.event_source_arn)("arn:aws:sqs:eu-west-1:1:fair")
    response = process_batch(event, handler_of({"1"}, []), on_failure=lambda *_: None)
    assert failures(response) == ["x:1"]


def test_a_shard_is_read_again_from_its_first_failure() -> None:
    event = kinesis(("k", "a"), ("k", "b"), ("l", "c"))
    seen: list[str] = []
    response = process_batch(event, handler_of({"b"}, seen), on_failure=lambda *_: None)
    assert seen == ["a", "b"]
    assert failures(response) == ["number-1"]


def test_a_table_is_read_again_from_its_first_failure() -> None:
    records = [
        unstructure(DynamoDBEvent.build(new={"id": number}).records[0]) for number in range(3)
    ]
    for number, record in enumerate(records):
        record["dynamodb"]["SequenceNumber"] = str(number)
    event = structure({"Records": records}, DynamoDBEvent)
    seen: list[Any] = []

    def handle(record: Any) -> None:
        seen.append(record.new_item["id"])
        if record.new_item["id"] == 1:
            raise Broken

    response = process_batch(event, handle, on_failure=lambda *_: None)
    assert seen == [0, 1]
    assert failures(response) == ["1"]


def test_a_partition_of_a_topic_stops_at_its_first_failure() -> None:
    event = kafka(t_0=["a", "b", "c"], t_1=["d"])
    seen: list[str] = []
    response = process_batch(event, handler_of({"b"}, seen), on_failure=lambda *_: None)
    assert seen == ["a", "b", "d"]
    # Records left for the next time are reported too: Lambda counts all others as done.
    assert failures(response) == [
        {"partition": "t-0", "offset": 16},
        {"partition": "t-0", "offset": 17},
    ]


def test_a_tumbling_window_takes_the_failures_over() -> None:
    value = unstructure(kinesis(("k", "a")))
    value.update(window={"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}, state={})
    event = structure(value, KinesisTimeWindowEvent[str])
    response = process_batch(event, handler_of({"a"}, []), on_failure=lambda *_: None)
    window = TimeWindowResponse(state={"n": 1}, batch_item_failures=response.batch_item_failures)
    assert unstructure(window) == {
        "state": {"n": 1},
        "batchItemFailures": [{"itemIdentifier": "number-0"}],
    }
    assert unstructure(TimeWindowResponse(state={})) == {"state": {}}  # Lambda asks for it
    with pytest.raises(TypeError, match=r"lacks \['state'\]"):
        TimeWindowResponse()  # type: ignore[call-arg]  # a type checker says so, too


def test_on_failure_may_fail_the_batch() -> None:
    event = SQSEvent.build(["a"])

    def fail(record: SQSRecord[str], error: Exception) -> None:
        assert record is event.records[0]
        raise error

    with pytest.raises(Broken):
        process_batch(event, handler_of({"a"}, []), on_failure=fail)

    with pytest.raises(ExceptionGroup) as raised:
        asyncio.run(process_batch_async(event, handler_of({"a"}, []), on_failure=fail))
    assert raised.group_contains(Broken)


def test_a_record_without_an_identifier_fails_the_batch_before_any_is_processed() -> None:
    value = unstructure(SQSEvent.build(["a", "b"]))
    del value["Records"][1]["messageId"]
    seen: list[str] = []
    with pytest.raises(EventDecodeError, match="SQSRecord: expected an identifier"):
        process_batch(structure(value, SQSEvent), handler_of(set(), seen))
    assert seen == []


def test_an_event_that_has_no_partial_failures_is_refused() -> None:
    event: Any = S3Event.build()
    with pytest.raises(TypeError, match="not S3Event"):
        process_batch(event, handler_of(set(), []))


def test_an_async_handler_is_refused_where_it_would_not_run() -> None:
    async def handle(_: Any) -> None:
        raise AssertionError("nobody awaits it")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TypeError, match="process_batch_async"):
            process_batch(SQSEvent.build(["a"]), handle)


def test_exits_are_no_failures_of_a_record() -> None:
    def leave(_: Any) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        process_batch(SQSEvent.build(["a"]), leave)


def test_async_handlers_run_side_by_side_up_to_the_bound() -> None:
    event = SQSEvent.build([str(number) for number in range(7)])
    running = most = 0

    async def main() -> Any:
        full = asyncio.Event()

        async def handle(record: SQSRecord[str]) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 3:
                full.set()
            await full.wait()  # would hang if three could not be in work at a time
            await asyncio.sleep(0)
            running -= 1
            if record.body == "5":
                raise Broken

        return await process_batch_async(event, handle, concurrency=3, on_failure=lambda *_: None)

    response = asyncio.run(main())
    assert most == 3
    assert failures(response) == [event.records[5].message_id]


def test_async_keeps_the_order_of_a_group_and_lets_others_go_on() -> None:
    event = fifo(("x", "1"), ("x", "2"), ("y", "1"), ("x", "3"))
    seen: list[str] = []

    async def main() -> Any:
        other = asyncio.Event()

        async def handle(record: SQSRecord[str]) -> None:
            seen.append(record.message_id)
            if record.message_id == "y:1":
                other.set()
            if record.message_id == "x:1":
                await other.wait()  # would hang if groups waited for each other
            if record.message_id == "x:2":
                raise Broken

        return await process_batch_async(event, handle, on_failure=lambda *_: None)

    response = asyncio.run(main())
    assert seen == ["x:1", "y:1", "x:2"]
    assert failures(response) == ["x:2", "x:3"]


def test_async_processes_all_that_comes_before_a_shards_first_failure() -> None:
    event = kinesis(("k", "a"), ("l", "b"), ("k", "c"), ("l", "d"), ("k", "e"))
    seen: list[str] = []

    async def main() -> Any:
        failed = asyncio.Event()

        async def handle(record: Any) -> None:
            seen.append(record.payload)
            if record.payload == "a":
                await failed.wait()
            if record.payload == "d":
                failed.set()
                raise Broken

        return await process_batch_async(event, handle, on_failure=lambda *_: None)

    response = asyncio.run(main())
    assert seen == ["a", "b", "d", "c"]  # c comes before the failure, e after it
    assert failures(response) == ["number-3"]


def test_async_reports_the_first_of_a_shards_failures_whichever_comes_last() -> None:
    event = kinesis(("k", "a"), ("l", "b"), ("m", "c"))

    async def main() -> Any:
        started, failed = asyncio.Event(), asyncio.Event()

        async def handle(record: Any) -> None:
            if record.payload == "c":
                started.set()
                await failed.wait()
            elif record.payload == "b":
                await started.wait()
                failed.set()
            else:
                return
            raise Broken

        return await process_batch_async(event, handle, on_failure=lambda *_: None)

    assert failures(asyncio.run(main())) == ["number-1"]


def test_async_keeps_the_order_of_an_items_changes() -> None:
    records = []
    for number, key in enumerate(["x", "x", "y"]):
        record = unstructure(DynamoDBEvent.build(new={"id": key, "n": number}).records[0])
        record["dynamodb"]["SequenceNumber"] = str(number)
        records.append(record)
    event = structure({"Records": records}, DynamoDBEvent)
    seen: list[Any] = []

    async def main() -> Any:
        other = asyncio.Event()

        async def handle(record: Any) -> None:
            number = int(record.new_item["n"])
            if number == 2:
                other.set()
            if number == 0:
                await other.wait()  # would hang if items waited for each other
            seen.append(number)

        return await process_batch_async(event, handle)

    assert failures(asyncio.run(main())) == []
    assert seen == [2, 0, 1]


def test_async_takes_plain_handlers_too() -> None:
    event = kafka(t_0=["a", "b"])
    seen: list[str] = []
    response = asyncio.run(process_batch_async(event, handler_of(set(), seen)))
    assert seen == ["a", "b"]
    assert failures(response) == []


def test_a_wait_that_is_cancelled_is_one_records_failure() -> None:
    """A worker that ends without a word would leave its records out of the response."""
    event, seen = SQSEvent.build(["a", "b", "c"]), list[str]()

    async def handle(record: SQSRecord[str]) -> None:
        seen.append(record.body)
        if record.body == "a":
            never = asyncio.get_running_loop().create_future()
            never.cancel()
            await never

    response = asyncio.run(process_batch_async(event, handle, concurrency=1))
    assert seen == ["a", "b", "c"]
    assert failures(response) == [event.records[0].message_id]


def test_a_batch_that_is_cancelled_ends() -> None:
    async def main() -> None:
        started = asyncio.Event()

        async def handle(_: SQSRecord[str]) -> None:
            started.set()
            await asyncio.get_running_loop().create_future()

        batch = asyncio.create_task(process_batch_async(SQSEvent.build(["a"]), handle))
        await started.wait()
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch

    asyncio.run(main())


def test_async_needs_a_bound_of_one_at_least() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        asyncio.run(
            process_batch_async(SQSEvent.build(["a"]), handler_of(set(), []), concurrency=0)
        )


def test_a_cancelled_batch_is_no_failure() -> None:
    async def main() -> None:
        started = asyncio.Event()

        async def handle(_: Any) -> None:
            started.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(process_batch_async(SQSEvent.build(["a"]), handle))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.booleans()), max_size=12),
    st.integers(1, 4),
)
def test_no_record_is_lost(records: list[tuple[str, bool]], concurrency: int) -> None:
    """A record is processed without failure, or Lambda sends it again."""
    numbered = [(key, f"{place}{'!' if bad else ''}") for place, (key, bad) in enumerate(records)]
    done: set[str] = set()

    def handle(record: Any) -> None:
        text = record.body if isinstance(record, SQSRecord) else record.payload
        if text.endswith("!"):
            raise Broken
        done.add(text)

    def check(event: Any, response: Any) -> None:
        again = failures(response)
        if isinstance(event, SQSEvent):
            safe = {record.body for record in event.records if record.message_id in again}
        else:
            first = min([int(name.partition("-")[2]) for name in again], default=len(numbered))
            safe = {text for _, text in numbered[first:]}
        assert {text for _, text in numbered} == done | safe
        assert bool(again) == any(bad for _, bad in records)
        done.clear()

    for event in (fifo(*numbered), kinesis(*numbered)):
        check(event, process_batch(event, handle, on_failure=lambda *_: None))
        work = process_batch_async(
            event, handle, concurrency=concurrency, on_failure=lambda *_: None
        )
        check(event, asyncio.run(work))


def test_a_batch_loads_no_other_trigger() -> None:
    program = (
        # The modules loaded already are Python's, or those of the program that measures.
        "import sys; before = set(sys.modules); from lambda_events import SQSEvent, process_batch;"
        "process_batch(SQSEvent.build(['a']), lambda record: None);"
        "print(*sys.modules.keys() - before)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    ).stdout.split()
    assert "lambda_events.sqs" in loaded
    unwanted = {"lambda_events.kafka", "lambda_events.dynamodb", "asyncio", "logging", "typing"}
    assert unwanted.isdisjoint(loaded)


def test_types_are_those_of_the_event() -> None:
    def handle(record: KafkaRecord[str, Order]) -> None:
        assert record.key_payload == "k"
        assert record.payload == Order(1)

    process_batch(KafkaEvent.build([Order(1)], keys=["k"]), handle, on_failure=raise_it)


def raise_it(_: Any, error: Exception) -> None:
    raise error


@pytest.mark.parametrize("record", [7, {"kinesis": []}])
def test_a_record_that_is_none_fails_the_batch_in_one_way(record: Any) -> None:
    event = structure({"Records": [record]}, KinesisEvent)
    with pytest.raises(EventDecodeError, match="expected an identifier to report it by"):
        process_batch(event, lambda _: None)
