"""The one decoder: what each type takes from JSON, and that it takes nothing else."""

from __future__ import annotations

import collections
import copy
import dataclasses
import enum
import pickle
import typing as t
from collections import abc
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import attrs
import pytest
from cattrs import Converter

from lambda_events import (
    CloudFormationCustomResourceEvent,
    CloudWatchLogsEvent,
    DynamoDBEvent,
    EventBridgeEvent,
    EventDecodeError,
    KafkaEvent,
    KinesisEvent,
    LambdaDestinationEvent,
    Model,
    RabbitMQEvent,
    S3Event,
    SNSEvent,
    SNSNotification,
    SQSEvent,
    dumps,
    loads,
    register_hooks,
    structure,
    typed,
    unstructure,
)

T = t.TypeVar("T")
UserId = t.NewType("UserId", int)
WRONG: t.Any = object()


class Colour(enum.Enum):
    RED = "red"
    ONE = 1


class Size(enum.IntEnum):
    SMALL = 1


class Access(enum.IntFlag):
    READ = 1
    WRITE = 2


class Lenient(enum.Enum):
    A = "a"

    @classmethod
    def _missing_(cls, value: object) -> Lenient | None:
        return cls.A if value == "A" else None


@attrs.define
class Order:
    id: int = 0


@dataclasses.dataclass
class Plain:
    id: int = 0
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Counted:
    first: int
    start: dataclasses.InitVar[int] = 3
    second: int = dataclasses.field(init=False, default=9)

    def __post_init__(self, start: int) -> None:
        self.second = self.first + start


class Point(t.NamedTuple):
    x: int = 0
    y: str = ""


class Address(t.TypedDict, total=False):
    street: str
    city: t.Required[str]


class Dated(Address):
    since: t.NotRequired[date]


@attrs.define
class Page(t.Generic[T]):
    items: list[T]
    by_name: dict[str, T] = attrs.Factory(dict)


@attrs.define
class Numbers(Page[int]):
    total: int | None = None


class Pair(t.NamedTuple, t.Generic[T]):
    value: T


class Box(t.TypedDict, t.Generic[T]):
    value: T


@attrs.define
class Tree:
    children: list[Tree] = attrs.Factory(list)
    other: Tree | None = None
    named: dict[str, Tree] = attrs.Factory(dict)


@attrs.define
class First:
    kind: t.Literal["first"]


@attrs.define
class Second:
    kind: t.Literal["second"]


@attrs.define
class Aliased:
    user_id: UserId = attrs.field(alias="userId")
    _hidden: int = 0


class Half(enum.Enum):
    ONE = 1
    HALF = 0.5


class Counts(dict[str, int]):
    pass


class Labelled(dict[str, T], t.Generic[T]):
    pass


@dataclasses.dataclass
class Linked:
    number: int
    after: t.Self | None = None
    others: list[t.Self] = dataclasses.field(default_factory=list)


class Text(str):
    __slots__ = ()


