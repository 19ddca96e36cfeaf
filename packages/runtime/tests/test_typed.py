from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence  # noqa: TC003 (cattrs looks them up)
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, TypedDict, TypeVar
from uuid import UUID

import attrs
import pytest
from cattrs import Converter
from hypothesis import given, strategies as st

from lambda_runtime import Fault, make_converter
from lambda_runtime._json import encode
from lambda_runtime._typed import decoder, prepare
from lambda_runtime._unstructure import unstructure

T = TypeVar("T")
Name = NewType("Name", str)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(IntEnum):
    SMALL = 1
    BIG = 3


class Unit(StrEnum):
    GRAM = "g"


class Point(NamedTuple):
    x: int
    y: Decimal = Decimal(0)


class Address(TypedDict, total=False):
    street: str
    since: date


@attrs.frozen
class Item:
    name: Name
    price: float
    amount: Decimal = Decimal(1)
    kind: Literal["new", "used"] = "new"


@dataclass
class Customer:
    name: str
    reference: UUID
    referred_by: Customer | None = None
    addresses: list[Address] = field(default_factory=list)


@attrs.frozen
class Card:
    number: str


@attrs.frozen
class Transfer:
    iban: str


@attrs.frozen(kw_only=True)
class Order:
    order_id: int = attrs.field(alias="orderId")
    customer: Customer
    items: tuple[Item, ...]
    placed: datetime
    day: date
    at: time
    paid_with: Card | Transfer | None
    colour: Colour
    size: Size
    unit: Unit
    signature: bytes
    position: tuple[int, str]
    corner: Point
    tags: frozenset[str]
    last: deque[int]
    stock: dict[int, Item]
    notes: Mapping[str, Sequence[str]]
    weight: float | str | None
    anything: Any
    flag: bool


@attrs.frozen
class Page(Generic[T]):
    items: list[T]
    next: Page[T] | None = None


@attrs.frozen
class Positive:
    number: int = attrs.field(validator=attrs.validators.gt(0))
    limit: int = 10

    def __attrs_post_init__(self) -> None:
        if self.number > self.limit:
            raise ValueError("number is above limit")


def holder(annotation: Any) -> Any:
    return attrs.make_class("Holder", {"field": attrs.field(type=annotation)})


def decoded(annotation: Any, value: object) -> Any:
    return decoder(annotation)(json.dumps(value).encode())


def fault(annotation: Any, value: object) -> str:
    """Return what is wrong with a value, according to the Fault that it ends in."""
    with pytest.raises(Fault) as caught:
        decoded(annotation, value)
    assert caught.value.error_type == "Runtime.UnmarshalError"
    assert caught.value.__cause__ is None
    message = str(caught.value)
    assert message.startswith("Unable to unmarshal input: ")
    return message.removeprefix("Unable to unmarshal input: ")


scalars = st.none() | st.booleans() | st.integers() | st.text()
floats = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
addresses = st.fixed_dictionaries({}, optional={"street": st.text(), "since": st.dates()})
items = st.builds(
    Item, st.text().map(Name), floats, amount=decimals, kind=st.sampled_from(["new", "used"])
)
customers = st.recursive(
    st.builds(Customer, st.text(), st.uuids(), st.none(), st.lists(addresses, max_size=2)),
    lambda customer: st.builds(Customer, st.text(), st.uuids(), customer),
    max_leaves=3,
)
orders = st.builds(
    Order,
    orderId=st.integers(),
    customer=customers,
    items=st.lists(items, max_size=2).map(tuple),
    placed=st.datetimes(timezones=st.sampled_from([UTC, None])),
    day=st.dates(),
    at=st.times(),
    paid_with=st.builds(Card, st.text()) | st.builds(Transfer, st.text()) | st.none(),
    colour=st.sampled_from(Colour),
    size=st.sampled_from(Size),
    unit=st.just(Unit.GRAM),
    signature=st.binary(max_size=20),
    position=st.tuples(st.integers(), st.text()),
    corner=st.builds(Point, st.integers(), decimals),
    tags=st.frozensets(st.text(), max_size=3),
    last=st.lists(st.integers(), max_size=3).map(deque),
    stock=st.dictionaries(st.integers(), items, max_size=2),
    notes=st.dictionaries(st.text(), st.lists(st.text(), max_size=2).map(tuple), max_size=2),
    weight=floats | st.text() | st.none(),
    anything=st.dictionaries(st.text(), scalars | floats, max_size=2) | scalars,
    flag=st.booleans(),
)
decode_order = decoder(Order)


@given(orders)
def test_what_is_encoded_is_decoded(order: Order) -> None:
    assert decode_order(encode(order)) == order


