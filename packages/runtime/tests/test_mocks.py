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