ONE = UUID(int=1)
DAY = date(2026, 1, 2)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (int, 1, 1),
        (int, True, WRONG),
        (int, 1.0, WRONG),
        (int, "1", WRONG),
        (float, 1, 1.0),
        (float, True, WRONG),
        (float, "1", WRONG),
        (str, 1, WRONG),
        (str, ["a"], WRONG),
        (bool, 0, WRONG),
        (bool, "true", WRONG),
        (bytes, "aGk=", b"hi"),
        (bytes, "*", WRONG),
        (bytes, [1], WRONG),
        (Text, "a", Text("a")),
        (Text, 1, WRONG),
        (UserId, 1, 1),
        (UserId, "1", WRONG),
        (type(None), 0, WRONG),
        (t.Any, [1], [1]),
        (object, {"a": 1}, {"a": 1}),
        (Decimal, 1, Decimal(1)),
        (Decimal, "1.50", Decimal("1.50")),
        (Decimal, "NaN", WRONG),
        (Decimal, "sNaN", WRONG),
        (Decimal, "-Infinity", WRONG),
        (Decimal, float("inf"), WRONG),
        (Decimal, True, WRONG),
        (Decimal, " 1", WRONG),
        (Decimal, "1_0", WRONG),
        (UUID, str(ONE), ONE),
        (UUID, 1, WRONG),
        (date, "2026-01-02", DAY),
        (date, "2026-13-01", WRONG),
        (datetime, 1700000000, WRONG),
        (time, "01:02", time(1, 2)),
        (Colour, "red", Colour.RED),
        (Colour, 1, Colour.ONE),
        (Colour, True, WRONG),
        (Colour, 1.0, WRONG),
        (Colour, [], WRONG),
        (Size, True, WRONG),
        (Size, 1.0, WRONG),
        (Size, "1", WRONG),
        (Access, 3, Access.READ | Access.WRITE),
        (Access, True, WRONG),
        (Lenient, "A", Lenient.A),
        (Lenient, "b", WRONG),
        (t.Literal[1], True, WRONG),
        (t.Literal[1], 1.0, WRONG),
        (t.Literal[True], 1, WRONG),
        (t.Literal["a"] | None, None, None),
        (t.Literal[Colour.RED], "red", Colour.RED),
        (list[int], "12", WRONG),
        (list[int], {"1": 1}, WRONG),
        (list, "ab", WRONG),
        (t.List[int], ["x"], WRONG),  # noqa: UP006 (people write it)
        (tuple[int, ...], [1, 2], (1, 2)),
        (tuple[str, ...], "ab", WRONG),
        (tuple[int, str], [1, "a"], (1, "a")),
        (tuple[int, str], [1], WRONG),
        (tuple[int, str], [1, 2], WRONG),
        (tuple[int, str], {"0": 1}, WRONG),
        (tuple[()], [], ()),
        (tuple[()], [1], WRONG),
        (tuple, "ab", WRONG),
        (t.Tuple, [1], (1,)),  # noqa: UP006 (people write it)
        (set[str], ["a", "a"], {"a"}),
        (set[str], "ab", WRONG),
        (set[str], {"a": 1}, WRONG),
        (set, [[1]], WRONG),
        (frozenset[int], [1], frozenset({1})),
        (frozenset[str], "ab", WRONG),
        (abc.Set[int], [1], frozenset({1})),
        (abc.MutableSet[int], [1], {1}),
        (collections.deque[int], [1], collections.deque([1])),
        (collections.deque[str], "ab", WRONG),
        (abc.Sequence[int], [1], (1,)),
        (abc.Sequence[str], "ab", WRONG),
        (abc.Iterable[int], [1], (1,)),
        (abc.MutableSequence[int], [1], [1]),
        (dict[str, int], [["a", 1]], WRONG),
        (dict[str, int], "ab", WRONG),
        (dict[int, str], {"1": "a"}, {1: "a"}),
        (dict[int, str], {"01": "a"}, WRONG),
        (dict[int, str], {"1.0": "a"}, WRONG),
        (dict[int, str], {"x": "a"}, WRONG),
        (dict[UserId, str], {"1": "a"}, {1: "a"}),
        (dict[Size, str], {"1": "a"}, {Size.SMALL: "a"}),
        (dict[Colour, int], {"red": 1}, {Colour.RED: 1}),
        (dict[t.Literal[1], int], {"1": 1}, {1: 1}),
        (dict[date, int], {"2026-01-02": 1}, {DAY: 1}),
        (collections.OrderedDict[str, int], {"a": 1}, collections.OrderedDict(a=1)),
        (collections.Counter[str], {"a": 1}, collections.Counter(a=1)),
        (collections.Counter[str], {"a": "1"}, WRONG),
        (collections.defaultdict[str, list[int]], {"a": [1]}, collections.defaultdict(list, a=[1])),
        (abc.Mapping[str, int], {"a": 1}, {"a": 1}),
        (dict, [], WRONG),
        (Counts, {"a": 1}, Counts(a=1)),
        (Counts, {"a": "1"}, WRONG),
        (Counts, [["a", 1]], WRONG),
        (Labelled[int], {"a": 1}, Labelled(a=1)),
        (Labelled[int], {"a": "1"}, WRONG),
        (collections.ChainMap[str, int], {"a": 1}, collections.ChainMap({"a": 1})),
        (collections.ChainMap[str, int], [["a", 1]], WRONG),
        (collections.UserDict, {"a": 1}, collections.UserDict(a=1)),
        (collections.UserDict, [["a", 1]], WRONG),
        (Linked, {"number": 1, "after": {"number": 2}}, Linked(1, Linked(2))),
        (Linked, {"number": 1, "after": {"number": "2"}}, WRONG),
        (Linked, {"number": 1, "others": [{}]}, WRONG),
        (Order, {"id": 1, "unknown": 2}, Order(1)),
        (Order, {}, Order()),
        (Order, [{"id": 7}], WRONG),
        (Order, "sold out", WRONG),
        (Order, None, WRONG),
        (Order, {"id": "1"}, WRONG),
        (Order, {"id": None}, WRONG),
        (Plain, {"tags": "ab"}, WRONG),
        (Plain, {"tags": {"a": 1}}, WRONG),
        (Plain, [], WRONG),
        (Counted, {"first": 1, "start": "x"}, WRONG),
        (Point, {"x": 1}, Point(1)),
        (Point, [1, "a"], WRONG),
        (Point, {"y": 1}, WRONG),
        (Address, {"city": "x"}, {"city": "x"}),
        (Address, {}, WRONG),
        (Address, {"city": "x", "street": 1}, WRONG),
        (Dated, {"city": "x", "since": "2026-01-02"}, {"city": "x", "since": DAY}),
        (Page[Order], {"items": [{"id": 1}]}, Page([Order(1)])),
        (Page[int], {"items": ["1"]}, WRONG),
        (Page[Order], {"items": [], "by_name": {"a": 1}}, WRONG),
        (Numbers, {"items": [1]}, Numbers([1])),
        (Numbers, {"items": ["1"]}, WRONG),
        (Pair[int], {"value": "1"}, WRONG),
        (Box[int], {"value": 1}, {"value": 1}),
        (Box[int], {"value": "1"}, WRONG),
        (Tree, {"children": [{"other": {}}], "named": {"a": {}}}, None),
        (Tree, {"children": [{"other": []}]}, WRONG),
        (First | Second, {"kind": "second"}, Second("second")),
        (First | Second, {"kind": "third"}, WRONG),
        (First | Second, [], WRONG),
        (Aliased, {"userId": 1, "hidden": 2}, Aliased(1, 2)),  # type: ignore[arg-type]
        (Aliased, {"user_id": 1}, WRONG),
        (Order | None, None, None),
        (Order | None, [], WRONG),
        (Order | str, "x", "x"),
        (Order | str, 5, WRONG),
        (Order | list[Order], [{"id": 1}], [Order(1)]),
        (Order | dict[str, t.Any], {"other": 1}, {"other": 1}),
        (Order | dict[str, t.Any], {"id": 1}, Order(1)),
        (Address | Order, {"city": "x"}, {"city": "x"}),
        (int | str, True, WRONG),
        (int | float, 1, 1),
        (datetime | date, "2026-01-02", datetime(2026, 1, 2)),  # noqa: DTZ001 (it says none)
        (UUID | date, "2026-01-02", DAY),
        (Colour | int, 5, 5),
        (list[Order | None], [None, 3], WRONG),
        (t.Annotated[Order, "checked"], {"id": 1}, Order(1)),
        (t.Annotated[int, "checked"], True, WRONG),
        (list[SQSEvent[Order]], [{"Records": 3}], WRONG),
        (SQSEvent[Order] | Order, {"id": 3}, Order(3)),
        (SQSEvent | None, [], WRONG),
    ],
)
def test_a_type_takes_its_own_form_and_nothing_else(
    kind: t.Any, value: object, expected: object
) -> None:
    decode = typed.decoder(kind)
    for function in (decode, lambda value: structure(value, kind)):
        if expected is WRONG:
            with pytest.raises(EventDecodeError):
                function(value)
        elif expected is not None:
            made = function(value)
            assert (made, type(made)) == (expected, type(expected))


