"""An execution environment whose process does not come to life."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from lambda_emulator import _environment
from lambda_emulator._environment import ExecutionEnvironment
from lambda_emulator._log import Log
from lambda_emulator._target import Program
from lambda_testing import Function

NAME = "test"


def test_an_init_phase_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_environment, "_INIT_SECONDS", 0.25)
    log = bytearray()

    async def scenario() -> None:
        program = Program((sys.executable, "-c", "import time; time.sleep(1000)"), NAME, Path())
        function = Function(name=NAME, timeout=0.5)
        async with ExecutionEnvironment(program, function, Log(log.extend)) as environment:
            failure = await environment.initialized()
            assert failure is not None
            assert failure.status == "timeout"
            for seconds in ("0.25", "0.50"):  # the second one tries again, in its own time
                answer = await environment.invoke(b"{}", request_id="id")
                assert answer.is_error
                assert json.loads(answer.payload) == {
                    "errorType": "Sandbox.Timedout",
                    "errorMessage": f"RequestId: id Error: Task timed out after {seconds} seconds",
                }

    asyncio.run(scenario())
    lines = [line.split("\t") for line in log.decode().splitlines() if "Phase: " in line]
    assert lines == [
        ["INIT_REPORT Init Duration: 250.00 ms", "Phase: init", "Status: timeout"],
        ["INIT_REPORT Init Duration: 500.00 ms", "Phase: invoke", "Status: timeout"],
    ]


def test_a_command_that_cannot_be_run_is_an_error_of_the_function() -> None:
    log = bytearray()

    async def scenario() -> None:
        program = Program(("/no/such/python",), NAME, Path())
        async with ExecutionEnvironment(program, Function(), Log(log.extend)) as environment:
            failure = await environment.initialized()
            assert failure is not None
            assert failure.error_type == "Runtime.InvalidEntrypoint"
            for _ in range(2):
                answer = await environment.invoke(b"{}")
                assert answer.is_error
                assert "/no/such/python" in json.loads(answer.payload)["errorMessage"]

    asyncio.run(scenario())
    assert log.count(b"Status: error\tError Type: Runtime.InvalidEntrypoint\n") == 4


def test_who_waits_when_it_ends_is_told() -> None:
    async def scenario() -> None:
        program = Program((sys.executable, "-c", "import time; time.sleep(1000)"), NAME, Path())
        async with ExecutionEnvironment(program, Function(), Log(lambda _: None)) as environment:
            waiting = asyncio.create_task(environment.invoke(b"{}"))
            starting = asyncio.create_task(environment.initialized())
            await asyncio.sleep(0)
        for task in (waiting, starting):
            with pytest.raises(ConnectionAbortedError):
                await task

    asyncio.run(scenario())
