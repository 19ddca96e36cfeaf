"""Classes of pydantic and msgspec: their own libraries decode and encode them."""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import attrs
import pytest
from cattrs import Converter

from lambda_events import (
    DynamoDBEvent,
    EventBridgeEvent,
    EventDecodeError,
    SQSEvent,
    dumps,
    structure,
    typed,
    unstructure,
)

pydantic = pytest.importorskip("pydantic")
msgspec = pytest.importorskip("msgspec")

T = t.TypeVar("T")
if t.TYPE_CHECKING:
    from msgspec import Struct
    from pydantic import BaseModel
    from pydantic.dataclasses import dataclass
else:
    BaseModel, Struct, dataclass = (
        pydantic.BaseModel,
        msgspec.Struct,
        pydantic.dataclasses.dataclass,
    )


class Cat(BaseModel):
    kind: t.Literal["cat"] = "cat"
    lives: int
    born: date | None = None


class Dog(BaseModel):
    kind: t.Literal["dog"]
    owner: int = pydantic.Field(alias="ownerId")


class Strict(BaseModel):
    model_config = pydantic.ConfigDict(strict=True)

    at: datetime
    tags: set[str]
    place: tuple[int, int]
    price: Decimal


class Checked(BaseModel):
    low: int
    high: int

    @pydantic.model_validator(mode="after")  # type: ignore[untyped-decorator, unused-ignore]
    def check(self) -> Checked:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Numbers(pydantic.RootModel[list[int]]):  # type: ignore[misc, name-defined]
    pass


class Page(BaseModel, t.Generic[T]):
    items: list[T]


@dataclass
class Visit:
    name: str
    day: date | None = None


class Order(Struct, rename="camel"):
    order_id: int
    day: date | None = None
    data: bytes = b""


class One(Struct, tag="one"):
    first: int


class Two(Struct, tag="two"):
    second: int


@attrs.define
class Holder:
    cat: Cat
    orders: list[Order]
    visit: Visit | None = None


DOG: dict[str, t.Any] = {"kind": "dog", "ownerId": 1}
CAT: dict[str, t.Any] = {"kind": "cat", "lives": 9, "born": "2026-01-02"}
ORDER = {"orderId": 1, "day": "2026-01-02", "data": "aGk="}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Cat, CAT, Cat(lives=9, born=date(2026, 1, 2))),
        (Cat, {"lives": "9"}, Cat(lives=9)),  # as pydantic does it
        (Cat | None, None, None),
        (Cat | Dog, {"kind": "dog", "ownerId": 1}, Dog(**DOG)),
        (Cat | Dog | None, None, None),
        (
            t.Annotated[Cat | Dog, pydantic.Field(discriminator="kind")],
            {"kind": "dog", "ownerId": 1},
            Dog(**DOG),
        ),
        (Numbers, [1], Numbers([1])),
        (Page[Cat], {"items": [CAT]}, Page[Cat](items=[Cat(**CAT)])),
        (Visit, {"name": "a", "day": "2026-01-02"}, Visit("a", date(2026, 1, 2))),
        (list[Visit], [{"name": "a"}], [Visit("a")]),
        (dict[str, Cat], {"a": CAT}, {"a": Cat(**CAT)}),
        (Cat | dict[str, t.Any], {"other": 1}, {"other": 1}),
        (Order, ORDER, Order(1, date(2026, 1, 2), b"hi")),
        (list[Order], [{"orderId": 1}], [Order(1)]),
        (tuple[Order, ...], [{"orderId": 1}], (Order(1),)),
        (Order | None, {"orderId": 1}, Order(1)),
        (One | Two, {"type": "two", "second": 1}, Two(1)),
        (One | Two | None, None, None),
        (
            Holder,
            {"cat": CAT, "orders": [ORDER], "visit": {"name": "a"}},
            Holder(Cat(**CAT), [Order(1, date(2026, 1, 2), b"hi")], Visit("a")),
        ),
    ],
)
@pytest.mark.parametrize(
    "make", [lambda: None, typed.make_converter, Converter], ids=["none", "ours", "cattrs"]
)
def test_a_class_is_decoded_by_its_own_library(
    kind: t.Any, value: object, expected: object, make: t.Any
) -> None:
    made = typed.decoder(kind, converter=make())(value)
    assert made == expected
    assert type(made) is type(expected)


