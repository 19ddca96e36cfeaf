"""Annotations of a user's own models, however they are spelt."""

from __future__ import annotations

import typing
from datetime import date
from typing import (  # noqa: UP035 (people write these)
    Annotated,
    Any,
    Callable,
    Final,
    Generic,
    List,
    Literal,
    Mapping,
    Optional,
    Sequence,
    TypeVar,
    Union,
)

import attrs
import pytest

from lambda_events import (
    ARN,
    EventDecodeError,
    Headers,
    Model,
    SQSEvent,
    SQSRecord,
    structure,
    unstructure,
)
from lambda_events._model import ModelType

T = TypeVar("T")
U = TypeVar("U")


class P(Model):
    name: str


class Q(Model, expects={"kind": "q"}):
    kind: str


@attrs.define
class Order:
    id: int


Parts = List[P]  # noqa: UP006
ONE = {"name": "a"}
P_ONE = structure(ONE, P)
# Annotations are text, and the names in them are looked up here.
USED = (ARN, Annotated, Any, Callable, dict, Final, Headers, Literal, Mapping, Optional)
USED_TOO = (SQSRecord, Sequence, Union, date, typing)


def model_with(annotation: str) -> Any:
    namespace = {"__module__": __name__, "__annotations__": {"part": annotation}}
    return ModelType("Whole", (Model,), namespace)


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        ("P", ONE, P_ONE),
        ("Optional[P]", ONE, P_ONE),
        ("Optional[P]", None, None),
        ("typing.Optional[P]", ONE, P_ONE),
        ("Union[P, None]", ONE, P_ONE),
        ("None | P", ONE, P_ONE),
        ('"P"', ONE, P_ONE),
        ('"P | None"', ONE, P_ONE),
        ('"P" | None', ONE, P_ONE),
        ("Optional['P']", ONE, P_ONE),
        ("Annotated[P, 'x']", ONE, P_ONE),
        ("Annotated[Optional[P], 'x']", ONE, P_ONE),
        ("Final[P]", ONE, P_ONE),
        ("P | str", ONE, P_ONE),
        ("P | str", "text", "text"),
        ("list[P]", [ONE], [P_ONE]),
        ('list["P"]', [ONE], [P_ONE]),
        ("List[P]", [ONE], [P_ONE]),
        ("typing.List['P']", [ONE], [P_ONE]),
        ("Sequence[P]", [ONE], [P_ONE]),
        ("Parts", [ONE], [P_ONE]),
        ("Optional[List[P]]", [ONE], [P_ONE]),
        ("list[Optional[P]]", [ONE, None], [P_ONE, None]),
        ("list[list[P]]", [[ONE]], [[P_ONE]]),
        ("List[List[P]]", [[ONE]], [[P_ONE]]),
        ("Dict[str, P]", {"a": ONE}, {"a": P_ONE}),
        ("Mapping[str, P]", {"a": ONE}, {"a": P_ONE}),
        ("dict[str, List[P]]", {"a": [ONE]}, {"a": [P_ONE]}),
        ("dict[str, dict[str, P]]", {"a": {"b": ONE}}, {"a": {"b": P_ONE}}),
        ("dict[int, P]", {"1": ONE}, {1: P_ONE}),
        ("list[Dict[str, P]]", [{"a": ONE}], [{"a": P_ONE}]),
        ("tuple[P, ...]", [ONE], (P_ONE,)),
        ("tuple[P, int]", [ONE, 1], (P_ONE, 1)),
        ("P | Q", {"kind": "q"}, structure({"kind": "q"}, Q)),
        ("P | list[P]", [ONE], [P_ONE]),
        ("Order", {"id": 1}, Order(1)),
        ("Optional[Order]", {"id": 1}, Order(1)),
        ("list[Order]", [{"id": 1}], [Order(1)]),
        ("date", "2026-01-02", date(2026, 1, 2)),
        ("Literal['a', 'b']", "a", "a"),
        ("Any", ONE, ONE),
        ("list[Any]", [ONE], [ONE]),
        ("int | str", 1, 1),
        ("Optional[ARN]", "arn:aws:s3:::b", ARN("arn:aws:s3:::b")),
        ("List[ARN]", ["arn:aws:s3:::b"], [ARN("arn:aws:s3:::b")]),
        ("Optional[Headers]", {"A": "b"}, Headers({"A": "b"})),
    ],
)
def test_an_annotation_is_read_however_it_is_spelt(
    annotation: str, value: object, expected: object
) -> None:
    whole = structure({"part": value, "more": 1}, model_with(annotation))
    assert whole.part == expected
    assert type(whole.part) is type(expected)
    assert unstructure(whole) == {"part": value, "more": 1}


