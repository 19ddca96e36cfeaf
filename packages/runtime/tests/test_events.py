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


def test_a_converter_counts_in_payloads(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        from datetime import timedelta
        from attrs import frozen
        from lambda_events import SQSEvent
        from lambda_runtime import make_converter, run

        converter = make_converter()
        converter.register_structure_hook(timedelta, lambda value, _: timedelta(seconds=value))

        @frozen
        class Visit:
            stay: timedelta

        def handler(event: SQSEvent[Visit]):
            return [record.payload.stay.total_seconds() for record in event.records]

        if __name__ == "__main__":
            run(handler, converter=converter)
        """,
        "app.py",
    )
    assert api.invoke(dumps(SQSEvent.build([{"stay": 1}, {"stay": 2.5}]))).json() == [1.0, 2.5]


@pytest.mark.parametrize("library", ["pydantic", "msgspec"])
def test_a_class_of_another_library_comes_in_and_goes_out(
    api: FakeRuntimeAPI, start: Start, library: str
) -> None:
    pytest.importorskip(library)
    base = {"pydantic": "BaseModel", "msgspec": "Struct"}[library]
    start(
        f"""
        from datetime import date
        from {library} import {base}

        class Order({base}):
            id: int
            day: date

        def handler(event: list[Order]):
            return {{"orders": event, "days": [order.day.year for order in event]}}
        """
    )
    orders = [{"id": 1, "day": "2026-01-02"}]
    assert api.invoke(orders).json() == {"orders": orders, "days": [2026]}
    error = api.invoke([{"day": "x"}, {"id": 2, "day": "2026-01-02"}, {"id": "x"}]).json()
    assert error["errorType"] == "Runtime.UnmarshalError"
    for place in ("[0].id: missing", "[0].day: ", "[2].id: ", "[2].day: missing"):
        assert place in error["errorMessage"]


def test_a_result_that_holds_itself_is_an_error(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        from lambda_events import Model

        class Answer(Model):
            pass

        def handler(event: dict):
            items = [1]
            items.append((items,))
            answer = Answer()
            answer.extra["items"] = items
            return {"list": items, "model": answer, "both": [answer]}[event["what"]]
        """
    )
    for what in ("list", "model", "both"):
        error = api.invoke({"what": what}).json()
        assert error["errorType"] == "Runtime.MarshalError"
        assert "Circular reference" in error["errorMessage"]


def test_a_wrong_event_is_told_in_twenty_places(api: FakeRuntimeAPI, start: Start) -> None:
    start(
        """
        from __future__ import annotations
        from attrs import frozen

        @frozen
        class Item:
            name: str

        @frozen
        class Items:
            items: list[Item]

        def handler(event: Items): return len(event.items)
        """
    )
    assert api.invoke({"items": [{"name": "a"}]}).json() == 1
    error = api.invoke({"items": [{}] * 200_000}).json()
    assert error["errorType"] == "Runtime.UnmarshalError"
    assert error["errorMessage"].count("missing") == 20
    assert error["errorMessage"].endswith("; and more")
