"""The function in this process, which is quick, and in one of its own, as on Lambda."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lambda_testing import Invoker
    from lambda_testing.plugin import StartProcess


@pytest.mark.parametrize(
    ("order", "total"),
    [({"item": "bread"}, 2.35), ({"item": "milk", "count": 3}, 3.30)],
)
def test_an_order_has_a_price(invoke: Invoker, order: dict[str, object], total: float) -> None:
    assert invoke("app.handler", order).value == {"total": total}


def test_what_is_not_sold_is_refused(invoke: Invoker) -> None:
    error = invoke("app.handler", {"item": "pearls"}).error
    assert (error.type, error.message) == ("Shop.NoSuchItem", "there is no pearls")


def test_what_is_no_order_never_reaches_the_handler(invoke: Invoker) -> None:
    result = invoke("app.handler", {"count": "2"})
    assert result.error.type == "Runtime.UnmarshalError"
    assert "item: missing" in result.error.message
    assert "got an order" not in result.output


def test_the_program_starts_and_answers(lambda_process: StartProcess) -> None:
    function = lambda_process("__main__.py")
    assert function.invoke({"item": "milk"}).value == {"total": 1.1}