@given(st.lists(orders, max_size=2))
def test_objects_are_encoded_wherever_they_stand(values: list[Order]) -> None:
    documents = json.loads(encode({"orders": values}))["orders"]
    assert [decode_order(json.dumps(document).encode()).customer for document in documents] == [
        order.customer for order in values
    ]


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (list[Card], [{"number": "1", "unknown": 2}], [Card("1")]),
        (dict[str, Card], {"a": {"number": "1"}}, {"a": Card("1")}),
        (dict[UUID, int], {f"{UUID(int=1)}": 1}, {UUID(int=1): 1}),
        (Card | None, None, None),
        (Card | Transfer, {"iban": "X"}, Transfer("X")),
        (Card | int | str, 5, 5),
        (Card | int | str, {"number": "5"}, Card("5")),
        (Literal["a"] | Card | None, None, None),
        (set[Colour], ["red", "red"], {Colour.RED}),
        (tuple[()], [], ()),
        (list[Any], [1, "a", None], [1, "a", None]),
        (list[object], [1, {"a": 1.5}], [1, {"a": 1.5}]),
        (float, 5, 5.0),
        (list[float | str], [5, 1.5, "x"], [5.0, 1.5, "x"]),
        (Literal[1, Colour.RED], "red", Colour.RED),
        (datetime, "2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (Annotated[Card, "checked"], {"number": "1"}, Card("1")),
        (Page[Item], {"items": [{"name": "n", "price": 1}]}, Page([Item(Name("n"), 1.0)])),
        (Page[int], {"items": [1], "next": {"items": [2]}}, Page([1], Page([2]))),
        (Point, {"x": 1}, Point(1)),
        (Address, {"since": "2026-01-02"}, {"since": date(2026, 1, 2)}),
    ],
)
def test_a_type_is_made_from_json(annotation: Any, value: object, expected: object) -> None:
    result = decoded(annotation, value)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    "digits", ["0.1", "2.50", "1E+2", "12345678901234567890.123456789012345678901", "7", "-0.0"]
)
def test_decimals_keep_every_digit(digits: str) -> None:
    for document in (f'{{"x":1,"y":{digits}}}', f'{{"x":1,"y":"{digits}"}}'):
        number = decoder(Point)(document.encode()).y
        assert str(number) == str(Decimal(digits))


def test_numbers_beside_a_decimal_are_floats() -> None:
    @attrs.frozen
    class Mixed:
        exact: Decimal
        number: float
        either: float | str
        optional: float | None
        anything: Any

    value = {"exact": 1.10, "number": 1.5, "either": 2.5, "optional": 3.5, "anything": [4.5]}
    mixed = decoder(Mixed, make_converter())(json.dumps(value).encode())
    assert [type(mixed.number), type(mixed.either), type(mixed.optional)] == [float] * 3
    assert mixed.anything == [4.5]
    assert json.loads(encode(mixed)) == value


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (int, "5", "expected int, found str ('5')"),
        (int, True, "expected int, found bool (True)"),
        (int, 5.0, "expected int, found float (5.0)"),
        (str, 5, "expected str, found int (5)"),
        (bool, 1, "expected bool, found int (1)"),
        (float, "1", "expected float, found str ('1')"),
        (float, True, "expected float, found bool (True)"),
        (float, 10**400, "expected float, found int (1000000000000000000000000000000000000...): "),
        (datetime, "today", "expected datetime (ISO 8601), found str ('today')"),
        (datetime, 1700000000, "expected datetime (ISO 8601), found int (1700000000)"),
        (date, "2026-02-30", "expected date (ISO 8601), found str ('2026-02-30')"),
        (UUID, "1", "expected UUID, found str ('1')"),
        (Decimal, "x", "expected Decimal, found str ('x')"),
        (Decimal, "NaN", "expected Decimal, found str ('NaN')"),
        (Decimal, True, "expected Decimal, found bool (True)"),
        (bytes | None, "a", "expected bytes (base64) | None, found str ('a')"),
        (Colour, "green", "expected one of 'red', 'blue', found str ('green')"),
        (Size, 2, "expected one of 1, 3, found int (2)"),
        (Size, True, "expected one of 1, 3, found bool (True)"),
        (Literal[1], True, "expected one of 1, found bool (True)"),
        (list[str], "abc", "expected list, found str ('abc')"),
        (list[str], {"a": 1}, "expected list, found dict"),
        (set[str], "abc", "expected set, found str ('abc')"),
        (dict[str, int], [], "expected dict, found list"),
        (Card, [], "expected Card, found list"),
        (Card, "number", "expected Card, found str ('number')"),
        (Address, [], "expected Address, found list"),
        (Point, [1, 2], "expected Point, found list"),
        (Card | None, 5, "expected Card | None, found int (5)"),
        (int | str, 1.5, "expected int | str, found float (1.5)"),
        (int | str, True, "expected int | str, found bool (True)"),
        (tuple[int, str], [1], "expected tuple, found list: 1 items, not 2"),
        (type(None), 1, "expected None, found int (1)"),
    ],
)
def test_nothing_is_coerced(annotation: Any, value: object, message: str) -> None:
    assert fault(holder(annotation), {"field": value}).startswith(f"field: {message}")


