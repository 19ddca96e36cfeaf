"""The log of a function in a process of its own: under AWS's runtime and ours, side by side."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import FakeRuntimeAPI, Function

from .test_differential import start_both

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import FunctionProcess


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[FakeRuntimeAPI]:
    """A Runtime API, with the concurrency that a test asks for."""
    function = Function(max_concurrency=getattr(request, "param", None))
    with FakeRuntimeAPI(function=function) as api:
        yield api


on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="AWS publishes awslambdaric for Linux only"
)

THREADS = """
import logging, queue, threading
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import QueueHandler, QueueListener

pool = ThreadPoolExecutor(2)
jobs, done = queue.SimpleQueue(), queue.SimpleQueue()
left_over = []

def serve():
    for name in iter(jobs.get, None):
        logging.warning(name)
        done.put(None)

threading.Thread(target=serve, daemon=True).start()
jobs.put("in a thread, at import")
done.get()

def wait(event):
    event.wait()
    logging.warning("left over")

def handler(event, context):
    for thread, go_on in left_over:
        go_on.set()
        thread.join()
    for kind in (threading.Thread, lambda **named: threading.Timer(0, named["target"])):
        thread = kind(target=lambda: logging.warning("thread"))
        thread.start()
        thread.join()
    with ThreadPoolExecutor() as own:
        own.submit(logging.warning, "own pool").result()
    pool.submit(logging.warning, "pool").result()
    list(pool.map(logging.warning, ["pool, again"]))
    jobs.put("thread of the import")
    done.get()
    left_over[:] = [(threading.Thread(target=wait, args=(go_on := threading.Event(),)), go_on)]
    left_over[0][0].start()
"""


def invoke_both(
    source: str, directory: Path, count: int = 1, **environment: str
) -> tuple[list[str], list[str]]:
    """Return the lines that a function logs under AWS's runtime and under ours, in their order."""
    (directory / "app.py").write_text(source)
    with start_both("app.handler", directory, environment) as peers:
        first, second = ([line for n in range(count) for line in log_of(peer, n)] for peer in peers)
        return first, second


def log_of(peer: Any, n: int) -> list[str]:
    log: str = peer.invoke({"event": "{}", "options": {"request_id": f"id-{n}"}})["log"]
    return log.split("\n")[:-1]


@on_linux
def test_threads_have_the_id_of_the_invocation_as_under_awss_runtime(tmp_path: Path) -> None:
    theirs, ours = invoke_both(THREADS, tmp_path, 2)
    seen = [[tuple(line.split("\t")[2:]) for line in lines] for lines in (theirs, ours)]
    assert seen[0] == seen[1]
    assert ("id-1", "pool") in seen[1]
    assert ("id-1", "left over") in seen[1]


ASYNC_THREADS = """
import asyncio, logging, threading
from concurrent.futures import ThreadPoolExecutor
from lambda_logging import carry, log

pool = ThreadPoolExecutor(1)

async def handler(event, context):
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(log.info, "to_thread " + event["n"])
    await loop.run_in_executor(None, log.info, "executor " + event["n"])
    await loop.run_in_executor(pool, log.info, "own " + event["n"])
    await loop.run_in_executor(pool, logging.warning, "logging " + event["n"])
    await loop.run_in_executor(pool, carry(log.info), "carried " + event["n"])
    thread = threading.Thread(target=log.info, args=("thread " + event["n"],))
    thread.start()
    await asyncio.to_thread(thread.join)
    return {}
"""