def test_what_is_strict_about_objects_takes_json() -> None:
    value = {"at": "2026-01-02T03:04:05Z", "tags": ["a"], "place": [1, 2], "price": "1.5"}
    made = typed.structure(value, Strict)
    assert (made.tags, made.place, made.price) == ({"a"}, (1, 2), Decimal("1.5"))
    assert typed.unstructure(made) == value
    with pytest.raises(EventDecodeError, match=r": place"):
        typed.structure({**value, "place": ["1", 2]}, Strict)


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (Cat, {"kind": "x"}, ["kind: Input should be 'cat', found str ('x')", "lives: missing"]),
        (Dog, {"kind": "dog"}, ["ownerId: missing"]),
        (list[Cat], [CAT, {}, 3], ["[1].lives: missing", "[2]: Input should be a valid dict"]),
        (Checked, {"low": 2, "high": 1}, ["Value error, low is above high, found dict"]),
        (list[Checked], [{"low": 2, "high": 1}], ["[0]: Value error, low is above high"]),
        (Numbers, [1, "x"], ["[1]: Input should be a valid integer"]),
        (Page[Cat], {"items": [{}]}, ["items[0].lives: missing"]),
        (Visit, {"day": "x"}, ["name: missing", "day: Input should be a valid date"]),
        (Order, {"day": 3}, ["orderId: missing", "day: Expected `date | null`, got `int`"]),
        (Order, [], ["Expected `object`, got `array`"]),
        (
            list[Order],
            [{"orderId": "x"}, {}],
            ["[0].orderId: Expected `int`", "[1].orderId: missing"],
        ),
        (One | Two, {"type": "two"}, ["Object missing required field `second`"]),
        (
            Holder,
            {"cat": {}, "orders": [{}, {"orderId": "x"}], "visit": {"name": 1}},
            [
                "cat.lives: missing",
                "orders[0].orderId: missing",
                "orders[1].orderId: Expected `int`, got `str`",
                "visit.name: Input should be a valid string, found int (1)",
            ],
        ),
    ],
)
def test_every_place_is_told(kind: t.Any, value: object, told: list[str]) -> None:
    for converter in (None, typed.make_converter()):
        with pytest.raises(EventDecodeError) as caught:
            typed.structure(value, kind, converter=converter)
        found = typed.places_of(caught.value).split("; ")
        assert len(found) == len(told)
        for one, expected in zip(found, told, strict=True):
            assert one.startswith(expected)


class Cats(BaseModel):
    cats: list[Cat]


class NamedCats(BaseModel):
    cats: dict[str, Cat]


class Tree(BaseModel):
    value: int
    left: Tree | None = None
    right: Tree | None = None


class Closed(BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    number: int = 0


class Numbered(BaseModel):
    numbers: dict[int, int] = pydantic.Field(default_factory=dict)
    several: tuple[int, ...] = ()
    either: list[Cat | Closed | int] = pydantic.Field(default_factory=list)
    counted: Counter[str] = pydantic.Field(default_factory=Counter)


class Daily(BaseModel):
    model_config = pydantic.ConfigDict(strict=True)

    days: list[date]
    either: list[Cat | Closed]


class Orders(Struct):
    orders: list[Order]


class Nest(Struct):
    inner: Nest | None = None


def tree(depth: int) -> dict[str, t.Any]:
    return {"left": tree(depth - 1), "right": tree(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Cats, {"cats": [{}] * 30_000}),
        (NamedCats, {"cats": {f"k{n}": {} for n in range(30_000)}}),
        (Tree, tree(14)),
        (list[Cat], [{}] * 30_000),
        (Closed, {f"k{n}": 1 for n in range(30_000)}),
        (Numbered, {"numbers": {f"k{n}": 1 for n in range(30_000)}}),
        (Numbered, {"several": ["x"] * 30_000}),
        (Numbered, {"either": [{"z": "x"}] * 30_000}),
        (Numbered, {"counted": {f"k{n}": "x" for n in range(30_000)}}),
        (Orders, {"orders": [{}] * 30_000}),
        (list[Order], [{}] * 30_000),
    ],
)
def test_a_wrong_event_is_told_in_twenty_places(kind: t.Any, value: t.Any) -> None:
    with pytest.raises(EventDecodeError) as caught:
        typed.structure(value, kind)
    assert len(caught.value.told) == 21
    assert caught.value.told[-1] == "and more"
    document = dumps(value)
    with pytest.raises(EventDecodeError) as caught:
        typed.document_decoder(kind)(document)
    assert len(caught.value.told) == 21


