"""Handlers that other handlers delegate events to."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from lambda_runtime import current_context, delegate, function

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from lambda_runtime import Outcome
    from lambda_testing import Invoker


@dataclass
class Order:
    number: int


def delegating(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Return an async handler that leaves all events to another one."""
    call = delegate(handler)

    async def outer(event: Any, context: Any) -> Any:
        return await call(event, context)

    return outer


def test_any_kind_of_handler_gets_what_it_wants(invoke: Invoker) -> None:
    def plain(event: Any, context: Any) -> Any:
        assert context is current_context()
        assert threading.current_thread() is not threading.main_thread()
        return event

    async def asynchronous(event: Any) -> Any:
        assert threading.current_thread() is threading.main_thread()
        return event

    def returns_an_awaitable(event: Any, context: Any) -> Any:
        return asynchronous(event)

    def typed(event: Order) -> Order:
        return Order(event.number + 1)

    partly = partial(lambda event, more: event, more=1)
    for handler in (plain, asynchronous, returns_an_awaitable, partly):
        assert invoke(delegating(handler), {"number": 1}).value == {"number": 1}
    assert invoke(delegating(typed), {"number": 1}).value == {"number": 2}


def test_its_middleware_is_called(invoke: Invoker) -> None:
    def double(event: Any, context: Any, call_next: Any) -> Any:
        return 2 * call_next(event, context)

    @function(middleware=[double])
    def handler(event: Any) -> Any:
        return event

    assert invoke(delegating(handler), 4).value == 8


def test_an_event_of_another_type_is_an_error(invoke: Invoker) -> None:
    def typed(event: Order) -> int:
        return event.number

    error = invoke(delegating(typed), {"number": "1"}).error
    assert error.type == "Runtime.UnmarshalError"
    assert "number: expected int" in error.message


def test_what_cannot_be_delegated_to_is_refused() -> None:
    with pytest.raises(TypeError, match="takes a stream"):
        delegate(lambda event, stream, context: None)

    def observer(event: Any, context: Any) -> Generator[None, Outcome]:
        yield

    def opens() -> Any:
        return None

    for bind in (function(lifespan=opens), function(observers=[observer])):
        bound = bind(lambda event: event)
        with pytest.raises(ValueError, match="of its own: bind them to the outer handler"):
            delegate(bound)
