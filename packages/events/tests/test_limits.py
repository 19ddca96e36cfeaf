"""The highest cost of a wrong event, of a result that holds itself, and of compressed data."""

from __future__ import annotations

import gc
import tracemalloc
import typing as t
import zlib
from dataclasses import dataclass
from gzip import compress

import attrs
import pytest

from lambda_events import (
    CloudWatchLogsData,
    CloudWatchLogsEvent,
    EventBridgeEvent,
    EventDecodeError,
    FirehoseRecord,
    KinesisRecord,
    Model,
    dumps,
    set_decompression_limit,
    structure,
    typed,
    unstructure,
)
from lambda_events._data import base64_of

MANY = 50_000


@attrs.define
class Item:
    name: str
    count: int


@attrs.define
class Items:
    items: list[Item]


@dataclass
class Plain:
    items: tuple[Item, ...]


class Dictionary(t.TypedDict):
    name: str


class Named(t.NamedTuple):
    name: str


@attrs.define
class Cat:
    claws: int


@attrs.define
class Dog:
    legs: int


@attrs.define
class Node:
    value: int
    left: Node | None = None
    right: Node | None = None


@attrs.define
class Left:
    kind: t.Literal["left"]
    inner: Left | Right | None


@attrs.define
class Right:
    kind: t.Literal["right"]
    inner: Left | Right | None


def tree(depth: int) -> dict[str, t.Any]:
    return {"left": tree(depth - 1), "right": tree(depth - 1)} if depth else {}


def nested(depth: int) -> t.Any:
    value: t.Any = {"kind": "left", "inner": 5}
    for number in range(depth):
        value = {"kind": ("left", "right")[number % 2], "inner": value}
    return value


class Counting(dict[str, t.Any]):
    """A JSON object that counts how often somebody looks into it."""

    looks = 0

    def __contains__(self, key: object) -> bool:
        Counting.looks += 1
        return super().__contains__(key)


def places(kind: t.Any, value: t.Any) -> list[str]:
    """Return the places that the error names; it may use the memory of a few values only."""
    decode = typed.decoder(kind)
    with pytest.raises(EventDecodeError):
        decode([] if type(value) is dict else {})  # what is made once is made now
    gc.collect()
    tracemalloc.start()
    try:
        with pytest.raises(EventDecodeError) as caught:
            decode(value)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
    assert len(str(caught.value)) < 6000
    return list(caught.value.told)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Items, {"items": [{}] * MANY}),
        (list[Item], [{"name": 1, "count": "x"}] * MANY),
        (list[Item], ["wrong"] * MANY),
        (Plain, {"items": [{}] * MANY}),
        (dict[str, Item], {f"k{n}": {} for n in range(MANY)}),
        (dict[int, int], {f"k{n}": 1 for n in range(MANY)}),
        (list[list[list[int]]], [[["x"] * 10] * 10] * 500),
        (set[int], ["x"] * MANY),
        (frozenset[Item], [{}] * MANY),
        (list[tuple[int, int]], [[1, "x"]] * MANY),
        (list[Dictionary], [{}] * MANY),
        (list[Named], [{}] * MANY),
        (list[Cat | Dog], [{}] * MANY),
        (list[Item | None], [{}] * MANY),
        (list[int | str], [1.5] * MANY),
        (list[t.Literal["a", "b"]], ["c"] * MANY),
        (Node, tree(13)),
        (EventBridgeEvent[Items], {"detail-type": "a", "detail": {"items": [{}] * MANY}}),
    ],
)
def test_a_wrong_event_is_told_in_twenty_places(kind: t.Any, value: t.Any) -> None:
    told = places(kind, value)
    assert len(told) == 21
    assert told[-1] == "and more"
    assert len(set(told)) == 21


def test_twenty_places_are_all_told_and_one_more_is_not() -> None:
    assert len(places(list[int], ["x"] * 20)) == 20
    assert places(list[int], ["x"] * 21)[-1] == "and more"


def test_no_value_is_looked_at_more_often_for_unions_in_unions() -> None:
    counts = []
    for depth in (10, 100):
        Counting.looks = 0
        value: t.Any = Counting(kind="left", inner=5)
        for number in range(depth):
            value = Counting(kind=("left", "right")[number % 2], inner=value)
        with pytest.raises(EventDecodeError, match=r"inner"):
            typed.structure(value, Left | Right)
        counts.append(Counting.looks)
    assert counts[1] < 12 * counts[0]


