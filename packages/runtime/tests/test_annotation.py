from __future__ import annotations

import functools
import importlib
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from types import GenericAlias
from typing import TYPE_CHECKING, Any

import pytest

import lambda_logging
import lambda_runtime
from lambda_runtime import _annotation
from lambda_runtime._options import Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

OURS: tuple[Any, ...] = (lambda_logging, lambda_runtime)

TYPES = """
import collections
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import functools
import typing
import typing as t
import uuid
from collections import deque, namedtuple
from collections.abc import Iterable, Mapping, MutableMapping, Sequence, Set
from datetime import date, time
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import (
    TYPE_CHECKING, Annotated, Any, Dict, Generic, List, Literal, NamedTuple, NewType, NotRequired,
    Optional, Required, Tuple, TypedDict, TypeVar, Union,
)
from uuid import UUID

import attrs
import typing_extensions

if TYPE_CHECKING:
    from decimal import Decimal as Hidden

@attrs.frozen
class Order:
    number: int

@dataclasses.dataclass
class Line:
    text: str

class Plain(TypedDict, total=False):
    name: Required[str]
    count: NotRequired[int]
    tags: List[str]
    parent: Optional["Plain"]
    other: "Other"

class Other(typing_extensions.TypedDict):
    kind: Literal["a", 1, None]
    size: typing_extensions.ReadOnly[float]

class Dated(TypedDict):
    at: datetime.datetime

class Holder(Plain):
    dated: Dated

class HalfHidden(TypedDict):
    cost: "Hidden"

class Unknown:
    pass

class Colour(Enum):
    RED = "red"

class Size(IntEnum):
    BIG = 3

class Point(NamedTuple):
    x: int

class HoldsOrder(TypedDict):
    order: Order

T = TypeVar("T")

class Envelope(Generic[T]):
    pass

class Protocol_(typing.Protocol[T]):
    pass

@attrs.frozen
class Box(Generic[T]):
    content: T

Name = NewType("Name", str)
Fields = NewType("Fields", dict)
Ordered = NewType("Ordered", Order)
Moment = NewType("Moment", datetime.datetime)
"""