def test_what_only_the_constructor_takes_is_a_field() -> None:
    assert typed.structure({"first": 1, "start": 4}, Counted).second == 5


def test_a_class_may_hold_itself() -> None:
    value = {"children": [{"other": {}}], "named": {"a": {}}}
    assert typed.structure(value, Tree) == Tree([Tree(other=Tree())], named={"a": Tree()})


@pytest.mark.parametrize("kind", [complex, list[complex], list[Order] | list[Plain], set[SQSEvent]])
def test_a_type_without_a_rule_is_told_in_advance(kind: t.Any) -> None:
    with pytest.raises(TypeError):
        typed.decoder(kind)


WRONG_ORDERS: list[t.Any] = [[{"id": 7}], "sold out", 5, True, {"id": "7"}, {"id": None}]


def payload_of(event: t.Any) -> t.Any:
    """Return the first payload of any event."""
    for name in ("detail", "resource_properties", "request_payload"):
        if hasattr(type(event), name):
            return getattr(event, name)
    records = getattr(event, "all_records", None) or getattr(event, "all_messages", None)
    records = records or (event.logs.log_events if hasattr(event, "logs") else event.records)
    record = records[0]
    return record.new_item if hasattr(record, "new_item") else record.payload


CARRIERS: list[t.Any] = [
    (SQSEvent, lambda value: SQSEvent.build([value])),
    (SNSEvent, lambda value: SNSEvent.build([value])),
    (KinesisEvent, lambda value: KinesisEvent.build([value])),
    (KafkaEvent, lambda value: KafkaEvent.build([value])),
    (RabbitMQEvent, lambda value: RabbitMQEvent.build([value])),
    (CloudWatchLogsEvent, lambda value: CloudWatchLogsEvent.build([value])),
    (EventBridgeEvent, EventBridgeEvent.build),
    (LambdaDestinationEvent, lambda value: {"requestContext": {}, "requestPayload": value}),
    (
        CloudFormationCustomResourceEvent,
        lambda value: {"RequestType": "Create", "ResourceProperties": value},
    ),
]


