"""Handlers whose events and responses are models of lambda-events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lambda_events import APIGatewayV2HTTPEvent, SQSEvent, dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

    Start = Callable[..., FunctionProcess]


@pytest.mark.parametrize("future", ["", "from __future__ import annotations"])
@pytest.mark.parametrize("define", ["def", "async def"])
def test_a_model_comes_in_and_a_model_goes_out(
    api: FakeRuntimeAPI, start: Start, define: str, future: str
) -> None:
    start(
        f"""
        {future}
        import sys
        from lambda_events import APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse

        {define} handler(event: APIGatewayV2HTTPEvent) -> APIGatewayV2HTTPResponse:
            loaded = [name for name in ("attr", "cattrs", "typing") if name in sys.modules]
            return APIGatewayV2HTTPResponse.of({{"path": event.raw_path, "loaded": loaded}})
        """
    )
    event = dumps(APIGatewayV2HTTPEvent.build("GET", "/a/b"))
    response = api.invoke(event).json()
    assert response["statusCode"] == 200
    told = json.loads(response["body"])
    assert told["path"] == "/a/b"
    assert "attr" not in told["loaded"]
    assert "cattrs" not in told["loaded"]


def test_an_event_of_another_type_is_the_callers_error(api: FakeRuntimeAPI, start: Start) -> None:
    start("from lambda_events import SQSEvent\ndef handler(event: SQSEvent): return 1")
    error = api.invoke({"Records": 1}).json()
    assert error["errorType"] == "Runtime.UnmarshalError"
    assert "SQSEvent" in error["errorMessage"]
    assert "Records" in error["errorMessage"]
    assert api.invoke(dumps(SQSEvent.build(["a"]))).json() == 1


def test_a_payload_of_the_users_own_type_is_reached(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        from attrs import frozen
        from lambda_events import BatchItemFailuresResponse, SQSEvent, process_batch

        @frozen
        class Order:
            id: int

        def record(record):
            if record.payload.id > 1:
                raise ValueError("too many")

        def handler(event: SQSEvent[Order]) -> BatchItemFailuresResponse:
            return process_batch(event, record)
        """
    )
    event = SQSEvent.build([{"id": 1}, {"id": 2}, {"id": "x"}])
    failures = api.invoke(dumps(event)).json()["batchItemFailures"]
    ids = [record.message_id for record in event.records]
    assert [failure["itemIdentifier"] for failure in failures] == ids[1:]


def test_models_may_stand_in_unions_and_lists(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        from attrs import frozen
        from lambda_events import SQSEvent, SQSRecord

        @frozen
        class Mine:
            events: list[SQSEvent]

        def handler(event: Mine) -> list[SQSRecord]:
            return [record for each in event.events for record in each.records]
        """
    )
    event = json.loads(dumps(SQSEvent.build(["a", "b"])))
    assert api.invoke({"events": [event, event]}).json() == event["Records"] * 2