def test_threads_of_an_async_handler_have_the_id_too(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(ASYNC_THREADS, AWS_LAMBDA_LOG_FORMAT="JSON")
    for n in range(3):
        api.invoke({"n": f"id-{n}"}, request_id=f"id-{n}")
    records = [json.loads(line) for line in process.kill().splitlines()]
    assert len(records) == 18
    for record in records:
        assert record["message"].endswith(f" {record['requestId']}")


@pytest.mark.parametrize("api", [8], indirect=True)
def test_with_many_invocations_at_a_time_no_thread_has_a_wrong_id(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(ASYNC_THREADS, AWS_LAMBDA_LOG_FORMAT="JSON")
    waiting = [api.enqueue({"n": f"id-{n}"}, request_id=f"id-{n}") for n in range(40)]
    for invocation in waiting:
        invocation.wait()
    records = [json.loads(line) for line in process.kill().splitlines()]
    messages = [record for record in records if " id-" in record["message"]]
    assert len(messages) == 240
    for record in messages:
        kind, _, request_id = record["message"].partition(" ")
        known = {request_id} if kind in ("to_thread", "carried") else {request_id, ""}
        assert record["requestId"] in known


@pytest.mark.parametrize("api", [4], indirect=True)
def test_workers_of_a_def_handler_give_their_threads_their_own_id(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    source = """
        import threading
        from lambda_logging import log

        def handler(event):
            thread = threading.Thread(target=log.info, args=(event["n"],))
            thread.start()
            thread.join()
    """
    process = start(source, AWS_LAMBDA_LOG_FORMAT="JSON")
    waiting = [api.enqueue({"n": f"id-{n}"}, request_id=f"id-{n}") for n in range(20)]
    for invocation in waiting:
        invocation.wait()
    records = [json.loads(line) for line in process.kill().splitlines()]
    assert len([r for r in records if r["message"] == r["requestId"]]) == 20


FORMATTER = """
import logging
logging.getLogger().handlers[0].setFormatter(
    logging.Formatter("%(levelname)s|%(aws_request_id)s|%(message)s\\n"))
def handler(event, context):
    logging.warning("sold %s", 3, extra={"order": 17})
"""
BY_NAME = """
import logging
for handler in logging.getLogger().handlers:
    if handler.__class__.__name__ == "LambdaLoggerHandler":
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s\\n"))
def handler(event, context):
    logging.warning(type(logging.getLogger().handlers[0]).__name__)
"""
NO_FORCE = """
import logging
logging.basicConfig(level=logging.DEBUG, format="mine")
def handler(event, context):
    logging.getLogger("botocore").debug("a flood")
    logging.critical("over")
"""


@on_linux
@pytest.mark.parametrize(
    "source", [FORMATTER, BY_NAME, NO_FORCE], ids=["formatter", "by name", "no force"]
)
@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_a_function_that_sets_logging_up_logs_as_under_awss_runtime(
    tmp_path: Path,
    source: str,
    format: str,  # noqa: A002
) -> None:
    theirs, ours = invoke_both(source, tmp_path, AWS_LAMBDA_LOG_FORMAT=format)
    time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
    if format == "JSON" and source is not FORMATTER:
        assert [json.loads(time.sub("", line)) for line in ours] == [
            json.loads(time.sub("", line)) for line in theirs
        ]
    else:
        assert [time.sub("", line) for line in ours] == [time.sub("", line) for line in theirs]
    assert len(ours) == 1


STARTS = {
    "raises": "raise RuntimeError('no')",
    "import": "import nothing_of_the_kind",
    "syntax": "def handler(:",
    "no handler": "other = 1",
}


@on_linux
@pytest.mark.parametrize("source", STARTS)
@pytest.mark.parametrize("format", ["JSON", "Text"])
@pytest.mark.parametrize("level", ["", "WARN", "ERROR"])
def test_a_failed_start_has_the_platforms_warning(
    tmp_path: Path,
    source: str,
    format: str,  # noqa: A002
    level: str,
) -> None:
    (tmp_path / "app.py").write_text(STARTS[source])
    environment = {"AWS_LAMBDA_LOG_FORMAT": format, "AWS_LAMBDA_LOG_LEVEL": level}
    logs = []
    with start_both("app.handler", tmp_path, environment) as peers:
        for peer in peers:
            peer.fail_to_start(1)
            log = os.pread(peer.log.fileno(), 1_000_000, 0).decode()
            logs.append([line for line in log.split("\n") if "LAMBDA_WARNING" in line])
    theirs, ours = logs
    time = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
    assert len(theirs) == (level != "ERROR")
    if format == "JSON":
        theirs, ours = ([json.loads(time.sub("", line)) for line in log] for log in logs)
        assert [[*record] for record in ours] == [[*record] for record in theirs]
        assert ours == theirs
    else:
        assert [time.sub("", line) for line in ours] == [time.sub("", line) for line in theirs]
