"""AWS's own emulator runs our functions as Lambda Managed Instances do: several at a time.

In this mode the emulator starts ``/var/runtime/bootstrap`` in ``/var/task``, as a user of its own,
and so it gets a ``/var`` of its own as well: that takes the right to mount.
"""

from __future__ import annotations

import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Any, Self

import pytest

from tests.conftest import Emulator, find_emulator, reserved_addresses, wait_until_it_listens

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from concurrent.futures import Future
    from contextlib import AbstractContextManager

    Start = Callable[..., AbstractContextManager[Emulator]]

CONCURRENCY = 4
SECONDS = 30

# Each invocation calls the test and waits until it is let go: so the test knows how many run.
DEF_FUNCTION = """
import os
import socket

imported_by = os.getpid()


def handler(event, context):
    with socket.create_connection(("127.0.0.1", event["port"])) as test:
        test.sendall(b"%d\\n" % os.getpid())
        test.recv(1)
    return {"number": event["number"], "process": os.getpid(), "imported_by": imported_by}
"""
ASYNC_FUNCTION = """
import asyncio
import os

imported_by = os.getpid()


async def handler(event, context):
    reader, writer = await asyncio.open_connection("127.0.0.1", event["port"])
    writer.write(b"%d\\n" % os.getpid())
    await reader.read(1)
    writer.close()
    return {"number": event["number"], "process": os.getpid(), "imported_by": imported_by}
"""


@pytest.fixture(scope="session")
def binary() -> Path:
    """Return AWS's emulator, if its mode for managed instances can be used here."""
    emulator = find_emulator()
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if os.geteuid() or probe.returncode:
        pytest.skip("the emulator's mode for managed instances needs root, and the right to mount")
    return Path(emulator)


@pytest.fixture
def start(binary: Path, tmp_path: Path) -> Iterator[Start]:
    """Start a function under the emulator, and under this runtime or another one."""
    var = tmp_path / "var"

    @contextmanager
    def start(source: str, *, runtime: str = "lambda_runtime") -> Generator[Emulator]:
        (var / "task").mkdir(parents=True)
        (var / "task" / "app.py").write_text(source)
        (var / "runtime").mkdir()
        copy(binary, var / "emulator")
        # The emulator's user cannot look into everybody's home, where Python and the packages are.
        paths = [entry for entry in sys.path if Path(entry).is_dir()]
        mounts = {sys.base_prefix: var / "python"}
        mounts |= {entry: var / "path" / str(number) for number, entry in enumerate(paths)}
        for target in mounts.values():
            target.mkdir(parents=True)
        python = Path(sys.executable).resolve().relative_to(Path(sys.base_prefix).resolve())
        bootstrap = var / "runtime" / "bootstrap"
        bootstrap.write_text(
            "#!/bin/sh\n"
            "export LD_LIBRARY_PATH=/var/python/lib\n"  # a Python may have a library of its own
            f"export PYTHONPATH={':'.join(f'/var/path/{number}' for number in range(len(paths)))}\n"
            f"exec /var/python/{python} -m {runtime} app.handler\n"
        )
        bootstrap.chmod(0o755)
        commands = [
            ["mount", "--make-rprivate", "/"],
            *(["mount", "--bind", source, str(target)] for source, target in mounts.items()),
            ["mount", "--rbind", str(var), "/var"],
            ["cd", "/var/task"],
            [
                *("exec", "/var/emulator"),
                f"--runtime-interface-emulator-address={address}",
                f"--runtime-api-address={api_address}",
            ],
        ]
        environment = {
            **os.environ,
            "AWS_LAMBDA_MAX_CONCURRENCY": str(CONCURRENCY),
            "_HANDLER": "app.handler",
        }
        script = " && ".join(map(shlex.join, commands))
        with subprocess.Popen(["unshare", "--mount", "sh", "-c", script], env=environment) as rie:
            try:
                port = int(address.rpartition(":")[2])
                wait_until_it_listens(rie, port)
                yield Emulator(port)
            finally:
                rie.terminate()

    with reserved_addresses() as (address, api_address):
        yield start