JSON = [
    "dict",
    "list",
    "int",
    "float",
    "bool",
    "None",
    "object",
    "Any",
    "typing.Any",
    "t.Any",
    "dict[str, Any]",
    "Dict[str, Any]",
    "Dict",
    "List[Dict[str, object]]",
    "list[int]",
    "list[str | None]",
    "dict[str, list[dict[str, int | float | bool | None]]]",
    "Mapping[str, Any]",
    "t.MutableMapping[str, t.Sequence[str]]",
    "collections.abc.Iterable[str]",
    "dict | None",
    "str | None",
    "Optional[dict[str, str]]",
    "Union[dict, list, str]",
    "Literal['a', 2]",
    "Annotated[dict[str, str], 'of names']",
    "Name",
    "list[Name]",
    "Plain",
    "list[Plain]",
    "Other | None",
    "'dict[str, Any]'",
    "list['Plain']",
]
OF_CLASSES = [
    "Order",
    "Line",
    "list[Order]",
    "List[Line]",
    "dict[str, Order]",
    "t.Mapping[str, Sequence[Line]]",
    "Tuple[Order, ...]",
    "Order | None",
    "Optional[Line]",
    "Union[Order, Line]",
    "Annotated[Order, 'checked']",
    "'Order'",
    "list['Order']",
    "Optional['Line']",
    "Ordered",
    "Order | list[Order]",
    "str | Order",
    "Box[dict | None]",
    "Box[Order | dict]",
    "list[Box[dict[str, Any] | None]]",
    "tuple[Order, dict | None]",
    "Order | list[dict]",
    "list[Order] | None",
    "typing.DefaultDict[str, Order]",
    "MappingProxyType[str, Order]",
    "Iterable[Order]",
]
# Typed only where `function` or a converter says so.
CONVERTED = [
    "Dated",
    "Holder",
    "HoldsOrder",
    "list[Dated]",
    "tuple[int, str]",
    "set[int]",
    "Set[str]",
    "deque[int]",
    "bytes | None",
    "list[bytes]",
    "datetime.datetime",
    "list[date]",
    "time",
    "UUID",
    "dict[str, Decimal]",
    "Colour",
    "Size",
    "Literal[Colour.RED]",
    "Point",
    "list[Point]",
    "Moment",
    "Order | Unknown",
    "list[Unknown | Order]",
    "Order | dict",
    "dict | Order",
    "Union[Order, Any]",
    "Order | dict[str, Any] | None",
    "list[Order | Mapping[str, Any]]",
    "dict[str, Order | dict]",
    "Annotated[Line | dict, 'either']",
    "Order | Annotated[dict, 'any']",
    "Order | Fields",
    "Order | Plain",
    "Union[Other, Order, None]",
    "Order | collections.abc.Sized",
    "Order | collections.abc.Collection",
    "list[Order] | list",
    "list[Order] | list[dict] | None",
    "Sequence[Line] | tuple[Any, ...]",
    "Envelope[Order]",
    "Protocol_[Order]",
    "type[Order]",
    "typing.Type[Line]",
    "typing.Callable[[Order], int]",
    "collections.abc.Callable[..., Order]",
    "typing.Iterator[Order]",
    "functools.partial[Order]",
]
UNKNOWN = [
    "Unknown",
    "list[Unknown]",
    "Unknown | None",
    "datetime.timedelta",
    "complex",
    "t.TypeVar('T')",
]
NOT_AT_RUN_TIME = [
    "Hidden",
    "list[Hidden]",
    "Hidden | Order",
    "datetime.missing",
    "the order",
    "1 / 0",
]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """Import a module with some types, and then this source."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def module(source: str, *, future: bool = True) -> ModuleType:
        lines = "from __future__ import annotations\n" if future else ""
        name = f"{tmp_path.name}_{future}"
        (tmp_path / f"{name}.py").write_text(lines + TYPES + dedent(source))
        importlib.invalidate_caches()
        return importlib.import_module(name)  # its name is new: it may stay

    return module


def functions(annotations: list[str]) -> str:
    return "\n".join(
        f"def h{number}(event: {annotation}, context: int): ..."
        for number, annotation in enumerate(annotations)
    )


PLAIN = Options({})
TYPED = Options({}, typed=True)
CONVERTING = Options({"converter": object()})
every_way = pytest.mark.parametrize("options", [PLAIN, TYPED, CONVERTING])
typed_ways = pytest.mark.parametrize("options", [TYPED, CONVERTING])


def event_annotation(handler: Any, options: Options = PLAIN) -> Any:
    return _annotation.event_annotation(handler, options)


def result_annotation(handler: Any) -> Any:
    return _annotation.result_annotation(handler, PLAIN)


def found(handlers: ModuleType, annotations: list[str], options: Options) -> dict[str, Any]:
    return {
        annotation: event_annotation(getattr(handlers, f"h{number}"), options)
        for number, annotation in enumerate(annotations)
    }


def resolved(handlers: ModuleType, annotations: list[str]) -> dict[str, Any]:
    quoted = {"'Order'": "Order", "list['Order']": "list[Order]", "Optional['Line']": "Line|None"}
    return {each: eval(quoted.get(each, each), vars(handlers)) for each in annotations}


@pytest.mark.parametrize("future", [True, False])
@every_way
def test_plain_json_is_not_converted(
    module: Callable[..., ModuleType], future: bool, options: Options
) -> None:
    handlers = module(functions(JSON), future=future)
    assert found(handlers, JSON, options) == dict.fromkeys(JSON)


@pytest.mark.parametrize("future", [True, False])
@every_way
def test_classes_are_converted(
    module: Callable[..., ModuleType], future: bool, options: Options
) -> None:
    handlers = module(functions(OF_CLASSES), future=future)
    assert found(handlers, OF_CLASSES, options) == resolved(handlers, OF_CLASSES)


@pytest.mark.parametrize("future", [True, False])
@typed_ways
def test_all_other_types_are_converted_where_that_is_asked_for(
    module: Callable[..., ModuleType], future: bool, options: Options
) -> None:
    handlers = module(functions(CONVERTED), future=future)
    assert found(handlers, CONVERTED, options) == resolved(handlers, CONVERTED)
    assert found(handlers, CONVERTED, PLAIN) == dict.fromkeys(CONVERTED)


@pytest.mark.parametrize("future", [True, False])
def test_a_class_nobody_knows_is_for_the_users_converter(
    module: Callable[..., ModuleType], future: bool
) -> None:
    handlers = module(functions(UNKNOWN), future=future)
    for number, annotation in enumerate(UNKNOWN):
        handler = getattr(handlers, f"h{number}")
        assert event_annotation(handler) is None, annotation
        assert event_annotation(handler, TYPED) is None, annotation
        assert event_annotation(handler, CONVERTING) is not None, annotation


def test_what_is_only_there_for_type_checkers_is_json(module: Callable[..., ModuleType]) -> None:
    handlers = module(functions([*NOT_AT_RUN_TIME[:4], "HalfHidden"]))
    quoted = module(functions([repr(annotation) for annotation in NOT_AT_RUN_TIME]), future=False)
    for handler in [*vars(handlers).items(), *vars(quoted).items()]:
        if handler[0].startswith("h"):
            assert event_annotation(handler[1], CONVERTING) is None, handler[0]


@pytest.mark.parametrize("future", [True, False])
def test_bytes_and_str_are_the_body_itself(module: Callable[..., ModuleType], future: bool) -> None:
    handlers = module(functions(["bytes", "str"]), future=future)
    assert event_annotation(handlers.h0) is bytes
    assert event_annotation(handlers.h1, Options({}, typed=True)) is str
    assert event_annotation(handlers.h1, CONVERTING) is str


def test_str_is_a_comment_in_a_function_for_awslambdaric(
    module: Callable[..., ModuleType],
) -> None:
    variadic = "def h2(event: str, *more): ..."
    handlers = module(f"{functions(['str', repr('str')])}\n{variadic}")
    for handler in (handlers.h0, handlers.h1, handlers.h2):
        assert event_annotation(handler) is None
        assert event_annotation(handler, TYPED) is str


@pytest.mark.parametrize("line", ["import lambda_runtime as r", "from lambda_runtime import run"])
def test_str_is_the_body_in_a_function_for_this_runtime(
    module: Callable[..., ModuleType], line: str
) -> None:
    handlers = module(f"{line}\n{functions(['str'])}")
    assert event_annotation(handlers.h0) is str


def test_str_is_the_body_in_a_function_of_the_event_alone(
    module: Callable[..., ModuleType],
) -> None:
    handlers = module("def alone(event: str): ...\nasync def too(event: str, *, more=1): ...")
    assert event_annotation(handlers.alone) is str
    assert event_annotation(handlers.too) is str


def test_only_the_events_annotation_is_looked_at(module: Callable[..., ModuleType]) -> None:
    handlers = module("def handler(event: Order, context: Hidden, *rest: Nope) -> Nope: ...")
    assert event_annotation(handlers.handler) is handlers.Order
    assert result_annotation(handlers.handler) is None


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are lazy from Python 3.14 on")
@pytest.mark.parametrize("unknown", ["Hidden", "functools.Hidden"])
def test_another_lazy_annotation_may_be_unknown(
    module: Callable[..., ModuleType], unknown: str
) -> None:
    handlers = module(
        f"def first(event: Order, context: {unknown}): ...\ndef second(event: {unknown}): ...",
        future=False,
    )
    assert event_annotation(handlers.first) is handlers.Order
    assert event_annotation(handlers.second) is None


@pytest.mark.parametrize("future", [True, False])
def test_every_kind_of_handler_has_an_event(
    module: Callable[..., ModuleType], future: bool
) -> None:
    handlers = module(
        """
        async def coroutine(event: Order): ...
        async def stream(event: Order, context):
            yield b""
        def bare(event, context: Order): ...
        def rest(*events: Order): ...
        def nothing(): ...

        class Service:
            number: int
            def method(self, event: Order, context): ...
            @classmethod
            def of_class(cls, event: Order): ...
            @staticmethod
            def static(event: Order): ...
            def __call__(self, event: Order): ...

        class Decorator:
            other: Line
            def __init__(self, function):
                functools.update_wrapper(self, function)
            def __call__(self, event, context):
                return self.__wrapped__(event, context)

        def decorator(function):
            @functools.wraps(function)
            def wrapper(*arguments: Line, **named: Line) -> Line:
                return function(*arguments)
            return wrapper

        def takes_no_order(function):
            def wrapper(event, context):
                return function(Order(event["number"]), context)
            functools.update_wrapper(wrapper, function)
            wrapper.__annotations__ = {}
            return wrapper

        def two(client: Line, event: Order): ...
        def decorated_two(it: Order, context): ...
        class Decorated:
            @decorator
            def method(self, item: Order, context): ...

        converted = takes_no_order(decorated_two)
        bound = functools.partial(two, "client")
        wrapped = decorator(decorator(decorated_two))
        wrapped_method = decorator(Service().method)
        wrapped_partial = functools.partial(decorator(two), "client")
        cached = functools.lru_cache(coroutine)
        an_object = Decorator(decorated_two)
        """,
        future=future,
    )
    service = handlers.Service()
    for handler in (
        handlers.coroutine,
        handlers.stream,
        service.method,
        service.of_class,
        service.static,
        service,
        handlers.bound,
    ):
        assert event_annotation(handler) is handlers.Order, handler
    for handler in (
        handlers.wrapped,
        handlers.wrapped_method,
        handlers.wrapped_partial,
        handlers.cached,
        handlers.an_object,
        handlers.Decorated().method,
    ):
        assert event_annotation(handler) is None, handler
        assert event_annotation(handler, TYPED) is handlers.Order, handler
    for handler in (handlers.bare, handlers.rest, handlers.nothing, handlers.converted, print):
        assert event_annotation(handler) is None, handler


@pytest.mark.parametrize("future", [True, False])
def test_a_decorators_module_need_not_know_the_event(
    module: Callable[..., ModuleType], future: bool
) -> None:
    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(event: Any, context: Any) -> Any:
            return function(event, context)

        return wrapper

    handlers = module("def handler(order: Order, context): ...", future=future)
    assert event_annotation(decorator(handlers.handler), TYPED) is handlers.Order


@pytest.mark.parametrize("future", [True, False])
def test_results_that_are_objects_are_known_before_there_is_one(
    module: Callable[..., ModuleType], future: bool
) -> None:
    handlers = module(
        """
        def order(event) -> Order: ...
        async def orders(event) -> list[Order]: ...
        def plain(event) -> dict[str, int]: ...
        def raw(event) -> bytes: ...
        def unknown(event) -> Unknown: ...
        def chunks(event) -> Iterable[bytes]: ...
        """,
        future=future,
    )
    assert result_annotation(handlers.order) is handlers.Order
    assert result_annotation(handlers.orders) == GenericAlias(list, (handlers.Order,))
    for handler in (handlers.plain, handlers.raw, handlers.unknown):
        assert result_annotation(handler) is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="``type`` statements are new in Python 3.12")
def test_aliases_stand_for_what_they_name(module: Callable[..., ModuleType]) -> None:
    handlers = module(
        """
        type Json = dict[str, Json] | list[Json] | str | float | None
        type Orders[T] = dict[T, list[Order]]
        def plain(event: Json): ...
        def orders(event: Orders[str]): ...
        """
    )
    assert event_annotation(handlers.plain, CONVERTING) is None
    assert event_annotation(handlers.orders) == handlers.Orders[str]


@pytest.mark.parametrize("future", ["from __future__ import annotations", ""])
@pytest.mark.parametrize(
    "source",
    [
        "def handler(event: dict[str, list[int]] | None, context: int): ...",
        "def handler(event: 'dict[str, Any]', context: 'Context'): ...",
        "def handler(event: bytes) -> str: ...",
        "def handler(event, context): ...",
    ],
)
def test_json_annotations_load_nothing(future: str, source: str) -> None:
    assert modules_of(f"{future}\n{source}") == set()


def test_typed_dicts_of_json_load_no_converter() -> None:
    loaded = modules_of(
        """
        from typing import Any, TypedDict
        class Event(TypedDict):
            name: str
            details: dict[str, Any]
        def handler(event: Event, context): ...
        """
    )
    assert not loaded & {"attr", "attrs", "cattrs", "dataclasses"}


def modules_of(source: str) -> set[str]:
    """Return which modules are loaded once a handler's annotations are known."""
    program = (
        "import sys\n"
        "before = {*sys.modules}\n"
        "from lambda_runtime._annotation import event_annotation, result_annotation\n"
        "from lambda_runtime._options import Options\n"
        f"exec({dedent(source)!r})\n"
        "assert event_annotation(handler, Options({})) in (None, bytes)\n"
        "assert result_annotation(handler, Options({})) is None\n"
        "print(*{*sys.modules} - before)\n"
    )
    # Without `site`, whose .pth files may import anything.
    result = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": os.pathsep.join(str(Path(each.__file__).parents[1]) for each in OURS)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    loaded = set(result.stdout.split())
    ours = {name for name in loaded if name.startswith(("lambda_runtime", "lambda_logging"))}
    return loaded - ours - {"__future__", "_contextvars", "_json", "itertools"}  # as every start