@pytest.mark.parametrize(
    "annotation", ["list[P]", "list[list[P]]", "tuple[P, ...]", "dict[int, P]"]
)
def test_a_container_that_is_absent_is_empty(annotation: str) -> None:
    for value in ({}, {"part": None}):
        whole = structure(value, model_with(annotation))
        assert len(whole.part) == 0
        assert unstructure(whole) == value


@pytest.mark.parametrize(
    "annotation", ["set[P]", "type[P]", "Callable[[], P]", "list[set[P]]", "P +"]
)
def test_what_cannot_be_read_is_told_when_the_class_is_made(annotation: str) -> None:
    with pytest.raises(TypeError, match=r"annotation of .*part"):
        model_with(annotation)


@pytest.mark.parametrize("annotation", ["Missing", "list[Missing]", "Optional['Missing']"])
def test_a_name_for_type_checkers_only_does_not_pass_for_json(annotation: str) -> None:
    with pytest.raises(
        TypeError, match=r"Whole\.part names Missing, which does not exist at run time"
    ):
        structure({"part": ONE}, model_with(annotation))


def test_classes_of_ones_own_are_checked() -> None:
    for annotation, value in (("Order", {"id": "1"}), ("list[Order]", ["x"]), ("date", "soon")):
        with pytest.raises(EventDecodeError, match="not a Whole: part"):
            structure({"part": value}, model_with(annotation))


class Early(Model):
    later: Later
    several: List[Later]  # noqa: UP006
    maybe: Optional["Later"] = None  # noqa: UP037, UP045
    itself: Early | None = None


class Later(Model):
    number: int


def test_a_name_may_be_defined_later() -> None:
    value = {
        "later": {"number": 1},
        "several": [{"number": 2}],
        "maybe": {"number": 3},
        "itself": {"later": {"number": 4}},
    }
    early = structure(value, Early)
    assert early.itself is not None
    assert early.maybe is not None
    found = (early.later.number, early.several[0].number, early.maybe.number)
    assert (*found, early.itself.later.number) == (1, 2, 3, 4)
    assert unstructure(early) == value


def test_a_model_may_be_defined_in_a_function() -> None:
    class Inner(Model):
        number: int

    class Outer(Model):
        inner: Inner
        several: list[Inner]
        maybe: Optional[Inner] = None  # noqa: UP045

    value = {"inner": {"number": 1}, "several": [{"number": 2}], "maybe": {"number": 3}}
    outer = structure(value, Outer)
    assert outer.maybe is not None
    assert (outer.inner.number, outer.several[0].number, outer.maybe.number) == (1, 2, 3)


class Envelope(Model, Generic[T, U]):
    detail: T
    several: list[T]
    other: U
    maybe: Optional[U] = None  # noqa: UP045


def test_type_variables_are_those_of_typing() -> None:
    value = {"detail": {"id": 1}, "several": [{"id": 2}], "other": [3], "maybe": [4]}
    envelope = structure(value, Envelope[Order, tuple[int, ...]])
    assert (envelope.detail, envelope.several) == (Order(1), [Order(2)])
    assert (envelope.other, envelope.maybe) == ((3,), (4,))
    assert unstructure(envelope) == value
    assert structure(value, Envelope).detail == {"id": 1}
    with pytest.raises(EventDecodeError, match=r"several\[0\]: expected Order"):
        structure({**value, "several": ["x"]}, Envelope[Order, Any])


def test_a_subclass_of_an_event_keeps_its_payload() -> None:
    class Mine(SQSEvent[T], Generic[T]):
        more: Optional[P] = None  # noqa: UP045

    class OrderEvent(SQSEvent[Order]):
        pass

    value = {"Records": [{"body": '{"id": 5}'}], "more": ONE}
    mine = structure(value, Mine[Order])
    assert (mine.records[0].payload, mine.more) == (Order(5), P_ONE)
    assert structure(value, OrderEvent).records[0].payload == Order(5)