class Meeting:
    """A place where invocations wait for each other."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(SECONDS)
        self._pool = ThreadPoolExecutor()
        self._waiting: list[socket.socket] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._server.close()
        self._pool.shutdown()

    def invoke(self, function: Emulator, number: int) -> Future[tuple[int, Any]]:
        """Invoke a function in the background."""
        return self._pool.submit(self._invoke, function, number)

    def _invoke(self, function: Emulator, number: int) -> tuple[int, Any]:
        event = {"number": number, "port": self._server.getsockname()[1]}
        deadline = time.monotonic() + SECONDS
        while True:  # the emulator has no queue, and does not tell when there is a worker
            status, answer = function.invoke(event)
            unavailable = answer.get("errorType") == "Runtime.Unavailable"
            if not unavailable or time.monotonic() > deadline:
                return status, answer
            time.sleep(0.02)

    def join(self) -> int:
        """Wait for one more invocation to run; return its process id."""
        connection, _ = self._server.accept()
        connection.settimeout(SECONDS)
        self._waiting.append(connection)
        with connection.makefile("rb") as reader:
            return int(reader.readline())

    def let_go(self) -> None:
        """Let the invocations that have joined go on."""
        for connection in self._waiting:
            connection.close()
        self._waiting.clear()


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    with Meeting() as meeting:
        yield meeting


def meet(meeting: Meeting, function: Emulator) -> list[dict[str, Any]]:
    """Have as many invocations in flight as there may be, and return their answers."""
    invocations, processes = gather(meeting, function)
    meeting.let_go()
    answers: list[dict[str, Any]] = []
    for number, invocation in enumerate(invocations):
        status, answer = invocation.result(SECONDS)
        assert status == 200
        assert answer["number"] == number, "each caller gets its own answer"
        answers.append(answer)
    assert sorted(answer["process"] for answer in answers) == sorted(processes)
    return answers


def gather(meeting: Meeting, function: Emulator) -> tuple[list[Future[tuple[int, Any]]], list[int]]:
    """Have as many invocations in flight as there may be; return them, and their processes."""
    invocations = [meeting.invoke(function, number) for number in range(CONCURRENCY)]
    return invocations, [meeting.join() for _ in invocations]


@pytest.mark.parametrize("runtime", ["lambda_runtime", "awslambdaric"])
def test_a_def_handler_runs_in_a_process_for_each_invocation(
    start: Start, meeting: Meeting, runtime: str
) -> None:
    with start(DEF_FUNCTION, runtime=runtime) as function:
        answers = meet(meeting, function)
    processes = {answer["process"] for answer in answers}
    imported_by = {answer["imported_by"] for answer in answers}
    assert len(processes) == CONCURRENCY
    if runtime == "awslambdaric":
        assert imported_by == processes
    else:
        assert len(imported_by) == 1, "the import is shared"
        assert not imported_by & processes


def test_an_async_handler_runs_several_invocations_in_a_process(
    start: Start, meeting: Meeting
) -> None:
    with start(ASYNC_FUNCTION) as function:
        answers = meet(meeting, function)
    expected = min(len(os.sched_getaffinity(0)), CONCURRENCY)
    assert len({answer["process"] for answer in answers}) == expected
    assert len({answer["imported_by"] for answer in answers}) == 1


@pytest.mark.parametrize("source", [DEF_FUNCTION, ASYNC_FUNCTION], ids=["def", "async def"])
def test_a_worker_that_dies_is_answered_for_and_replaced(
    start: Start, meeting: Meeting, source: str
) -> None:
    with start(source) as function:
        # All pollers are busy: an emulator that lost a waiting one still sends invocations to it.
        invocations, processes = gather(meeting, function)
        dead = processes[0]
        os.kill(dead, signal.SIGKILL)
        errors = processes.count(dead)
        while errors:
            (first, *_), _ = wait(invocations, SECONDS, FIRST_COMPLETED)
            invocations.remove(first)
            error = first.result()[1]
            assert error["errorType"] == "Runtime.ExitError"
            assert error["errorMessage"].endswith("Runtime exited with error: signal: killed")
            errors -= 1
        meeting.let_go()
        survivors = [invocation.result(SECONDS)[1]["process"] for invocation in invocations]
        assert sorted(survivors) == sorted(process for process in processes if process != dead)
        answers = meet(meeting, function)
    assert dead not in {answer["process"] for answer in answers}


def test_no_worker_outlives_the_emulator(start: Start, meeting: Meeting) -> None:
    with start(DEF_FUNCTION) as function:
        workers = [os.pidfd_open(answer["process"]) for answer in meet(meeting, function)]
    for worker in workers:
        assert select.select([worker], [], [], SECONDS)[0], "it still runs"
        os.close(worker)
