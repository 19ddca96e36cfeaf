"""ActiveMQ: messages as senders leave them."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from lambda_events import ActiveMQEvent, EventDecodeError, detect, loads, structure, unstructure

SAMPLE = (Path(__file__).parent / "handmade" / "ActiveMQEvent-sample.json").read_bytes()


@attrs.define
class Order:
    number: int


def test_a_built_event_reads_as_its_types() -> None:
    event = ActiveMQEvent.build([Order(1)], queue="orders")
    (message,) = event.messages
    assert message.payload == Order(1)
    assert message.message_type == "jms/text-message"
    assert message.destination.physical_name == "orders"
    assert str(message.timestamp_utc) == "2023-11-14 22:13:20+00:00"
    assert str(message.broker_in_time_utc) == "2023-11-14 22:13:20+00:00"
    assert str(message.broker_out_time_utc) == "2023-11-14 22:13:20.001000+00:00"
    assert detect(unstructure(event)) == "ActiveMQEvent"


def test_a_bytes_message_is_bytes() -> None:
    (message,) = ActiveMQEvent.build([b"\xff\x00"]).messages
    assert message.payload == b"\xff\x00"
    assert message.message_type == "jms/bytes-message"
    with pytest.raises(EventDecodeError, match="UTF-8"):
        _ = message.data_text


def test_values_keep_the_type_that_the_sender_gave_them() -> None:
    (message,) = loads(SAMPLE, ActiveMQEvent[str]).messages
    assert message.payload == "ABC:AAAA"
    assert message.reply_to is message.type is None
    assert getattr(message, "expiration") == "60000"  # noqa: B009 - a str, though an int is declared
    assert message.correlation_id == "myJMSCoID"
    assert message.properties == {"index": "1", "doAlarm": "false", "myCustomProperty": "value"}


def test_the_destination_has_two_spellings() -> None:
    value = unstructure(ActiveMQEvent.build(["a"], queue="q"))
    value["messages"][0]["destination"] = {"physicalname": "q"}
    event = structure(value, ActiveMQEvent)
    assert event.messages[0].destination.physical_name == "q"
    assert unstructure(event) == value


@pytest.mark.parametrize("source", ["aws:mq", "aws:amq"])
def test_the_source_has_two_spellings(source: str) -> None:
    value = {"eventSource": source, "messages": []}
    assert structure(value, ActiveMQEvent).event_source == source
    assert detect(value) == "ActiveMQEvent"
