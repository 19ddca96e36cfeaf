"""The rule of annotations: when a handler's event is decoded to the type that it names.

Where it stays JSON, the function behaves as under awslambdaric, which knows no annotations.
"""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from .test_differential import pytestmark as on_linux, start, start_both

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = on_linux

TYPES = """
import contextlib, functools
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import (
    Annotated, Any, Callable, Generic, NamedTuple, NewType, Optional, TypedDict, TypeVar, Union,
)
from uuid import UUID

import attrs

from lambda_logging import invocation
from lambda_runtime import function

@attrs.frozen
class Order:
    id: int = 0

@dataclass
class Line:
    id: int = 0

class Point(NamedTuple):
    id: int

class Dated(TypedDict, total=False):
    at: datetime
    order: Order

class Colour(Enum):
    RED = "red"

class Unknown:
    pass

Fields = NewType("Fields", dict[str, Any])
T = TypeVar("T")

class Envelope(Generic[T]):
    pass

def bare(function):
    def wrapper(event, context):
        return function(event, context)
    return wrapper

def wraps(function):
    @functools.wraps(function)
    def wrapper(event, context):
        return function(event, context)
    return wrapper

def builds_order(function):
    @functools.wraps(function)
    def wrapper(event, context):
        return function(Order(**event), context)
    return wrapper

class Around(contextlib.ContextDecorator):
    def __enter__(self): return self
    def __exit__(self, *_): return None

class Decorator:
    def __init__(self, function):
        functools.update_wrapper(self, function)
    def __call__(self, event, context):
        return self.__wrapped__(event, context)

def name(event):
    inner = next(iter(event), None) if isinstance(event, (list, dict)) else None
    return [type(event).__name__, type(inner).__name__]
"""
HANDLER = "def handler(event: {}, context): return name(event)"

# Functions whose event is the same under both runtimes: the annotation and the event.
PLAIN = [
    ("dict", {"id": 1}),
    ("dict[str, Any] | None", {"id": 1}),
    ("list[dict]", [{"id": 1}]),
    ("Point", {"id": 1}),
    ("list[Point]", [{"id": 1}]),
    ("set[int]", [1, 2]),
    ("tuple[int, ...]", [1, 2]),
    ("frozenset", [1]),
    ("Dated", {"at": "2026-01-02T03:04:05", "order": {"id": 1}}),
    ("list[Dated]", [{"at": "2026-01-02T03:04:05"}]),
    ("datetime", "2026-01-02T03:04:05"),
    ("UUID", "12345678-1234-5678-1234-567812345678"),
    ("Decimal", 1.5),
    ("Colour", "red"),
    ("Optional[bytes]", "YQ=="),
    ("Order | dict", {"id": 1}),
    ("Union[dict[str, Any], Order]", {"id": 1}),
    ("Order | Any", {"id": 1}),
    ("list[Order | dict]", [{"id": 1}]),
    ("Order | Fields", {"id": 1}),
    ("Order | Dated", {"id": 1}),
    ("list[Order] | list[dict]", [{"id": 1}]),
    ("Envelope[Order]", {"id": 1}),
    ("type[Order]", {"id": 1}),
    ("Callable[[Order], int]", {"id": 1}),
    ("Unknown", {"id": 1}),
    ("'OnlyForTypeCheckers'", {"id": 1}),
]

DECORATORS = ["@bare", "@wraps", "@wraps\n@wraps", "@builds_order", "@Decorator", "@Around()"]


def app(tmp_path: Path, source: str) -> Path:
    (tmp_path / "app.py").write_text(dedent(TYPES) + source, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("annotation", "event"), PLAIN)
def test_these_annotations_change_nothing(annotation: str, event: Any, tmp_path: Path) -> None:
    directory = app(tmp_path, HANDLER.format(annotation))
    with start_both("app.handler", directory) as peers:
        aws, ours = [peer.api.invoke(event).json() for peer in peers]
    assert aws == ours


@pytest.mark.parametrize("annotation", ["Order", "Line", "Optional[Order]"])
def test_a_class_is_decoded(annotation: str, tmp_path: Path) -> None:
    directory = app(tmp_path, HANDLER.format(annotation))
    with start("lambda_runtime", "app.handler", directory, {}) as ours:
        assert ours.api.invoke({"id": 1}).json()[0] in {"Order", "Line"}
        assert ours.api.invoke({"id": "1"}).json()["errorType"] == "Runtime.UnmarshalError"


@pytest.mark.parametrize("decorator", DECORATORS)
@pytest.mark.parametrize("annotation", ["Order", "Line", "list[Order]", "Order | dict"])
def test_behind_a_decorator_the_event_is_json(
    decorator: str, annotation: str, tmp_path: Path
) -> None:
    directory = app(tmp_path, f"{decorator}\n{HANDLER.format(annotation)}")
    with start_both("app.handler", directory) as peers:
        aws, ours = [peer.api.invoke({"id": 1}).json() for peer in peers]
    assert aws == ours


def test_a_cached_function_gets_json(tmp_path: Path) -> None:
    source = f"@functools.lru_cache\n{HANDLER.format('Order')}"
    with start_both("app.handler", app(tmp_path, source)) as peers:
        aws, ours = [peer.api.invoke("text").json() for peer in peers]
    assert aws == ours == ["str", "NoneType"]


@pytest.mark.parametrize(
    ("decorators", "annotation", "event", "expected"),
    [
        ("@function\n@wraps", "Order", {"id": 1}, "Order"),
        ("@function(leftover_tasks='keep')\n@wraps\n@wraps", "Line", {"id": 1}, "Line"),
        ("@function", "Point", {"id": 1}, "Point"),
        ("@function", "set[int]", [1], "set"),
        ("@function", "datetime", "2026-01-02T03:04:05", "datetime"),
        ("@function", "dict", {"id": 1}, "dict"),
        ("@function", "Unknown", {"id": 1}, "dict"),
        ("@wraps\n@function", "Order", {"id": 1}, "dict"),
        ("@builds_order\n@function", "Order", {"id": 1}, "Order"),
        ("@invocation()", "Order", {"id": 1}, "Order"),
        ("@invocation()\n@function", "Order", {"id": 1}, "Order"),
        ("@function\n@invocation()\n@wraps", "Order", {"id": 1}, "Order"),
        ("@invocation()\n@wraps", "Order", {"id": 1}, "dict"),
        ("@wraps\n@invocation()", "Order", {"id": 1}, "dict"),
    ],
)
def test_function_says_that_an_annotation_counts(
    decorators: str, annotation: str, event: Any, expected: str, tmp_path: Path
) -> None:
    directory = app(tmp_path, f"{decorators}\n{HANDLER.format(annotation)}")
    with start("lambda_runtime", "app.handler", directory, {}) as ours:
        assert ours.api.invoke(event).json()[0] == expected


@pytest.mark.parametrize("decorator", ["", "@wraps"])
def test_a_converter_says_that_an_annotation_counts(decorator: str, tmp_path: Path) -> None:
    source = f"""
import cattrs
converter = cattrs.Converter()
converter.register_structure_hook(Unknown, lambda value, _: Unknown())
{decorator}
{HANDLER.format("Unknown")}
if __name__ == "__main__":
    from lambda_runtime import run
    run(handler, converter=converter)
"""
    directory = app(tmp_path, source)
    with start("app", "", directory, {}) as ours:
        assert ours.api.invoke({"id": 1}).json()[0] == "Unknown"
