"""A function that does what its event says: names of the functions below, and their arguments."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lambda_runtime import Context

CONTEXT: list[Context] = []
HELD: list[bytearray] = []
sys.stderr.write("loaded\n")


def echo(value: Any) -> Any:
    return value


def log(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def fail(message: str) -> None:
    raise ValueError(message)


def leave(code: int) -> None:
    os._exit(code)


def kill(number: int) -> None:
    os.kill(os.getpid(), number)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def work_on(seconds: float) -> None:
    CONTEXT[0].after_response(time.sleep, seconds)


def fill(size: int) -> str:
    return "x" * size


def measure(value: Any) -> int:
    return len(value)


def identify(_: Any) -> int:
    return os.getpid()


def spawn(_: Any) -> list[int]:
    """Leave a child behind that ignores all that it can."""
    ignore = f"trap '' {int(signal.SIGTERM)} {int(signal.SIGINT)}; echo ready; sleep 1000; exit"
    child = subprocess.Popen(["/bin/sh", "-c", ignore], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    return [os.getpid(), child.pid]


def environment(names: list[str]) -> list[str | None]:
    return [os.environ.get(name) for name in names]


def describe(_: Any) -> dict[str, Any]:
    context = CONTEXT[0]
    client = context.client_context
    return {
        "arn": context.invoked_function_arn,
        "client": client and client.custom,
        "request_id": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
        "tenant": context.tenant_id,
    }


def wait(paths: list[str]) -> bool:
    """Create the first file, and wait for the second."""
    started, gate = map(Path, paths)
    started.touch()
    while not gate.exists():
        threading.Event().wait(0.01)
    return True


def hold(megabytes: int) -> int:
    """Touch memory, page by page, and keep it until more is held."""
    HELD[:] = [bytearray(b"x") * (megabytes << 20)]
    return megabytes


ACTIONS: dict[str, Callable[[Any], Any]] = {
    action.__name__: action
    for action in (
        *(describe, echo, environment, fail, fill, identify, kill, leave, log, measure, sleep),
        *(hold, spawn, wait, work_on),
    )
}


def handler(event: dict[str, Any], context: Context) -> Any:
    CONTEXT[:] = [context]
    result: Any = event
    for name, argument in event.items():
        result = ACTIONS[name](argument)
    return result
