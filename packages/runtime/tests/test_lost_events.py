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
import asyncio, ctypes, os, resource, signal, sys, threading, time
from lambda_runtime import current_context, function

{module}

@function({options})
async def handler(event, context):
    if "block" in event:
        open(event["block"], "w").close()
        while not os.path.exists(event["until"]):
            time.sleep(0.01)
        {end}
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
    "SystemExit of a task": "await asyncio.create_task(asyncio.to_thread(print)); "
    "asyncio.get_running_loop().call_soon(sys.exit); await asyncio.sleep(30)",
    "no memory": "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n        while True: pass",
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


@pytest.mark.parametrize("size", [10, 300_000])
@pytest.mark.parametrize(
    "module", ["", "threading.Thread(target=time.sleep, args=(60,), daemon=1).start()"]
)
@pytest.mark.parametrize("end", ENDS)
def test_each_caller_hears_once(
    api: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    tmp_path: Path,
    end: str,
    module: str,
    size: int,
) -> None:
    if size > 10 and (module or end not in ("SIGKILL", "SystemExit")):
        pytest.skip("large events are like small ones, but for how they are read")
    process = start(SOURCE.format(end=ENDS[end], module=module, options=""))
    wait_until(lambda: api.polls == CONCURRENCY)
    blocked, until = tmp_path / "blocked", tmp_path / "until"
    calls = [api.enqueue({"block": str(blocked), "until": str(until)})]
    wait_until(blocked.exists)
    text = "x" * size
    calls += [api.enqueue({"n": n, "text": text}) for n in range(CONCURRENCY - 1)]
    wait_until(lambda: all(call.delivered for call in calls))
    until.touch()
    outcomes = [call.wait(20) for call in calls]
    assert outcomes[0].kind == "error"
    for outcome in outcomes:
        assert outcome.kind == "response" or json.loads(outcome.body)["errorType"] in (
            "Runtime.ExitError",
            "SystemExit",
            "KeyboardInterrupt",
        )
    answers = [
        call.path for call in api.requests if "/invocation/" in call.path and call.method == "POST"
    ]
    assert len(answers) == len(set(answers)) == CONCURRENCY
    assert api.invoke({}).kind == "response"  # and the worker has a successor
    process.popen.terminate()
    code, out, err = process.wait()
    assert code == 0
    assert "refused" not in out
    assert not err or end in ("KeyboardInterrupt", "SystemExit of a task")
