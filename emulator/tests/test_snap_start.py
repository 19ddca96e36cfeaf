"""SnapStart: hooks, the restore, and what callers see when it fails."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_emulator import Emulator, EventInvokeConfig

from .conftest import until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]
    Serve = Callable[..., Emulator]

FUNCTIONS = Path(__file__).parent / "functions"


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Serve the function, with hooks of the given code."""
    monkeypatch.chdir(FUNCTIONS)

    def serve(hook: str = "", **options: Any) -> Emulator:
        given: Any = {"timeout": 20, "environment": {"HOOK": hook}, **options}
        return Emulator(["snapshots.handler"], snap_start=True, **given)

    return serve


def invoke(client: Any, event: object = None, **options: Any) -> Any:
    payload = json.dumps(event or {})
    return client.invoke(FunctionName="snapshots", Payload=payload, **options)


def lines(emulator: Emulator) -> list[str]:
    """Return the first words of the lines of Lambda's own."""
    words = [line.split()[0] for line in emulator.log.decode().splitlines() if line]
    return [word for word in words if word.isupper()]


def test_the_hooks_run_around_the_snapshot(serve: Serve) -> None:
    with serve() as emulator:
        client = emulator.client()
        assert lines(emulator) == ["INIT_START", "INIT_REPORT"]  # and no restore until it is asked
        answer = invoke(client, LogType="Tail")
        assert answer["ExecutedVersion"] == "1"
        seen = json.load(answer["Payload"])
        assert json.load(invoke(client)["Payload"]) == seen
    assert seen["seen"] == ["before", "after"]
    assert seen["type"] == "snap-start"
    assert (seen["log_stream"], seen["version"]) == (None, "1")
    starts = ["INIT_START", "INIT_REPORT", "RESTORE_START", "RESTORE_REPORT"]
    assert lines(emulator) == [*starts, *(2 * ["START", "END", "REPORT"])]
    assert re.search(rb"\nINIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\n", emulator.log)
    assert re.search(rb"\nRESTORE_REPORT Restore Duration: [\d.]+ ms\n", emulator.log)
    first, second = re.findall(rb"\nREPORT (.*)", emulator.log)
    restored = rb"\tRestore Duration: [\d.]+ ms\tBilled Restore Duration: \d+ ms\t$"
    assert re.search(restored, first)
    assert b"Init Duration" not in first
    assert b"Restore" not in second


def test_the_records_of_json(serve: Serve) -> None:
    with serve(log_format="json") as emulator:
        invoke(emulator.client())
    records = [json.loads(line) for line in emulator.log.splitlines() if b'"platform.' in line]
    assert [record["type"].partition(".")[2] for record in records] == [
        *("initStart", "initRuntimeDone", "initReport", "restoreStart", "restoreReport"),
        *("start", "report"),
    ]
    assert records[0]["record"]["initializationType"] == "snap-start"
    assert records[4]["record"]["status"] == "success"
    assert records[4]["record"]["metrics"]["durationMs"] > 0
    metrics = records[-1]["record"]["metrics"]
    assert metrics["restoreDurationMs"] > 0
    assert metrics["billedRestoreDurationMs"] >= 1


def test_a_process_that_ends_is_followed_by_one_of_the_same_snapshot(serve: Serve) -> None:
    with serve() as emulator:
        client = emulator.client()
        first = json.load(invoke(client)["Payload"])
        assert invoke(client, {"leave": True})["FunctionError"] == "Unhandled"
        second = json.load(invoke(client)["Payload"])
    assert second["seen"] == ["before", "after"]
    assert second["process"] != first["process"]
    assert lines(emulator).count("RESTORE_REPORT") == 2


def test_a_hook_that_fails_after_the_restore(serve: Serve) -> None:
    with serve("after fails") as emulator:
        client = emulator.client()
        for _ in range(2):  # the next one is restored again
            with pytest.raises(client.exceptions.SnapStartException) as caught:
                invoke(client)
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            assert "ValueError: after: no database" in caught.value.response["Message"]
        with pytest.raises(client.exceptions.SnapStartException):
            client.invoke_with_response_stream(FunctionName="snapshots", Payload=b"{}")
    assert emulator.log.count(b"\tStatus: error\tError Type: Runtime.AfterRestoreError\n") == 6


def test_a_process_that_ends_in_a_hook(serve: Serve) -> None:
    with serve("after exits") as emulator:
        client = emulator.client()
        with pytest.raises(client.exceptions.SnapStartException, match="exit status 7"):
            invoke(client)


def test_a_restore_that_takes_too_long(serve: Serve) -> None:
    with serve("after hangs", restore_timeout=0.5) as emulator:
        client = emulator.client()
        with pytest.raises(client.exceptions.SnapStartTimeoutException) as caught:
            invoke(client)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 408
    assert "timed out after 0.50 seconds" in caught.value.response["Message"]


def test_an_asynchronous_invocation_is_tried_again(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    how = EventInvokeConfig(on_failure=str(path), retry_delay=0.01)
    with serve("after fails", event_invoke=how) as emulator:
        invoke(emulator.client(), InvocationType="Event")
        until(path.exists)
        record = json.loads(until(path.read_text))
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responsePayload"]["errorMessage"] == "after: no database"


def test_a_hook_that_fails_before_the_snapshot(serve: Serve, run_command: Run) -> None:
    with serve("before fails") as emulator:
        answer = invoke(emulator.client())
        assert answer["FunctionError"] == "Unhandled"
        assert json.load(answer["Payload"])["errorMessage"] == "before: no database"
    assert b"Error Type: Runtime.BeforeSnapshotError" in emulator.log
    options = ("--snap-start", "--env", "HOOK=before fails")
    done = run_command("run", "snapshots.handler", "--port", "0", *options)
    assert done.returncode == 1
    assert "The function snapshots cannot start: ValueError: before: no database" in done.stderr


@pytest.mark.parametrize(("hook", "code"), [("", 0), ("after fails", 1), ("before fails", 1)])
def test_one_invocation_by_a_command(run_command: Run, hook: str, code: int) -> None:
    done = run_command("invoke", "snapshots.handler", "--snap-start", "--env", f"HOOK={hook}")
    assert done.returncode == code
    answer = json.loads(done.stdout)
    if hook:
        assert answer["errorMessage"] == hook.replace(" fails", ": no database")
    else:
        assert answer["seen"] == ["before", "after"]


def test_a_runtime_without_restores_starts() -> None:
    target = {"actions": FUNCTIONS / "silent_restore.py"}
    with Emulator(target, snap_start=True, timeout=20) as emulator:
        answer = emulator.client().invoke(FunctionName="actions", Payload=b'"x"')
        assert json.load(answer["Payload"]) == "x"


def test_managed_instances_have_no_snapshots(run_command: Run) -> None:
    done = run_command("invoke", "snapshots.handler", "--snap-start", "--max-concurrency", "2")
    assert done.returncode == 2
    assert "no SnapStart" in done.stderr


def test_a_stream_after_a_restore(serve: Serve) -> None:
    with serve() as emulator:
        answer = emulator.client().invoke_with_response_stream(
            FunctionName="snapshots", Payload=b"{}"
        )
        with closing(answer["EventStream"]) as messages:
            [piece, _] = messages
    assert json.loads(piece["PayloadChunk"]["Payload"])["seen"] == ["before", "after"]
