"""Lambda destinations: what became of invocations and batches."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from lambda_events import (
    EventDecodeError,
    LambdaDestinationEvent,
    LambdaOnFailureEvent,
    SQSEvent,
    loads,
    structure,
    unstructure,
)

HANDMADE = Path(__file__).parent / "handmade"


@attrs.define
class Order:
    order: int


def read(name: str) -> bytes:
    return (HANDMADE / f"{name}.json").read_bytes()


def failure(name: str) -> LambdaOnFailureEvent:
    return loads(read(f"LambdaOnFailureEvent-{name}"), LambdaOnFailureEvent)


def test_the_request_has_the_type_that_was_asked_for() -> None:
    event = loads(read("LambdaDestinationEvent-success"), LambdaDestinationEvent[Order])
    assert event.request_payload == Order(7)
    assert event.response_payload is None
    assert event.response_context is not None
    assert event.response_context.function_error is None
    assert str(event.timestamp_utc) == "2026-01-02 00:38:06.021000+00:00"
    assert event.request_context.function_arn.service == "lambda"
    with pytest.raises(EventDecodeError, match="requestPayload"):
        loads(read("LambdaDestinationEvent-aged"), LambdaDestinationEvent[Order])


def test_there_may_have_been_no_try() -> None:
    event = loads(read("LambdaDestinationEvent-aged"), LambdaDestinationEvent)
    assert event.request_context.condition == "EventAgeExceeded"
    assert event.request_payload is event.response_context is None


def test_a_queue_holds_them() -> None:
    text = read("LambdaDestinationEvent-success").decode()
    event = structure(unstructure(SQSEvent.build([text])), SQSEvent[LambdaDestinationEvent[Order]])
    assert event.records[0].payload.request_payload == Order(7)


def test_a_trigger_tells_which_records_it_gave_up() -> None:
    dynamodb = failure("dynamodb").ddb_stream_batch_info
    kinesis = failure("kinesis").kinesis_batch_info
    assert dynamodb is not None
    assert dynamodb == kinesis
    assert dynamodb.batch_size == 500
    assert str(dynamodb.approximate_arrival_of_first_record_utc) == (
        "2026-01-02 00:38:04.835000+00:00"
    )
    assert str(dynamodb.approximate_arrival_of_last_record_utc) == (
        "2026-01-02 00:38:05.580000+00:00"
    )


def test_a_topic_tells_by_partition_or_by_record() -> None:
    kafka = failure("kafka")
    assert kafka.response_context is None
    assert kafka.kafka_batch_info is not None
    info = kafka.kafka_batch_info.records_info["orders-0"]
    assert (info.first_record_offset, info.last_record_offset) == ("15", "16")
    assert str(info.first_record_timestamp_utc) == "2026-01-02 00:38:04.835000+00:00"
    assert str(info.last_record_timestamp_utc) == "2026-01-02 00:38:05.580000+00:00"
    topic = failure("kafka-topic")
    assert topic.kafka_batch_info is not None
    assert topic.kafka_batch_info.record_info == {
        "offset": "15",
        "timestamp": "2026-01-02T00:38:04.835Z",
    }
    assert topic.payload == {"eventSource": "aws:kafka", "records": {}}
