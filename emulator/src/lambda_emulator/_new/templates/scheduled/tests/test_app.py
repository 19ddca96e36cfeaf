"""The day that a report is for."""

import json
from pathlib import Path

from lambda_testing import Invoker

EVENT = json.loads((Path(__file__).parents[1] / "event.json").read_text())


def test_the_report_is_for_the_day_before(invoke: Invoker) -> None:
    event = {**EVENT, "time": "2026-03-01T00:05:00Z"}
    assert invoke("app.handler", event).value == {"day": "2026-02-28"}


def test_an_event_without_a_time_fails(invoke: Invoker) -> None:
    assert invoke("app.handler", {**EVENT, "time": "soon"}).error.type == "Report.NoTime"
