"""Batches of messages, some of which fail."""

import json
from pathlib import Path
from typing import Any

from lambda_testing import Invoker

EVENT = json.loads((Path(__file__).parents[1] / "event.json").read_text())


def failures(response: Any) -> list[str]:
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


def test_only_the_message_that_failed_comes_again(invoke: Invoker) -> None:
    good, bad, _ = EVENT["Records"]
    result = invoke("app.handler", EVENT)
    assert failures(result.value) == [bad["messageId"]]
    assert "order 1 is for tea" in result.output
    assert failures(invoke("app.handler", {"Records": [good]}).value) == []


def test_a_message_that_is_not_an_order_comes_again(invoke: Invoker) -> None:
    record = {**EVENT["Records"][0], "body": "{}"}
    assert failures(invoke("app.handler", {"Records": [record]}).value) == [record["messageId"]]