def test_every_fault_is_told_with_its_place() -> None:
    value = {
        "orderId": "7",
        "customer": {"reference": "?", "referred_by": {"name": 5}, "addresses": [{"since": "x"}]},
        "items": [{"name": "n", "price": 1}, {"name": "n", "price": "abc", "kind": "old"}, 3],
        "stock": {"1": {}, "one": {"name": "n", "price": 1}, "a b": None},
        "position": [1, 2],
    }
    expected = [
        "orderId: expected int, found str ('7')",
        "customer.name: missing",
        "customer.reference: expected UUID, found str ('?')",
        "customer.referred_by.name: expected str, found int (5)",
        "customer.referred_by.reference: missing",
        "customer.addresses[0].since: expected date (ISO 8601), found str ('x')",
        "items[1].price: expected float, found str ('abc')",
        "items[1].kind: expected one of 'new', 'used', found str ('old')",
        "items[2]: expected Item, found int (3)",
    ]
    found = fault(Order, value).split("; ")
    assert found[:9] == expected
    assert found[9:11] == ["placed: missing", "day: missing"]
    assert (len(found), found[20]) == (21, "and more")


def test_keys_are_at_fault_too() -> None:
    faults = fault(dict[int, Card], {"1": {}, "one": {"number": "1"}, "a b": None})
    assert faults.split("; ") == [
        "['1'].number: missing",
        "one: as a key, expected int, found str ('one')",
        "['a b']: expected Card, found None",
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"number": 0}, "'number' must be > 0: 0"),
        ({"number": 11}, "number is above limit"),
        ([1], "expected Positive, found list"),
        (None, "expected Positive, found None"),
    ],
)
def test_a_class_has_its_own_say(value: object, message: str) -> None:
    assert fault(Positive, value) == message
    assert fault(list[Positive], [value]) == f"[0]: {message}"


def test_a_union_that_fits_nothing_says_what_it_is_of() -> None:
    assert fault(Card | Transfer, {"x": 1}).startswith("expected Card | Transfer, found dict: ")


def test_long_values_and_many_faults_are_cut() -> None:
    message = fault(list[int], ["x" * 10_000] * 1000)
    assert len(message) < 2000
    assert message.endswith("; and more")


def test_an_event_that_is_nested_too_deeply_is_the_senders_fault() -> None:
    value: object = None
    for _ in range(400):
        value = {"name": "n", "reference": str(UUID(int=1)), "referred_by": value}
    assert len(fault(Customer, value)) < 3000


def test_an_event_that_is_no_json_is_a_fault() -> None:
    for annotation in (Card, Item):  # with and without a Decimal
        for document in (b"{", b"", b"[" * 200_000):
            with pytest.raises(Fault, match="Unable to unmarshal input: ") as caught:
                decoder(annotation)(document)
            assert caught.value.error_type == "Runtime.UnmarshalError"


@pytest.mark.parametrize(
    "annotation",
    [
        complex,
        list[complex],
        complex | None,
        Card | complex | None,
        list[Card] | list[Transfer],
        holder(complex | None),
        holder(dict[str, tuple[int, complex]]),
        holder(Positive | Card | None),
    ],
)
def test_a_type_without_a_rule_fails_at_the_start(annotation: Any) -> None:
    with pytest.raises(Fault, match=r"Unable to decode events to .*dict.*converter") as caught:
        decoder(annotation)
    assert caught.value.error_type == "Runtime.InvalidEventType"


class Temperature:
    def __init__(self, degrees: float) -> None:
        self.degrees = degrees


@attrs.frozen
class Reading:
    at: Temperature | None
    cost: Decimal


def own_converter() -> Converter:
    converter = make_converter()
    converter.register_structure_hook(Temperature, lambda value, _: Temperature(float(value)))
    converter.register_unstructure_hook(Temperature, lambda value: value.degrees)
    return converter


def test_a_converter_adds_rules() -> None:
    converter = own_converter()
    for rules in (converter, converter.copy()):
        read = decoder(list[Reading], rules)
        (one,) = read(b'[{"at": "36.6", "cost": 1.10}]')
        assert one.at.degrees == 36.6
        assert str(one.cost) == "1.10"
        with pytest.raises(
            Fault, match=r"\[0\].at: expected Temperature \| None, found str \('x'\)"
        ):
            read(b'[{"at": "x", "cost": 1}]')

        def simple(value: Any, rules: Converter = rules) -> Any:
            return unstructure(value, rules)

        assert encode([one, Temperature(1.5)], simple) == b'[{"at":36.6,"cost":1.10},1.5]'