@pytest.mark.parametrize(
    ("model", "build"), CARRIERS, ids=lambda item: getattr(item, "__name__", "")
)
@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (Order, {"id": 1}, WRONG_ORDERS),
        (list[Order], [{"id": 1}], [{"id": 1}, "x", [[]], [{"id": "1"}], ["ab"]]),
        (Order | None, {"id": 1}, WRONG_ORDERS),
        (dict[str, Order], {"a": {"id": 1}}, [[], "x", {"a": []}, {"a": {"id": "1"}}]),
        (tuple[int, ...], [1], ["12", {"1": 1}]),
    ],
)
def test_payloads_are_decoded_by_the_same_rules(
    model: t.Any, build: t.Any, kind: t.Any, right: t.Any, wrong: list[t.Any]
) -> None:
    def decoded(value: t.Any) -> t.Any:
        given = (
            value
            if model.__name__ == "EventBridgeEvent" or type(value) is not str
            else f'"{value}"'
        )
        event = unstructure(build(given))
        return payload_of(structure(event, model[kind]))

    assert decoded(right) == typed.structure(right, kind)
    for value in wrong:
        with pytest.raises(EventDecodeError):
            decoded(value)


def test_items_of_a_table_have_types_that_json_does_not_have() -> None:
    @attrs.define
    class Item:
        id: int
        price: Decimal
        ratio: float
        names: set[str]
        size: Size
        data: bytes
        level: t.Literal[1, 2]
        either: int | str

    item = Item(1, Decimal("1.50"), 0.5, {"a"}, Size.SMALL, b"x", 2, 7)
    new = DynamoDBEvent.build(new=item).records[0].new_item
    assert new == item
    wrong = unstructure(DynamoDBEvent.build(new={"id": Decimal("1.5")}))
    with pytest.raises(EventDecodeError, match=r"dynamodb\.NewImage\.id: expected int"):
        _ = structure(wrong, DynamoDBEvent[Order]).records[0].new_item


