"""An emulator ends, and leaves no process or file behind."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Emulator

FUNCTIONS = Path(__file__).parent / "functions"
LIMIT = 30


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_peace(emulator: Emulator, number: signal.Signals) -> None:
    emulator.invoke({"echo": 1})
    code, log = emulator.stop(number)
    assert code == 0
    lines = [line.split()[0] for line in log.splitlines()]
    assert lines == ["INIT_START", "loaded", "START", "END", "REPORT"]


def test_work_after_a_response_has_time_to_end(emulator: Emulator) -> None:
    emulator.invoke({"work_on": 1})
    _, log = emulator.stop()
    assert "REPORT" in log


@pytest.mark.skipif(sys.platform != "linux", reason="needs to see when a process has ended")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_it(emulator: Emulator, number: signal.Signals) -> None:
    pids = emulator.invoke({"spawn": None}).json()
    assert len(pids) == 2
    with ExitStack() as stack:
        running = [os.pidfd_open(pid) for pid in pids]
        for descriptor in running:
            stack.callback(os.close, descriptor)
        code, _ = emulator.stop(number)
        assert code == (-signal.SIGKILL if number is signal.SIGKILL else 0)
        for descriptor in running:
            assert select.select([descriptor], [], [], LIMIT)[0]


def test_it_ends_while_the_function_works(start: Callable[..., Emulator]) -> None:
    emulator = start("--timeout", "900")
    with closing(emulator.send({"log": "working\n", "sleep": 1000})) as working:
        while emulator.read_log_line() != "working\n":
            pass
        code, _ = emulator.stop()
        response = working.getresponse()
        assert (code, response.status) == (0, 503)
        assert json.load(response)["message"] == "The emulator was stopped."


def test_it_serves_on_when_nobody_reads_its_log(emulator: Emulator) -> None:
    assert emulator.process.stdout is not None
    emulator.process.stdout.close()
    assert emulator.invoke({"echo": 1}).json() == 1
    assert emulator.invoke({"echo": 2}).json() == 2
    emulator.process.send_signal(signal.SIGINT)
    assert emulator.process.wait(LIMIT) == 0


def test_it_ends_at_once_while_the_console_is_open(start: Callable[..., Emulator]) -> None:
    seconds: list[float] = []
    while not seconds or (seconds[-1] >= 1 and len(seconds) < 3):  # the machine may be busy
        emulator = start()
        emulator.invoke({"echo": 1})
        with ExitStack() as stack:
            pages: list[HTTPResponse] = []
            for _ in range(3):
                assert emulator.url.hostname is not None
                connection = HTTPConnection(emulator.url.hostname, emulator.url.port, timeout=LIMIT)
                stack.enter_context(closing(connection))
                connection.request("GET", "/_console/api/happenings")
                pages.append(connection.getresponse())
                assert pages[-1].readline()
            began = time.monotonic()
            code, _ = emulator.stop()
            seconds.append(time.monotonic() - began)
            assert code == 0
            for page in pages:
                with suppress(IncompleteRead):
                    page.read()
    assert min(seconds) < 1, "the server waits one second for what holds a connection open"


def test_a_function_finds_the_environment_of_lambda(start: Callable[..., Emulator]) -> None:
    emulator = start(
        "--name", "mine", "--memory", "512", AWS_ACCESS_KEY_ID="key", AWS_REGION="eu-west-1"
    )
    expected = {
        "_HANDLER": "actions.handler",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": "mine",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/mine",
        "AWS_REGION": "eu-west-1",
        "LAMBDA_TASK_ROOT": str(FUNCTIONS),
        "TZ": ":UTC",
    }
    response = emulator.invoke({"environment": list(expected)}, function="mine")
    assert dict(zip(expected, response.json(), strict=True)) == expected