def test_any_converter_of_cattrs_will_do() -> None:
    plain = Converter(detailed_validation=False)
    read = decoder(Positive, plain)
    assert read(b'{"number": "5"}') == Positive(5)
    with pytest.raises(Fault, match="expected Positive, found dict: KeyError: number"):
        read(b"{}")
    assert decoder(list[float], plain)(b"[1.5]") == [1.5]


@dataclass
class Node:
    name: str
    others: list[Any]


@pytest.mark.parametrize(
    ("value", "document"),
    [
        (Card("1"), '{"number":"1"}'),
        ([Card("1"), {"a": (Card("2"),)}], '[{"number":"1"},{"a":[{"number":"2"}]}]'),
        (
            Node("n", [b"hi", UUID(int=1).version, Colour.RED]),
            '{"name":"n","others":["aGk=",null,"red"]}',
        ),
        (
            Item(Name("n"), 0.5, Decimal("2.50")),
            '{"name":"n","price":0.5,"amount":2.50,"kind":"new"}',
        ),
        (
            Node("n", [datetime(2026, 1, 2, tzinfo=UTC), date(2026, 1, 2), time(1, 2)]),
            '{"name":"n","others":["2026-01-02T00:00:00+00:00","2026-01-02","01:02:00"]}',
        ),
        (Node("n", [{1}, (2, 3), Point(1)]), '{"name":"n","others":[[1],[2,3],{"x":1,"y":0}]}'),
        (Page([Card("1")]), '{"items":[{"number":"1"}],"next":null}'),
    ],
)
def test_objects_have_one_form(value: object, document: str) -> None:
    assert encode(value).decode() == document


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            Node("n", [complex(1)]),
            r"Object of type complex is not JSON serializable \(at .others\[0\]\)",
        ),
        ([Node("n", [float("nan")])], r"not JSON compliant: nan \(at \[0\].others\[0\]\)"),
        (Node("n", [float("nan")]), r"not JSON compliant: nan \(at .others\[0\]\)"),
        (Card, "Object of type type is not JSON serializable"),
        ({"at": datetime(2026, 1, 2, tzinfo=UTC)}, "Object of type datetime is not JSON"),
    ],
)
def test_what_is_in_an_object_has_to_be_json_too(value: object, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        encode(value)


def test_an_object_that_holds_itself_is_an_error() -> None:
    node = Node("n", [])
    node.others.append(node)
    for value in (node, [node]):
        with pytest.raises(ValueError, match="Circular reference"):
            encode(value)


def test_a_result_can_be_prepared_for() -> None:
    asked: list[Any] = []
    converter = make_converter()

    def asks(kind: Any) -> bool:
        asked.append(kind)
        return False

    converter.register_unstructure_hook_func(asks, repr)
    prepare(list[Page[Card]] | None, converter)
    assert {Page, Card} <= set(asked)
    asked.clear()
    unstructure(Card("1"), converter)
    assert asked == []


@pytest.mark.parametrize("missing", ["cattrs", "attrs"])
def test_without_cattrs_it_is_said_what_to_install(missing: str) -> None:
    program = f"""
import sys
sys.modules[{missing!r}] = None
from dataclasses import dataclass
from lambda_runtime import Fault
from lambda_runtime._json import encode
from lambda_runtime._typed import decoder, prepare

@dataclass
class Order:
    number: int

prepare(Order)
try:
    encode({{"a": Order(1)}})
except TypeError as error:
    print(error)
try:
    decoder(Order)
except Fault as error:
    print(error.error_type, error)
"""
    result = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    encoding, decoding = result.stdout.splitlines()
    assert encoding.startswith("Object of type Order is not JSON serializable: ")
    assert decoding.startswith("Runtime.ImportModuleError Unable to decode events to Order: ")
    for line in (encoding, decoding):
        assert line.endswith("`pip install 'lambda-runtime[typed]'`")


@attrs.define
class Branch:
    name: str
    left: Branch | None = None
    others: list[Branch] = attrs.field(factory=list)


def in_itself() -> Branch:
    node = Branch("a")
    node.left = node
    return node


def in_its_list() -> Branch:
    node = Branch("a")
    node.others.append(Branch("b", others=[node]))
    return node


@pytest.mark.parametrize("make", [in_itself, in_its_list])
def test_objects_that_hold_each_other_are_an_error(make: Any) -> None:
    for value in (make(), [make()], {"a": (make(),)}):
        with pytest.raises(ValueError, match="Circular reference detected"):
            encode(value)


def test_an_object_may_stand_in_several_places() -> None:
    leaf = Branch("leaf")
    text = encode(Branch("a", leaf, [leaf, leaf])).decode()
    assert text.count('"leaf"') == 3
