"""Durable functions: the state that comes in, the status that goes out."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from lambda_events import (
    DurableExecutionInvocationInput,
    DurableExecutionInvocationOutput,
    EventDecodeError,
    loads,
    structure,
    unstructure,
)

HANDMADE = Path(__file__).parent / "handmade"


@attrs.define
class Order:
    order: int


class Refused(Exception):
    """The exception that functions here raise."""


def refuse() -> None:
    raise Refused("no")


def text(name: str = "") -> bytes:
    return (HANDMADE / f"DurableExecutionInvocationInput{name}.json").read_bytes()


def test_the_event_has_the_type_that_was_asked_for() -> None:
    event = loads(text(), DurableExecutionInvocationInput[Order])
    assert event.payload == Order(7)
    assert event.payload is event.payload
    assert loads(text(), DurableExecutionInvocationInput).payload == {"order": 7}
    assert loads(text("-first"), DurableExecutionInvocationInput[Order]).payload is None
    with pytest.raises(EventDecodeError, match="InputPayload"):
        _ = loads(text(), DurableExecutionInvocationInput[list[int]]).payload


def test_operations_have_details_by_their_type() -> None:
    state = loads(text(), DurableExecutionInvocationInput).initial_execution_state
    execution, step, wait, callback, invoke, context = state.operations
    assert str(execution.start_timestamp_utc) == "2026-01-02 00:00:00+00:00"
    assert execution.end_timestamp_utc is None
    assert step.step_details is not None
    assert step.step_details.attempt == 2
    assert str(step.step_details.next_attempt_timestamp_utc) == "2026-01-02 00:01:00+00:00"
    assert step.step_details.error is not None
    assert step.step_details.error.error_type == "TimeoutError"
    assert wait.wait_details is not None
    assert str(wait.wait_details.scheduled_end_timestamp_utc) == "2026-01-02 00:00:01+00:00"
    assert callback.callback_details is not None
    assert callback.callback_details.callback_id == "callback-1"
    assert invoke.chained_invoke_details is not None
    assert invoke.chained_invoke_details.result == "{}"
    assert context.context_details is not None
    assert context.context_details.replay_children is True
    assert step.wait_details is None
    assert step.context_details is None


def test_an_execution_may_come_without_a_state() -> None:
    event = structure(
        {"DurableExecutionArn": "arn", "CheckpointToken": None}, DurableExecutionInvocationInput
    )
    assert event.initial_execution_state.operations == []
    assert event.payload is None


def test_the_token_is_hidden() -> None:
    assert "token-1" not in repr(loads(text(), DurableExecutionInvocationInput))


def test_an_output_tells_what_became_of_it() -> None:
    output = DurableExecutionInvocationOutput
    assert unstructure(output.succeeded(Order(1))) == {
        "Status": "SUCCEEDED",
        "Result": '{"order":1}',
    }
    assert unstructure(output.pending()) == {"Status": "PENDING"}
    with pytest.raises(Refused) as raised:
        refuse()
    failed = unstructure(output.failed(raised.value))
    assert failed["Status"] == "FAILED"
    assert failed["Error"]["ErrorType"].endswith("test_durable.Refused")
    assert failed["Error"]["ErrorMessage"] == "no"
    assert "in refuse" in failed["Error"]["StackTrace"][-1]
    assert unstructure(output.failed(KeyError("k")))["Error"]["ErrorType"] == "KeyError"