def test_a_large_event_that_is_right_is_decoded() -> None:
    value = {"cats": [CAT] * 20_000}
    assert typed.structure(value, Cats).cats[-1].lives == 9
    assert typed.document_decoder(Cats)(dumps(value)).cats[-1].lives == 9


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Numbered, {"either": [CAT, {"number": 1}, 5] * 10_000}),
        (Numbered, {"numbers": {n: n for n in range(20_000)}}),
        (Daily, {"days": ["2026-01-02"] * 20_000, "either": [{"number": 1}, {}] * 10_000}),
    ],
)
def test_a_large_event_is_decoded_as_pydantic_does(kind: t.Any, value: t.Any) -> None:
    document = json.dumps(value).encode()
    expected = kind.model_validate_json(document)
    assert typed.document_decoder(kind)(document) == expected
    assert typed.structure(json.loads(document), kind) == expected


def test_what_is_nested_too_deeply_for_a_library_is_an_error_of_ours() -> None:
    for kind, key in ((Nest, b"inner"), (Tree, b"left")):
        with pytest.raises(EventDecodeError):
            typed.document_decoder(kind)(b'{"%s":' % key * 5000 + b"1" + b"}" * 5000)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Cat(lives=9, born=date(2026, 1, 2)), CAT),
        (Numbers([1]), [1]),
        (Visit("a", date(2026, 1, 2)), {"name": "a", "day": "2026-01-02"}),
        (Order(1, date(2026, 1, 2), b"hi"), ORDER),
        (Two(1), {"type": "two", "second": 1}),
        (
            Holder(Cat(lives=9), [Order(1)], Visit("a")),
            {
                "cat": {"kind": "cat", "lives": 9, "born": None},
                "orders": [{"orderId": 1, "day": None, "data": ""}],
                "visit": {"name": "a", "day": None},
            },
        ),
    ],
)
def test_a_class_is_encoded_by_its_own_library(value: t.Any, expected: object) -> None:
    for converter in (None, typed.make_converter()):
        assert typed.unstructure(value, converter=converter) == expected
    assert unstructure([value]) == [expected]
    assert unstructure({"a": [value]}) == {"a": [expected]}


def test_payloads_are_decoded_by_their_own_library() -> None:
    value = unstructure(SQSEvent.build([CAT, {"kind": "cat"}, "text"]))
    first, second, third = structure(value, SQSEvent[Cat]).records
    assert first.payload.lives == 9
    with pytest.raises(
        EventDecodeError, match=r"^not an SQSRecord\[Cat\]: body.lives is missing \(expected"
    ):
        _ = second.payload
    with pytest.raises(EventDecodeError, match="body: Invalid JSON"):
        _ = third.payload
    orders = unstructure(SQSEvent.build([Order(1), {"orderId": "x"}]))
    right, wrong, *_ = structure(orders, SQSEvent[Order]).records
    assert right.payload == Order(1)
    with pytest.raises(EventDecodeError, match=r"body\.orderId: Expected `int`, got `str`"):
        _ = wrong.payload
    detail = EventBridgeEvent.build(Cat(lives=9)).detail
    assert detail.lives == 9
    item = DynamoDBEvent.build(new={"id": 1, "orderId": 2, "lives": 3})
    image = unstructure(item)
    assert structure(image, DynamoDBEvent[Order]).records[0].new_item == Order(2)
    assert structure(image, DynamoDBEvent[Cat]).records[0].new_item == Cat(lives=3)


def test_nothing_of_ours_imports_these_libraries() -> None:
    program = (
        "import sys\n"
        "from dataclasses import dataclass\n"
        "from lambda_events import typed, SQSEvent, structure, unstructure\n"
        "@dataclass\n"
        "class Order:\n"
        "    id: int\n"
        "assert typed.structure({'id': 1}, Order | None) == Order(1)\n"
        "assert typed.unstructure(Order(1)) == {'id': 1}\n"
        "assert not {'pydantic', 'pydantic_core', 'msgspec'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
