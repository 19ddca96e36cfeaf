"""Orders that need approval, and orders that do not; waits pass at once."""

import json
from pathlib import Path

from lambda_testing.plugin import StartExecution

EVENT = json.loads((Path(__file__).parents[1] / "event.json").read_text())
LARGE = {**EVENT, "item": "a piano", "total": 4700}


def test_a_small_order_needs_no_approval(durable_execution: StartExecution) -> None:
    execution = durable_execution("app.handler", EVENT)
    assert execution.value == {"id": 17, "status": "shipped"}
    assert [each.name for each in execution.operations if each.name == "approval"] == []


def test_an_approved_order_is_shipped(durable_execution: StartExecution) -> None:
    execution = durable_execution("app.handler", LARGE)
    execution.succeed("yes", callback="approval")
    assert execution.value == {"id": 17, "status": "shipped"}


def test_a_refused_order_is_cancelled(durable_execution: StartExecution) -> None:
    execution = durable_execution("app.handler", LARGE)
    execution.fail("too expensive", callback="approval")
    assert execution.value == {"id": 17, "status": "cancelled"}
    assert "cancel" in {each.name for each in execution.operations}
