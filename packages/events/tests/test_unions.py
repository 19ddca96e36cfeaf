"""Unions whose members have the same keys, and a literal that says which one a value is of."""

from __future__ import annotations

import dataclasses
import enum
import typing as t
from decimal import Decimal

import attrs
import pytest

from lambda_events import APIGatewayProxyEvent, EventBridgeEvent, EventDecodeError, SQSEvent
from lambda_events.typed import decoder, structure, unstructure


class Kind(enum.Enum):
    PAID = "paid"
    SENT = "sent"


@dataclasses.dataclass
class Paid:
    kind: t.Literal[Kind.PAID]
    order: int


@dataclasses.dataclass
class Sent:
    kind: t.Literal[Kind.SENT]
    order: int


Parcel = t.NewType("Parcel", Sent)


@attrs.define
class One:
    version: t.Literal[1, 2]
    order: int


@attrs.define
class Three:
    version: t.Literal[3]
    order: int


class Left(t.TypedDict):
    side: t.Literal["left"]
    order: int


class Right(t.TypedDict):
    side: t.Annotated[t.Literal["right"], "not left"]
    order: int


class Up(t.NamedTuple):
    order: int
    side: t.Literal["up"] = "up"


@dataclasses.dataclass
class PaidTwice:
    kind: t.Literal["paid"]
    version: t.Literal[2]


@dataclasses.dataclass
class PaidOnce:
    kind: t.Literal["paid"]
    version: t.Literal[1]


@dataclasses.dataclass
class SentOnce:
    kind: t.Literal["sent"]
    version: t.Literal[1]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Paid | Sent, {"kind": "sent", "order": 1}, Sent(Kind.SENT, 1)),
        (list[Paid | Sent], [{"kind": "paid", "order": 1}], [Paid(Kind.PAID, 1)]),
        (One | Three, {"version": 2, "order": 1}, One(2, 1)),
        (One | Three | None, {"version": 3, "order": 1}, Three(3, 1)),
        (One | Three, {"version": Decimal(3), "order": 1}, Three(3, 1)),
        (Left | Right, {"side": "right", "order": 1}, {"side": "right", "order": 1}),
        (
            t.Union[t.Annotated[Paid, "in full"], Parcel, None],  # noqa: UP007 (pyright needs it)
            {"kind": "sent", "order": 1},
            Sent(Kind.SENT, 1),
        ),
        (Left | Right | Up, {"side": "up", "order": 1}, Up(1)),
        (Left | Up, {"order": 1}, Up(1)),
        (PaidTwice | PaidOnce | SentOnce, {"kind": "paid", "version": 1}, PaidOnce("paid", 1)),
        (PaidTwice | PaidOnce | SentOnce, {"kind": "sent", "version": 1}, SentOnce("sent", 1)),
    ],
)
def test_a_literal_says_which_member_a_value_is_of(
    kind: t.Any, value: t.Any, expected: t.Any
) -> None:
    made = structure(value, kind)
    assert made == expected
    assert type(made) is type(expected)
    assert structure(unstructure(made), kind) == made


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (Paid | Sent, {"kind": "lost"}, "kind: expected one of 'paid', 'sent', found str ('lost')"),
        (Paid | Sent, {"order": 1}, "kind is missing (expected one of 'paid', 'sent')"),
        (Paid | Sent, {"kind": "sent", "order": "1"}, "order: expected int, found str ('1')"),
        (One | Three, {"version": True}, "version: expected one of 1, 2, 3, found bool (True)"),
        (One | Three, {"version": []}, "version: expected one of 1, 2, 3, found list"),
        (
            PaidTwice | PaidOnce | SentOnce,
            {"kind": "sent", "version": 2},
            "version: expected one of 1, found int (2)",
        ),
        (list[Left | Right], [{"side": "in"}], "[0].side: expected one of 'left', 'right', found"),
    ],
)
def test_an_unknown_literal_is_told_with_those_that_are_known(
    kind: t.Any, value: t.Any, told: str
) -> None:
    with pytest.raises(EventDecodeError) as caught:
        structure(value, kind)
    assert told in str(caught.value)


def test_literals_do_not_decide_between_a_class_and_a_mapping() -> None:
    kind: t.Any = Paid | Sent | dict[str, t.Any]
    assert structure({"kind": "lost"}, kind) == {"kind": "lost"}
    assert structure({"kind": "sent", "order": 1}, kind) == Sent(Kind.SENT, 1)


def test_a_detail_may_be_one_of_several() -> None:
    value = unstructure(EventBridgeEvent.build({"side": "right", "order": 1}))
    assert structure(value, EventBridgeEvent[Left | Right]).detail["side"] == "right"


def test_an_object_with_no_key_of_an_event_is_not_that_event() -> None:
    """Events lack keys in tests, and so a request may be without all but one."""
    kind: t.Any = APIGatewayProxyEvent | SQSEvent
    assert structure({"path": "/"}, kind).path == "/"
    with pytest.raises(EventDecodeError, match="its keys are those of none of them"):
        structure({"order": 1}, kind)


def test_an_event_with_two_kinds_of_payload_is_told_in_advance() -> None:
    with pytest.raises(TypeError, match=r"twice; write EventBridgeEvent\[A \| B\] instead"):
        decoder(EventBridgeEvent[Left] | EventBridgeEvent[Right])


def test_a_key_may_have_a_type_with_metadata() -> None:
    assert structure({"1": 2}, dict[t.Annotated[int, "a number"], int]) == {1: 2}
    assert structure({"1": 2}, dict[t.Annotated[t.Literal[1], "one"], int]) == {1: 2}
