"""Payloads of the user's own types."""

from __future__ import annotations

import base64
import json
import pickle
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs
import pytest
from cattrs import Converter

from lambda_events import (
    DynamoDBEvent,
    DynamoDBTimeWindowEvent,
    EventBridgeEvent,
    EventDecodeError,
    KinesisEvent,
    KinesisRecord,
    KinesisTimeWindowEvent,
    S3Event,
    S3TestEvent,
    SNSEvent,
    SNSNotification,
    SQSEvent,
    SQSRecord,
    converter,
    detect,
    dumps,
    loads,
    register_hooks,
    structure,
    unstructure,
)

S3_TEST = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2014-10-13T15:57:02.089Z",
    "Bucket": "b",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR",
}


class Colour(StrEnum):
    RED = "red"


@attrs.define
class Line:
    price: Decimal
    count: int = 1


@attrs.define
class Order:
    id: int
    lines: list[Line] = attrs.Factory(list[Line])
    when: datetime | None = None
    weight: float | None = None
    customer: str | None = attrs.field(default=None, alias="customerName")
    blob: bytes | None = None
    key: UUID | None = None
    colour: Colour | None = None


@dataclass
class Plain:
    id: int


FULL = Order(
    id=1,
    lines=[Line(price=Decimal("12345678901234567890.1234567890"))],
    when=datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
    weight=1.5,
    customerName="Zoë/",
    blob=b"\0\xff",
    key=UUID(int=7),
    colour=Colour.RED,
)


def test_a_body_is_what_was_asked_for() -> None:
    event = SQSEvent.build([FULL])
    assert event.records[0].payload == FULL
    again = loads(dumps(event), SQSEvent[Order])
    assert again.records[0].payload == FULL
    assert again.records[0].payload is again.records[0].payload
    body = json.loads(event.records[0].body)
    assert body["blob"] == base64.b64encode(b"\0\xff").decode()
    assert (body["when"], body["customerName"]) == ("2024-02-29T12:30:00Z", "Zoë/")
    again.records[0].body = '{"id": 2}'
    assert again.records[0].payload == Order(2)
    assert pickle.loads(pickle.dumps(again)).records[0].payload == Order(2)
    assert SQSEvent.build([Plain(3)]).records[0].payload == Plain(3)


def test_without_a_type_a_body_is_json_or_text() -> None:
    assert SQSEvent.build([{"a": [1]}]).records[0].payload == {"a": [1]}
    assert SQSEvent.build(["{}"]).records[0].payload == "{}"
    value = unstructure(SQSEvent.build(['{"a": 1}']))
    assert structure(value, SQSEvent).records[0].payload == {"a": 1}
    assert structure(value, SQSEvent[Any]).records[0].payload == {"a": 1}
    assert structure(value, SQSEvent[dict[str, int]]).records[0].payload == {"a": 1}
    assert structure(value, SQSEvent[str]).records[0].payload == '{"a": 1}'
    assert structure(value, SQSEvent[bytes]).records[0].payload == b'{"a": 1}'


def test_one_bad_body_is_one_bad_record() -> None:
    value = unstructure(SQSEvent.build(['{"id": 1}', '{"id": "1"}', "{", '{"lines": []}']))
    event = structure(value, SQSEvent[Order])
    assert event.records[0].payload.id == 1
    errors: list[EventDecodeError] = []
    for record in event.records[1:]:
        with pytest.raises(EventDecodeError) as caught:
            _ = record.payload
        errors.append(caught.value)
    assert [error.model for error in errors] == ["SQSRecord[Order]"] * 3
    assert [error.path for error in errors] == ["body.id", "body", "body.id"]
    assert [error.expected for error in errors] == ["int", "JSON of Order", "int"]
    assert errors[0].found == "str ('1')"
    assert (errors[1].found, errors[2].found) == ("str '{'", "nothing")


def test_an_error_names_the_path() -> None:
    value = unstructure(SQSEvent.build(['{"id": 1, "lines": [{"price": 1}, {"price": "x"}]}']))
    with pytest.raises(EventDecodeError, match=r"body\.lines\[1\]\.price: expected Decimal"):
        _ = structure(value, SQSEvent[Order]).records[0].payload


