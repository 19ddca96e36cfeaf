"""Managed Instances: the callers of a worker that dies hear at once, and each once."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import FunctionProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Managed Instances are Linux's")

CONCURRENCY = 16

# Each invocation that is to block tells the test by a file, and goes on when the test says so: all
# events have been sent by then, and the event loop has read some of them.
SOURCE = """
import asyncio, ctypes, os, signal, sys, threading, time
from lambda_runtime import current_context, function

{module}

ENDS = {ends}

@function()
async def handler(event, context):
    if "block" in event:
        open(event["block"], "w").close()
        while not os.path.exists(event["until"]):
            time.sleep(0.01)
        exec(ENDS[event["end"]])
        if event["end"] == "SystemExit of a task":
            await asyncio.sleep(30)
    await asyncio.sleep(event.get("sleep", 0))
    return os.getpid()
"""

ENDS = {
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "segmentation fault": "ctypes.string_at(0)",
    "abort": "os.abort()",
    "os._exit": "os._exit(0)",
    "os._exit in a thread": "threading.Thread(target=os._exit, args=(3,)).start(); time.sleep(30)",
    "SystemExit": "sys.exit(1)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "SystemExit of a task": "asyncio.get_running_loop().call_soon(sys.exit)",
}


@pytest.fixture
def api() -> Iterator[FakeRuntimeAPI]:
    with FakeRuntimeAPI(function=Function(max_concurrency=CONCURRENCY)) as api:
        yield api


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("module", "size", "ends"),
    [
        ("", 10, list(ENDS)[:4]),  # an environment is given up after five deaths at its start
        ("", 10, list(ENDS)[4:]),
        (
            "threading.Thread(target=time.sleep, args=(60,), daemon=1).start()",
            10,
            ["SIGKILL", "SystemExit"],
        ),
        ("", 300_000, ["SIGKILL", "SystemExit"]),
    ],
    ids=["ends", "more ends", "workers that import", "large events"],
)
def test_each_caller_hears_once(
    api: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    tmp_path: Path,
    module: str,
    size: int,
    ends: list[str],
) -> None:
    process = start(SOURCE.format(ends=ENDS, module=module))
    for number, end in enumerate(ends):
        wait_until(lambda: api.polls == CONCURRENCY)  # a worker that has died has a successor
        before = len(answers(api))
        blocked, until = tmp_path / f"blocked_{number}", tmp_path / f"until_{number}"
        event = {"block": str(blocked), "until": str(until), "end": end}
        calls = [api.enqueue(event)]
        wait_until(blocked.exists)
        text = "x" * size
        calls += [api.enqueue({"n": n, "text": text}) for n in range(CONCURRENCY - 1)]
        wait_until(lambda calls=calls: all(call.delivered for call in calls))  # type: ignore[misc]
        until.touch()
        outcomes = [call.wait(20) for call in calls]
        assert outcomes[0].kind == "error", end
        for outcome in outcomes:
            assert outcome.kind == "response" or json.loads(outcome.body)["errorType"] in (
                "Runtime.ExitError",
                "SystemExit",
                "KeyboardInterrupt",
            )
        assert len(answers(api)) - before == CONCURRENCY, end
    wait_until(lambda: api.polls == CONCURRENCY)  # and none of a process that is ending
    assert api.invoke({}).kind == "response"
    assert len(answers(api)) == len(set(answers(api)))
    process.popen.terminate()
    code, out, err = process.wait()
    assert code == 0
    assert "refused" not in out
    assert not err or "KeyboardInterrupt" in ends


def answers(api: FakeRuntimeAPI) -> list[str]:
    """Return the paths by which invocations were answered."""
    return [
        call.path for call in api.requests if "/invocation/" in call.path and call.method == "POST"
    ]
