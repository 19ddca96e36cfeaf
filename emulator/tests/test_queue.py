"""Asynchronous invocations."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lambda_emulator import Emulator, EventInvokeConfig, configure

from .conftest import until

ACTIONS = Path(__file__).parent / "functions" / "own_loop.py"
LIMIT = 30


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


def test_the_queue_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    started, gate = tmp_path / "started", tmp_path / "gate"
    how = EventInvokeConfig(on_success=str(path), max_events=3)
    config = configure(ACTIONS, "actions", concurrency=1, event_invoke=how, timeout=60)
    with Emulator([config]) as emulator:
        enqueue(emulator, {"wait": [str(started), str(gate)]})
        until(started.exists)
        for number in range(2):
            enqueue(emulator, {"echo": number})
        client = emulator.client()
        with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
            enqueue(emulator, {"echo": 2})
        assert caught.value.response["Reason"] == "CallerRateLimitExceeded"
        gate.touch()
        until(lambda: len(records(path)) == 3)
        enqueue(emulator, {"echo": 3})  # there is room again
        found = until(lambda: len(found := records(path)) == 4 and found)
    assert [record["responsePayload"] for record in found] == [True, 0, 1, 3]


def test_all_attempts_belong_to_one_trace(tmp_path: Path) -> None:
    target = tmp_path / "traced.py"
    target.write_text(
        "import os\n"
        "def handler(event, context):\n"
        "    raise ValueError(os.environ['_X_AMZN_TRACE_ID'])\n"
        "if __name__ == '__main__':\n"
        "    from lambda_runtime import run\n"
        "    run(handler)\n"
    )
    path = tmp_path / "failed.jsonl"
    how = EventInvokeConfig(on_failure=str(path), retry_delay=0.01)
    with Emulator([configure(target, "actions", event_invoke=how)]) as emulator:
        enqueue(emulator, {})
        until(lambda: records(path))
        log = emulator.log.decode()
    traces = re.findall(r"\] ValueError: (Root=\S+;Sampled=0)", log)
    assert len(traces) == 3
    assert len(set(traces)) == 1


def test_a_client_context_is_for_synchronous_invocations(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    how = EventInvokeConfig(on_success=str(path))
    with Emulator([configure(ACTIONS, "actions", event_invoke=how)]) as emulator:
        emulator.client().invoke(
            FunctionName="actions",
            Payload='{"describe": null}',
            InvocationType="Event",
            ClientContext=base64.b64encode(b'{"custom": {"a": 1}}').decode(),
        )
        [record] = until(lambda: records(path))
    assert record["responsePayload"]["client"] is None


@pytest.mark.parametrize(("size", "status"), [(1024 * 1024, 202), (1024 * 1024 + 1, 413)])
def test_an_event_of_up_to_one_megabyte(size: int, status: int) -> None:
    with Emulator([configure(ACTIONS, "actions")]) as emulator:
        client = emulator.client()
        try:
            answer = client.invoke(
                FunctionName="actions",
                Payload=b'{"echo":"' + b"x" * (size - 11) + b'"}',
                InvocationType="Event",
            )
        except client.exceptions.ClientError as error:
            answer = error.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