def test_events_in_events() -> None:
    stored = S3Event.build("b", "a key")
    event = SQSEvent.build([SNSNotification.build(stored)])
    value = unstructure(event)
    deep = structure(value, SQSEvent[SNSNotification[S3Event]]).records[0].payload
    assert deep.payload.records[0].object_key == "a key"
    assert deep.payload == stored
    with pytest.raises(EventDecodeError) as caught:
        _ = structure(value, SQSEvent[SQSEvent]).records[0].payload
    assert (caught.value.model, caught.value.path) == ("SQSEvent", "body.Records")
    wrong = unstructure(SQSEvent.build([SNSNotification.build("{}")]))
    with pytest.raises(EventDecodeError) as caught:
        _ = structure(wrong, SQSEvent[SNSNotification[S3Event]]).records[0].payload.payload
    assert (caught.value.model, caught.value.path) == ("S3Event", "Message.Records")


def test_the_other_carriers() -> None:
    assert SNSEvent.build([Order(1)]).records[0].payload == Order(1)
    kinesis = KinesisEvent.build([Order(1), b"\xff"])
    assert kinesis.records[1].kinesis.data_bytes == b"\xff"
    typed = structure(unstructure(KinesisEvent.build([Order(1)])), KinesisEvent[Order])
    assert typed.records[0].payload == Order(1)
    with pytest.raises(EventDecodeError, match=r"kinesis\.data: expected JSON of Order"):
        _ = structure(unstructure(kinesis), KinesisEvent[Order]).records[1].payload
    with pytest.raises(EventDecodeError, match="data: expected text in UTF-8, found bytes"):
        _ = kinesis.records[1].kinesis.data_text


def test_a_detail_is_decoded_with_its_event() -> None:
    event = EventBridgeEvent.build(Order(1))
    assert event.detail == Order(1)
    value = unstructure(event)
    value["detail"]["unknown"] = [None]
    typed = structure(value, EventBridgeEvent[Order])
    assert typed.detail == Order(1)
    assert unstructure(typed) == value  # what the class does not know is kept
    typed.detail.id = 2
    assert unstructure(typed)["detail"]["id"] == 2
    value["detail"]["id"] = None
    with pytest.raises(EventDecodeError) as caught:
        structure(value, EventBridgeEvent[Order])
    assert caught.value.model == "EventBridgeEvent[Order]"
    assert (caught.value.path, caught.value.expected) == ("detail.id", "int")
    with pytest.raises(EventDecodeError, match=r"detail-type is missing \(expected str\)"):
        structure({"id": 1}, EventBridgeEvent[Order])  # an input transformer took the envelope


def test_items_of_a_table() -> None:
    event = DynamoDBEvent.build(new=FULL, old=Order(1))
    record = event.records[0]
    assert (record.event_name, record.keys) == ("MODIFY", {"id": 1})
    assert record.new_item == FULL
    assert record.old_item == Order(1)
    assert record.dynamodb.new_image["blob"] == {"B": "AP8="}
    plain: Any = structure(unstructure(event), DynamoDBEvent).records[0].new_item
    assert plain["lines"][0]["price"] == FULL.lines[0].price
    assert DynamoDBEvent.build(old={"id": "a"}).records[0].new_item is None
    with pytest.raises(ValueError, match="with the key 'id'"):
        DynamoDBEvent.build(new={"a": 1})
    with pytest.raises(EventDecodeError, match=r"dynamodb.NewImage.id: expected int"):
        _ = (
            structure(unstructure(DynamoDBEvent.build(new={"id": "a"})), DynamoDBEvent[Order])
            .records[0]
            .new_item
        )


def test_the_users_own_converter_and_classes() -> None:
    @attrs.define
    class Holder:
        event: SQSEvent[Order]
        record: SQSRecord | None = None

    value = {"event": unstructure(SQSEvent.build([Order(1)]))}
    mine = Converter()
    register_hooks(mine)
    for held in (mine.structure(value, Holder), structure(value, Holder)):
        assert held.event.records[0].payload == Order(1)
        assert mine.unstructure(held) == {**value, "record": None}
        assert unstructure(held) == {**value, "record": None}
    assert json.loads(dumps({"holder": [held]})) == {"holder": [{**value, "record": None}]}


def test_a_hook_of_the_users_own() -> None:
    class Money:
        def __init__(self, text: str) -> None:
            self.text = text

    converter().register_structure_hook(Money, lambda value, _: Money(value))
    value = unstructure(SQSEvent.build(['"1 EUR"']))
    assert structure(value, SQSEvent[Money]).records[0].payload.text == "1 EUR"