def test_decimals_of_payloads_keep_every_digit() -> None:
    @attrs.define
    class Priced:
        price: Decimal

    text = "12345678901234567890.12345678901234567890"
    event = structure(unstructure(SQSEvent.build([f'{{"price": {text}}}'])), SQSEvent[Priced])
    assert str(event.records[0].payload.price) == text
    document = f'{{"detail-type": "a", "detail": {{"price": {text}}}, "x": 1.5}}'.encode()
    whole = loads(document, EventBridgeEvent[Priced])
    assert str(whole.detail.price) == text
    assert unstructure(whole)["x"] == 1.5
    assert str(typed.document_decoder(Priced)(f'{{"price": {text}}}'.encode()).price) == text


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (t.Literal["a", None], "not a Literal['a', None]: expected one of 'a', None"),  # noqa: PYI061
        (list[t.Literal[1]], "not a list[Literal[1]]: "),
        (attrs.make_class("User", []), "not a User: "),
        (attrs.make_class("Unit", []), "not a Unit: "),
        (attrs.make_class("Upload", []), "not an Upload: "),
    ],
)
def test_types_are_named_in_words(kind: t.Any, told: str) -> None:
    with pytest.raises(EventDecodeError) as caught:
        typed.structure(1.5, kind)
    assert str(caught.value).startswith(told)


def test_every_place_is_told_in_words() -> None:
    value = {"items": [{"id": "x"}, 3], "by_name": {"a b": {}, "c": []}}
    with pytest.raises(EventDecodeError) as caught:
        typed.structure(value, Page[Order])
    error = caught.value
    assert str(error) == (
        "not a Page[Order]: items[0].id: expected int, found str ('x');"
        " items[1]: expected Order, found int (3); by_name.c: expected Order, found list"
    )
    assert (error.model, error.path) == ("Page[Order]", "items[0].id")
    assert (error.expected, error.found) == ("int", "str ('x')")
    assert typed.places_of(error).startswith(
        "items[0].id: expected int, found str ('x'); items[1]: "
    )
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    with pytest.raises(EventDecodeError, match=r"^not an Address: city is missing"):
        typed.structure({}, Address)


class Stay:
    def __init__(self, length: timedelta) -> None:
        self.length = length


@attrs.define
class Visit:
    name: str
    stay: timedelta = timedelta(minutes=5)


def seconds() -> Converter:
    converter = typed.make_converter()
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))
    converter.register_unstructure_hook(timedelta, lambda value: value.total_seconds())
    return converter


def minutes() -> Converter:
    converter = typed.make_converter()
    converter.register_structure_hook(timedelta, lambda value, _: timedelta(minutes=value))
    converter.register_unstructure_hook(timedelta, lambda value: value.total_seconds() / 60)
    return converter


VISIT = {"name": "Ada", "stay": 3}


@pytest.mark.parametrize(
    ("model", "build"), CARRIERS, ids=lambda item: getattr(item, "__name__", "")
)
def test_a_converter_counts_in_payloads_and_is_not_mixed_up(model: t.Any, build: t.Any) -> None:
    value = unstructure(build(VISIT))
    one = typed.decoder(model[Visit], converter=seconds())(value)
    other = structure(value, model[Visit], converter=minutes())
    with pytest.raises((EventDecodeError, TypeError)):
        payload_of(structure(value, model[Visit]))
    assert payload_of(one) == Visit("Ada", timedelta(seconds=3))
    assert payload_of(other) == Visit("Ada", timedelta(minutes=3))
    assert unstructure(one) == unstructure(other) == value
    for again in (copy.copy(one), copy.deepcopy(one), one.evolve()):
        assert payload_of(again) == payload_of(one)
    pickle.dumps(one)


