"""Orders, executed in the test's process; days pass at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import handler  # type: ignore[import-not-found] # pytest.ini makes it importable

if TYPE_CHECKING:
    import pytest

    from lambda_testing.plugin import StartExecution

PIANO = {"id": 8, "item": "a piano", "total": 4700}


def test_nobody_is_asked_for_a_small_order(durable_execution: StartExecution) -> None:
    execution = durable_execution(handler, {"id": 7, "item": "bread", "total": 4.7})
    assert execution.value == {"id": 7, "status": "shipped"}
    names = {operation.name for operation in execution.operations}
    assert {"reserve", "packing", "ship"} <= names
    assert "approval" not in names


def test_a_large_order_waits_for_an_answer(durable_execution: StartExecution) -> None:
    execution = durable_execution(handler, PIANO)
    execution.succeed("yes", callback="approval")
    assert execution.value == {"id": 8, "status": "shipped"}


def test_a_refused_order_is_cancelled(
    durable_execution: StartExecution, capfd: pytest.CaptureFixture[str]
) -> None:
    execution = durable_execution(handler, PIANO)
    execution.fail("too expensive", callback="approval")
    assert execution.value == {"id": 8, "status": "refused"}
    log = capfd.readouterr().out
    assert log.count("reserves") == log.count("cancels") == 1
    assert "ships" not in log