def test_numbers_are_exact_and_strict() -> None:
    def payload(body: str, kind: Any) -> Any:
        return structure(unstructure(SQSEvent.build([body])), SQSEvent[kind]).records[0].payload

    assert payload("1", float) == 1.0
    assert payload('"0.10"', Decimal) == Decimal("0.10")
    assert dumps({"a": Decimal("0.10"), "b": "a/ß", "c": {"x": b"\0"}}) == (
        '{"a":"0.10","b":"a/ß","c":{"x":"AA=="}}'.encode()
    )
    for body, kind in (
        ("true", int),
        ("1.0", int),
        ("1", str),
        ("1", bool),
        ('"x"', Decimal),
        ("[]", Decimal),
        ('"*"', bytes),
        ("1", bytes),
        ('"x"', datetime),
        ("1", UUID),
        ('"green"', Colour),
    ):
        if kind not in {str, bytes}:
            with pytest.raises(EventDecodeError):
                payload(body, kind)
        with pytest.raises(EventDecodeError):
            payload(f"[{body}]", list[kind])  # type: ignore[valid-type]


@pytest.mark.parametrize("body", ['{"id": 1}', '"text"'])
def test_a_list_is_made_of_an_array_only(body: str) -> None:
    record = SQSEvent.build([body]).records[0]
    typed = structure(unstructure(record), SQSRecord[list[str]])
    with pytest.raises(EventDecodeError, match="body: expected list, found"):
        _ = typed.payload
    assert structure(["a"], list[str]) == ["a"]


@pytest.mark.parametrize("data", ["?", "=", "YQ", "YQ==\n", 7, None])
def test_what_is_no_base64_is_not_read_as_less(data: Any) -> None:
    record = structure({"kinesis": {"data": data}}, KinesisRecord)
    with pytest.raises(EventDecodeError, match="data: expected base64"):
        _ = record.kinesis.data_bytes
    with pytest.raises(EventDecodeError, match="expected bytes"):
        structure(data, bytes)


@pytest.mark.parametrize(
    "event",
    [
        KinesisTimeWindowEvent.build([Order(1)], state={"sum": 1}),
        KinesisTimeWindowEvent.build([], final=True),
        DynamoDBTimeWindowEvent.build(new=Order(1), state={"sum": 1}),
    ],
)
def test_an_event_of_a_window_is_built_with_its_window(event: Any) -> None:
    value = unstructure(event)
    assert detect(value) == type(event).__name__
    assert value["state"] == event.state
    assert event.is_final_invoke_for_window is (not event.records)
    assert event.window.end_utc - event.window.start_utc == timedelta(minutes=5)


def test_a_body_may_be_one_of_several_events() -> None:
    bodies = [S3Event.build("b", "k"), S3_TEST, None, 5]
    event = structure(unstructure(SQSEvent.build(bodies)), SQSEvent[S3TestEvent | S3Event | None])
    uploaded, test, nothing, other = event.records
    assert isinstance(uploaded.payload, S3Event)
    assert isinstance(test.payload, S3TestEvent)
    assert nothing.payload is None
    with pytest.raises(EventDecodeError, match=r"not an SQSRecord\[S3TestEvent or S3Event or No"):
        _ = other.payload


def test_a_body_without_an_envelope_is_no_empty_envelope() -> None:
    """As with a subscription whose delivery is raw."""
    value = unstructure(SQSEvent.build([S3Event.build("b", "k"), S3_TEST, {"id": 1}]))
    for record in structure(value, SQSEvent[SNSNotification[S3Event]]).records:
        with pytest.raises(EventDecodeError, match=r"body\.Message is missing \(expected str\)"):
            _ = record.payload
    *events, other = structure(value, SQSEvent[SNSNotification | S3TestEvent | S3Event]).records
    assert [type(record.payload) for record in events] == [S3Event, S3TestEvent]
    with pytest.raises(EventDecodeError, match="its keys are those of none of them"):
        _ = other.payload


def test_numbers_of_an_item_stay_numbers() -> None:
    item = Line(Decimal("1.50"))
    event = DynamoDBEvent.build(new={"id": "a", "line": {"price": Decimal("1.50")}})
    assert event.records[0].dynamodb.new_image["line"] == {"M": {"price": {"N": "1.50"}}}
    built = DynamoDBEvent.build(new=item, key="price")
    assert built.records[0].dynamodb.keys == {"price": {"N": "1.50"}}
    assert built.records[0].new_item == item
