"""The streamed response: its beginning, and its pieces."""

import json
from pathlib import Path

from lambda_testing import Invoker

EVENT = json.loads((Path(__file__).parents[1] / "event.json").read_text())


def test_the_answer_is_streamed(invoke: Invoker) -> None:
    result = invoke("app.handler", EVENT)
    assert result.prelude is not None
    assert result.prelude["headers"]["content-type"] == "text/event-stream"
    assert result.outcome.body.count(b"data: ") == 5


def test_a_request_without_a_question_is_refused(invoke: Invoker) -> None:
    result = invoke("app.handler", {**EVENT, "queryStringParameters": {}})
    assert result.prelude is not None
    assert result.prelude["statusCode"] == 400
