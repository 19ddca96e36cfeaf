"""RabbitMQ: messages by queue, headers of bytes."""

from __future__ import annotations

import attrs
import pytest

from lambda_events import EventDecodeError, RabbitMQEvent, detect, structure, unstructure


@attrs.define
class Order:
    number: int


def test_a_built_event_reads_as_its_types() -> None:
    event = RabbitMQEvent.build(
        [Order(1), Order(2)], queue="orders", virtual_host="/shop", headers={"kind": "ü"}
    )
    assert [*event.rmq_messages_by_queue] == ["orders::/shop"]
    assert [message.payload for message in event.all_messages] == [Order(1), Order(2)]
    properties = event.all_messages[0].basic_properties
    assert properties.header_values == {"kind": "ü".encode()}
    assert properties.body_size == len('{"number":1}')
    assert properties.timestamp_utc is None
    assert detect(unstructure(event)) == "RabbitMQEvent"


def test_headers_of_other_kinds_stay_what_they_are() -> None:
    value = unstructure(RabbitMQEvent.build(["a"]))
    properties = value["rmqMessagesByQueue"]["my-queue::/"][0]["basicProperties"]
    properties["headers"] = {"text": {"bytes": [-61, -68]}, "number": 10, "table": {"a": 1}}
    properties["timestamp"] = "Jan 1, 1970, 12:33:41 AM"
    (message,) = structure(value, RabbitMQEvent).all_messages
    read = message.basic_properties
    assert read.header_values == {"text": "ü".encode(), "number": 10, "table": {"a": 1}}
    assert str(read.timestamp_utc) == "1970-01-01 00:33:41+00:00"


@pytest.mark.parametrize("data", [7, None, ["x"]])
def test_headers_that_are_no_bytes_say_so(data: object) -> None:
    value = unstructure(RabbitMQEvent.build(["a"]))
    properties = value["rmqMessagesByQueue"]["my-queue::/"][0]["basicProperties"]
    properties["headers"] = {"h": {"bytes": data}}
    (message,) = structure(value, RabbitMQEvent).all_messages
    with pytest.raises(EventDecodeError, match=r"headers\.h\.bytes: expected a list of bytes"):
        _ = message.basic_properties.header_values


def test_absent_headers_are_none() -> None:
    value = unstructure(RabbitMQEvent.build(["a"]))
    value["rmqMessagesByQueue"]["my-queue::/"][0]["basicProperties"]["headers"] = None
    (message,) = structure(value, RabbitMQEvent).all_messages
    assert message.basic_properties.header_values == {}
