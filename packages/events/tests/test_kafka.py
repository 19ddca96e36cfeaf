"""Kafka: keys, values, headers, tombstones."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from hypothesis import given, strategies as st

from lambda_events import EventDecodeError, KafkaEvent, detect, loads, structure, unstructure

TOMBSTONE = (Path(__file__).parent / "handmade" / "KafkaEvent-tombstone.json").read_bytes()


@attrs.define
class Order:
    number: int


def with_headers(headers: object) -> KafkaEvent:
    value = unstructure(KafkaEvent.build(["v"]))
    value["records"]["my-topic-0"][0]["headers"] = headers
    return structure(value, KafkaEvent)


def test_a_built_event_reads_as_its_types() -> None:
    event = KafkaEvent.build([Order(1), None], keys=["id", None], topic="orders", partition=2)
    first, second = event.all_records
    assert first.key_payload == "id"
    assert first.payload == Order(1)
    assert first.payload is first.payload  # decoded once
    assert (second.key_payload, second.payload) == (None, None)
    assert [*event.records] == ["orders-2"]
    assert (first.topic, first.partition, first.offset) == ("orders", 2, 15)
    assert len(event.brokers) == 2
    assert detect(unstructure(event)) == "KafkaEvent"
    again = structure(unstructure(event), KafkaEvent[str, Order])
    assert again.records["orders-2"][0].payload == Order(1)


def test_every_value_has_a_key_or_none_has() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        KafkaEvent.build(["a"], keys=["k", "l"])


def test_without_types_keys_and_values_are_json() -> None:
    (record,) = structure(
        unstructure(KafkaEvent.build(['{"a": [1]}'], keys=["7"])), KafkaEvent
    ).all_records
    assert record.key_payload == 7
    assert record.payload == {"a": [1]}


def test_a_record_that_is_wrong_is_wrong_alone() -> None:
    value = unstructure(KafkaEvent.build(["no JSON", '{"number": 2}']))
    first, second = structure(value, KafkaEvent[str, Order]).all_records
    with pytest.raises(EventDecodeError, match=r"KafkaRecord\[str, Order\].* value"):
        _ = first.payload
    assert second.payload == Order(2)


def test_a_tombstone_has_no_value() -> None:
    event = loads(TOMBSTONE, KafkaEvent[str, Order])
    null, absent, keyless = event.all_records
    assert null.key_payload == absent.key_payload == "id"
    assert [null.payload, absent.payload, null.value_bytes] == [None] * 3
    assert [keyless.key_payload, keyless.key_bytes] == [None] * 2
    assert event.event_source_arn is None
    assert event.brokers == ["a.example.org:9092", "b.example.org:9092"]
    assert keyless.value_schema_metadata is not None
    assert keyless.value_schema_metadata.data_format == "JSON"


@given(st.binary())
def test_headers_are_bytes_however_they_are_signed(data: bytes) -> None:
    signed = [byte - 256 if byte > 127 else byte for byte in data]
    (record,) = with_headers([{"a": signed}, {"a": [*data]}, {"B": []}]).all_records
    assert record.header_values == [("a", data), ("a", data), ("B", b"")]
    assert record.header("a") == data
    assert record.header("b") is None


def test_the_last_header_of_a_name_wins() -> None:
    (record,) = with_headers([{"h": [49]}, {"h": [50]}]).all_records
    assert record.header("h") == b"2"


def test_headers_may_be_base64() -> None:
    (record,) = with_headers([{"h": "aGVhZGVyVmFsdWU="}]).all_records
    assert record.header("h") == b"headerValue"


@pytest.mark.parametrize("value", ["a", 7, None, ["x"], {"a": 1}])
def test_headers_that_are_no_bytes_say_so(value: object) -> None:
    (record,) = with_headers([{"h": value}]).all_records
    with pytest.raises(EventDecodeError, match=r"KafkaRecord: headers\.h"):
        record.header("h")


def test_times_are_utc() -> None:
    (record,) = KafkaEvent.build(["v"]).all_records
    assert str(record.timestamp_utc) == "2023-11-14 22:13:20+00:00"


@pytest.mark.parametrize("source", ["aws:sqs", "aws:rmq"])
def test_another_source_is_no_kafka(source: str) -> None:
    with pytest.raises(EventDecodeError, match="eventSource"):
        structure({"eventSource": source, "records": {}}, KafkaEvent)
