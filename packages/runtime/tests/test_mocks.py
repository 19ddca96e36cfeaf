"""Handlers and results that have an answer for every name: mocks, and objects like them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

ANSWERS = {
    "Mock": ("Mock(return_value={'a': 1})", {"a": 1}),
    "a side effect": ("Mock(side_effect=lambda event, context: [event])", ["x"]),
    "an async side effect": ("Mock(side_effect=coroutine)", ["x"]),
    "what it wraps": ("Mock(wraps=plain)", ["x"]),
    "what it wraps, async": ("MagicMock(wraps=coroutine)", ["x"]),
    "MagicMock": ("MagicMock(return_value=5)", 5),
    "AsyncMock": ("AsyncMock(return_value=[1])", [1]),
    "autospec of a def": ("create_autospec(plain, return_value=2)", 2),
    "autospec of an async def": ("create_autospec(coroutine, return_value=3)", 3),
    "autospec of an object": ("create_autospec(Anything(), return_value=4)", 4),
    "a spec": ("Mock(spec=plain, return_value=1)", 1),
    "an object that claims another class": ("Liar([1])", [1]),
    "an object that raises for every name": ("Refusing()", [1]),
    "an object that wraps itself": ("Circle()", [1]),
}
ERRORS = {
    "Mock": ("Mock()", "Runtime.MarshalError"),
    "MagicMock": ("MagicMock()", "Runtime.MarshalError"),
    "a mock in a dict": ("MagicMock(return_value={'a': MagicMock()})", "Runtime.MarshalError"),
    "a mock in a list": ("Mock(return_value=[Mock()])", "Runtime.MarshalError"),
    "AsyncMock": ("AsyncMock()", "Runtime.MarshalError"),
    "autospec of a def": ("create_autospec(plain)", "Runtime.MarshalError"),
    "autospec of an async def": ("create_autospec(coroutine)", "Runtime.MarshalError"),
    "a side effect": ("Mock(side_effect=ValueError('x'))", "ValueError"),
    "an async side effect": ("AsyncMock(side_effect=ValueError('x'))", "ValueError"),
    "NonCallableMock": ("NonCallableMock()", "TypeError"),
    "NonCallableMagicMock": ("NonCallableMagicMock()", "TypeError"),
    "an object with every name": ("Anything()", "Runtime.MarshalError"),
    "a sentinel": ("Mock(return_value=sentinel.x)", "Runtime.MarshalError"),
}
SOURCE = """
from unittest.mock import *
from unittest.mock import sentinel

def plain(event, context): return [event]
async def coroutine(event, context): return [event]

class Anything:
    def __getattr__(self, name): return Anything()
    def __call__(self, *args): return Anything()

class Liar:
    def __init__(self, value): self.value = value
    @property
    def __class__(self): return dict
    def __call__(self, *args): return self.value

class Refusing:
    def __getattribute__(self, name): raise RuntimeError(name)
    def __call__(self, *args): return [1]

class Circle:
    def __init__(self): self.__wrapped__ = self
    def __call__(self, *args): return [1]

handler = {}
"""


@pytest.mark.parametrize("case", ANSWERS)
def test_a_mock_answers(
    case: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    expression, value = ANSWERS[case]
    start(SOURCE.replace("handler = {}", f"handler = {expression}"))
    for _ in range(2):
        assert api.invoke("x").json() == value


@pytest.mark.parametrize("case", ERRORS)
def test_what_a_mock_cannot_answer_is_a_clear_error(
    case: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    expression, error_type = ERRORS[case]
    start(SOURCE.replace("handler = {}", f"handler = {expression}"))
    for _ in range(2):
        error = api.invoke("x").json()
        assert error["errorType"] == error_type
        assert "is not JSON" in error["errorMessage"] or error_type != "Runtime.MarshalError"


# Results whose methods, or whose metaclass, have an answer for everything; the second is sent.
RESULTS = {
    "claims(dict)": None,
    "claims(bytes)": None,
    "claims(str)": None,
    "claims(Decimal)": None,
    "AnswersOfClass()": None,
    "RefusingOfClass()": None,
    "Refusing()": None,
    "MagicMock(spec=list)": None,
    "MagicMock(spec=bytes)": None,
    "MagicMock(spec=Decimal)": None,
    "RaisingList([1])": None,
    "RaisingPair([1])": None,
    "AnswersOfList([1])": [1],
    "OddDecimal(1)": 1,
    "OddBytes(b'x')": "x",
}
HOSTILE = """
from decimal import Decimal
from unittest.mock import MagicMock

def claims(kind):
    class Claims:
        __class__ = property(lambda self: kind)
    return Claims()

class Answering(type):
    def __getattr__(cls, name): return lambda *args: 1

class AnswersOfClass(metaclass=Answering): pass

class Raising(type):
    def __getattr__(cls, name): raise RuntimeError(name)

class RefusingOfClass(metaclass=Raising): pass

class Refusing:
    def __getattribute__(self, name): raise RuntimeError(name)

class RaisingList(list):
    def __iter__(self): raise KeyError("x")

class RaisingPair(tuple):
    _asdict = property(lambda self: 1 / 0)

class AnswersOfList(list):
    def __getattr__(self, name): return lambda *args: 5

class OddDecimal(Decimal):
    def __str__(self): return "}{"

class OddBytes(bytes):
    def decode(self): raise KeyError("x")

def handler(event, context):
    return [eval(event)] if context.aws_request_id.endswith("in-a-list") else eval(event)
"""


def test_a_hostile_result_is_sent_or_a_marshal_error(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(HOSTILE)
    for number, (expression, value) in enumerate(RESULTS.items()):
        alone = api.invoke(expression)
        inside = api.invoke(expression, request_id=f"{number}-in-a-list")
        if value is None:
            assert alone.json()["errorType"] == "Runtime.MarshalError", expression
            assert inside.json()["errorType"] == "Runtime.MarshalError", expression
        else:
            assert inside.json() == [value]
            assert expression.startswith("OddBytes") or alone.json() == value