def test_a_converter_counts_however_deep_the_event_is() -> None:
    inner = SNSNotification.build(VISIT)
    value = unstructure(SQSEvent.build([inner]))
    event = typed.structure(value, SQSEvent[SNSNotification[Visit]], converter=seconds())
    assert event.records[0].payload.payload == Visit("Ada", timedelta(seconds=3))
    (listed,) = typed.structure(
        [value], list[SQSEvent[SNSNotification[Visit]]], converter=seconds()
    )
    assert listed.records[0].payload.payload == Visit("Ada", timedelta(seconds=3))

    class VisitEvent(SQSEvent[Visit]):
        pass

    event = typed.structure(unstructure(SQSEvent.build([VISIT])), VisitEvent, converter=minutes())
    assert event.records[0].payload == Visit("Ada", timedelta(minutes=3))


def test_results_are_written_by_the_converter_too() -> None:
    visit = Visit("Ada", timedelta(seconds=3))
    assert typed.unstructure(visit, converter=seconds()) == {"name": "Ada", "stay": 3.0}
    event = EventBridgeEvent.build({"name": "Ada", "stay": 3})
    read = typed.structure(unstructure(event), EventBridgeEvent[Visit], converter=seconds())
    read.detail.stay = timedelta(seconds=4)
    assert typed.unstructure(read)["detail"] == {"name": "Ada", "stay": 4.0}
    assert unstructure({"a": [visit]}, converter=minutes()) == {
        "a": [{"name": "Ada", "stay": 0.05}]
    }
    assert dumps([visit], converter=seconds()) == b'[{"name":"Ada","stay":3.0}]'


def test_a_converter_of_ones_own_learns_the_models() -> None:
    plain = Converter()
    register_hooks(plain)
    value = unstructure(SQSEvent.build([S3Event.build("b", "k"), {"id": 1}]))
    event = typed.structure(value, SQSEvent[S3Event | Order], converter=plain)
    assert isinstance(event.records[0].payload, S3Event)
    assert event.records[1].payload == Order(1)


def test_results_keep_decimals() -> None:
    value = typed.unstructure(Page([Decimal("1.50"), datetime(2026, 1, 2, tzinfo=UTC), b"x"]))
    assert value["items"] == [Decimal("1.50"), "2026-01-02T00:00:00+00:00", "eA=="]


def test_kafka_types_the_value_or_the_key_and_the_value() -> None:
    value = unstructure(KafkaEvent.build([{"id": 1}], keys=['"k"']))
    for kind, key in ((KafkaEvent[Order], "k"), (KafkaEvent[str, Order], '"k"')):
        for converter in (None, seconds()):
            event: t.Any = typed.structure(value, kind, converter=converter)
            (record,) = event.all_records
            assert (record.payload, record.key_payload) == (Order(1), key)


@attrs.define
class Rated:
    half: Half
    price: Decimal = Decimal(0)


def test_numbers_that_keep_their_digits_are_not_coerced() -> None:
    assert loads(b'{"half": 0.5, "price": 1.10}', Rated) == Rated(Half.HALF, Decimal("1.10"))
    with pytest.raises(EventDecodeError):
        loads(b'{"half": 1.0}', Rated)


class Shipment(Model):
    id: str | None = None


@pytest.mark.parametrize("value", [None, "sold out", 5, [{"id": "7"}]])
def test_a_model_in_brackets_is_made_of_an_object_only(value: object) -> None:
    with pytest.raises(EventDecodeError):
        structure({"detail-type": "a", "detail": value}, EventBridgeEvent[Shipment])


def test_an_integer_of_any_size_is_an_error_of_ours() -> None:
    kinds: tuple[t.Any, ...] = (SQSEvent, Order, str, Colour, t.Literal[1])
    for kind in kinds:
        with pytest.raises(EventDecodeError):
            structure(10**5000, kind)


def test_a_place_is_told_in_few_words_however_long_its_keys_are() -> None:
    with pytest.raises(EventDecodeError) as caught:
        typed.structure({"a" * 100_000: {"b c" * 100_000: "x"}}, dict[str, dict[str, int]])
    assert len(caught.value.path) < 150
    assert "expected int, found str ('x')" in str(caught.value)
    value: t.Any = {"other": 5}
    for _ in range(100):
        value = {"other": value}
    with pytest.raises(EventDecodeError, match=r"\.\.\..*other: expected Tree") as caught:
        typed.structure(value, Tree)
