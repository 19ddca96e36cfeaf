"""Asynchronous invocations."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_emulator import Emulator, EventInvokeConfig, configure

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIONS = Path(__file__).parent / "functions" / "own_loop.py"
LIMIT = 30


def until(condition: Callable[[], Any]) -> Any:
    """Wait for something that only shows in a file, or in the log."""
    deadline = time.monotonic() + LIMIT
    while not (result := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return result


def records(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def enqueue(emulator: Emulator, event: object, name: str = "actions") -> str:
    answer = emulator.client().invoke(
        FunctionName=name, Payload=json.dumps(event), InvocationType="Event"
    )
    request_id: str = answer["ResponseMetadata"]["RequestId"]
    return request_id


def test_a_success_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    config = configure(ACTIONS, "actions", event_invoke=EventInvokeConfig(on_success=str(path)))
    with Emulator([config]) as emulator:
        request_id = enqueue(emulator, {"echo": 1})
        [record] = until(lambda: records(path))
    context = record["requestContext"]
    assert context["requestId"] == request_id
    assert context["functionArn"].endswith(":function:actions:$LATEST")
    assert (context["condition"], context["approximateInvokeCount"]) == ("Success", 1)
    assert record["requestPayload"] == {"echo": 1}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert record["responsePayload"] == 1


def test_a_failure_is_tried_again_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    how = EventInvokeConfig(on_failure=str(path), retry_delay=0.01)
    with Emulator([configure(ACTIONS, "actions", event_invoke=how)]) as emulator:
        request_id = enqueue(emulator, {"fail": "no"})
        [record] = until(lambda: records(path))
        assert emulator.log.count(f"START RequestId: {request_id} ".encode()) == 3
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 3)
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "no"


def test_an_old_one_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    how = EventInvokeConfig(on_failure=str(path), retry_delay=60, max_age=1)
    with Emulator([configure(ACTIONS, "actions", event_invoke=how)]) as emulator:
        enqueue(emulator, {"fail": "no"})
        [record] = until(lambda: records(path))
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 1)


def test_records_go_to_another_function(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    first = EventInvokeConfig(on_failure="function:second", max_retries=0)
    second = EventInvokeConfig(on_failure=str(path), max_retries=0)
    functions = [
        configure(ACTIONS, "first", event_invoke=first),
        configure(ACTIONS, "second", event_invoke=second),
    ]
    with Emulator(functions) as emulator:
        enqueue(emulator, {"fail": "no"}, "first")
        [record] = until(lambda: records(path))
    assert record["requestPayload"]["responsePayload"]["errorMessage"] == "no"


def test_all_are_run_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    how = EventInvokeConfig(on_success=str(path))
    with Emulator([configure(ACTIONS, "actions", concurrency=1, event_invoke=how)]) as emulator:
        for number in range(20):
            enqueue(emulator, {"echo": number})
        done = until(lambda: len(found := records(path)) == 20 and found)
    assert sorted(record["responsePayload"] for record in done) == list(range(20))


def test_a_record_is_an_event_of_lambda_events(tmp_path: Path) -> None:
    events: Any = pytest.importorskip("lambda_events")
    path = tmp_path / "failed.jsonl"
    how = EventInvokeConfig(on_failure=str(path), max_retries=0)
    with Emulator([configure(ACTIONS, "actions", event_invoke=how)]) as emulator:
        enqueue(emulator, {"leave": 1})
        [record] = until(lambda: records(path))
    assert events.detect(record) == "LambdaDestinationEvent"