class Cabin(Model):
    name: str
    inner: Cabin | Tent | None = None
    beds: set[int] | None = None


class Tent(Model):
    name: str
    inner: Cabin | Tent | None = None
    poles: set[int] | None = None


def test_models_in_unions_are_read_once() -> None:
    value: t.Any = {"beds": ["x"]}
    for _ in range(40):  # each of which would be two attempts
        value = {"inner": value}
    with pytest.raises(EventDecodeError):
        structure(value, Cabin)


def test_what_is_right_is_read_on_after_a_fault() -> None:
    told = places(list[Item], [{"name": "a", "count": 1}, {}] * 3)
    assert len(told) == 6


class Holder(Model):
    name: str


def cyclic_list() -> t.Any:
    value: list[t.Any] = [1]
    value.append(value)
    return value


def cyclic_dict() -> t.Any:
    value: dict[str, t.Any] = {}
    value["self"] = {"deeper": [value, value]}
    return value


def cyclic_tuple() -> t.Any:
    value: list[t.Any] = []
    value.append((value,))
    return tuple(value)


def cyclic_object() -> t.Any:
    node = Node(1)
    node.left = node
    return node


@pytest.mark.parametrize("make", [cyclic_list, cyclic_dict, cyclic_tuple, cyclic_object])
def test_what_holds_itself_is_one_clear_error(make: t.Any) -> None:
    value = make()
    model = Holder(name="a")
    model.extra["more"] = value
    cyclic = Holder(name="a")
    cyclic.extra["more"] = [cyclic]
    for whole in (value, [value], {"a": value}, model, cyclic, structure({"a": value}, Holder)):
        for write in (unstructure, dumps):
            with pytest.raises(ValueError, match="Circular reference"):
                write(whole)


def test_what_only_stands_in_several_places_is_no_cycle() -> None:
    shared = [1]
    value = [[shared, shared] for _ in range(20_000)]
    assert unstructure(value) == value
    with pytest.raises(ValueError, match="Circular reference"):
        unstructure([*value, cyclic_list()])


BOMB = compress(bytes(70_000_000))


def read_kinesis(data: bytes) -> bytes:
    record = structure({"kinesis": {"data": base64_of(data)}}, KinesisRecord)
    return record.kinesis.data_decompressed


def read_firehose(data: bytes) -> bytes:
    return structure({"data": base64_of(data)}, FirehoseRecord).data_decompressed


def read_logs(data: bytes) -> object:
    return structure({"awslogs": {"data": base64_of(data)}}, CloudWatchLogsEvent).logs


@pytest.mark.parametrize("read", [read_kinesis, read_firehose, read_logs, CloudWatchLogsData.of])
@pytest.mark.parametrize(
    "data",
    [BOMB, zlib.compress(bytes(70_000_000)), compress(bytes(30_000_000)) * 3],
    ids=["gzip", "zlib", "members"],
)
def test_data_becomes_64_mib_at_most(read: t.Any, data: bytes) -> None:
    with pytest.raises(EventDecodeError, match="at most 67108864 bytes when decompressed"):
        read(data)


def test_the_limit_can_be_set() -> None:
    data = compress(b"12345") + compress(b"678")
    set_decompression_limit(8)
    try:
        assert read_kinesis(data) == read_firehose(data) == b"12345678"
        with pytest.raises(EventDecodeError, match="data: expected at most 8 bytes"):
            read_kinesis(data + compress(b"9"))
        with pytest.raises(ValueError, match="0; it must be 1 or more"):
            set_decompression_limit(0)
    finally:
        set_decompression_limit(64 * 1024 * 1024)


@pytest.mark.parametrize(
    "data",
    [b"", b"x", compress(b"abc", mtime=0)[:-3], compress(b"abc", mtime=0) + b"more"],
    ids=["empty", "short", "cut", "more"],
)
def test_what_is_not_compressed_says_so(data: bytes) -> None:
    with pytest.raises(EventDecodeError, match="expected gzip or zlib data"):
        read_kinesis(data)


def test_compressed_data_may_be_of_any_size_and_have_any_number_of_parts() -> None:
    noise = bytes((7 * n * n + n // 3) % 251 for n in range(300_000))
    assert read_kinesis(compress(noise)) == noise
    assert read_kinesis(compress(b"") * 5000 + compress(b"a")) == b"a"
