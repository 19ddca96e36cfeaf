"""The fixture for durable executions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from aws_durable_execution_sdk_python import (
    DurableContext,
    StepContext,
    durable_execution as durable,
    durable_step,
)
from aws_durable_execution_sdk_python.config import Duration

from lambda_testing import InvocationError

if TYPE_CHECKING:
    from pathlib import Path

    from lambda_testing.plugin import StartExecution


@durable_step
def price(_: StepContext, order: dict[str, Any]) -> int:
    return len(order["items"]) * 2


@durable
def handler(event: dict[str, Any], context: DurableContext) -> dict[str, Any]:
    total = context.step(price(event), name="price")
    context.wait(Duration.from_days(3), name="three days")
    if event.get("ask"):
        callback: Any = context.create_callback(name="approval")
        answer = callback.result()
    else:
        answer = context.invoke("other", total, name="other")
    return {"total": total, "answer": answer, "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"]}


@durable
def other(event: int, context: DurableContext) -> int:
    context.wait(Duration.from_hours(1))
    return event + 1


@durable
def broken(event: None, _: DurableContext) -> None:
    raise LookupError("there is nothing")


@pytest.mark.lambda_function(name="orders")
def test_days_pass_at_once(durable_execution: StartExecution) -> None:
    execution = durable_execution(
        handler, {"items": [1, 2]}, functions={"other": lambda event, _: event + 1}
    )
    assert execution.value == {"total": 4, "answer": 5, "name": "orders"}
    assert execution.status == "SUCCEEDED"
    wait = execution.operation("three days")
    assert wait.start_timestamp is not None
    assert wait.end_timestamp is not None
    assert (wait.end_timestamp - wait.start_timestamp).days == 3
    with pytest.raises(InvocationError, match="there are other, price, three days"):
        execution.operation("four days")
    with pytest.raises(InvocationError, match="did not fail"):
        _ = execution.error


def test_a_durable_function_is_invoked(durable_execution: StartExecution) -> None:
    execution = durable_execution(handler, {"items": []}, durable_functions={"other": other})
    assert execution.value["answer"] == 1


def test_a_callback_is_answered_by_its_name(durable_execution: StartExecution) -> None:
    execution = durable_execution(handler, {"items": [1], "ask": True})
    execution.heartbeat(callback="approval")
    execution.succeed({"by": "Ada"}, callback="approval")
    assert execution.value["answer"] == '{"by": "Ada"}'


def test_a_callback_fails(durable_execution: StartExecution) -> None:
    execution = durable_execution(handler, {"items": [1], "ask": True})
    execution.fail("too expensive", error_type="Refused")
    assert "too expensive" in execution.error.message
    with pytest.raises(InvocationError, match="too expensive"):
        _ = execution.value


def test_an_error_is_told(durable_execution: StartExecution) -> None:
    error = durable_execution(broken).error
    assert (error.type, error.message) == ("LookupError", "there is nothing")


def test_a_handler_is_found_by_its_name(
    durable_execution: StartExecution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "named.py").write_text(
        "from aws_durable_execution_sdk_python import durable_execution\n"
        "handler = durable_execution(lambda event, context: event['id'])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert durable_execution("named.handler", {"id": 7}).value == 7
