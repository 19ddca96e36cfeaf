"""An execution environment whose process does not come to life."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from lambda_emulator._bus import Bus
from lambda_emulator._config import FunctionConfig
from lambda_emulator._log import Output
from lambda_emulator._service import FunctionService
from lambda_emulator._target import FunctionProgram
from lambda_emulator._time_limit import TimeLimit
from lambda_testing import Function

NAME = "test"
ASLEEP = FunctionProgram((sys.executable, "-c", "import time; time.sleep(1000)"), NAME, Path())


def service(program: FunctionProgram, log: bytearray, timeout: float = 3) -> FunctionService:
    config = FunctionConfig(
        program=program, function=Function(name=NAME, timeout=timeout), init_timeout=0.25
    )
    return FunctionService(config, Output(log.extend), Bus())


def test_an_init_phase_has_a_limit_and_is_tried_again() -> None:
    log = bytearray()

    async def scenario() -> None:
        async with service(ASLEEP, log, timeout=0.5) as function:
            failure = await function.initialized()
            assert failure is not None
            assert failure.status == "timeout"
            invocation = function.invoke(b"{}", request_id="id")
            await invocation
            assert invocation.error_type == "Sandbox.Timedout"
            assert json.loads(invocation.payload) == {
                "errorType": "Sandbox.Timedout",
                "errorMessage": "RequestId: id Error: Task timed out after 0.50 seconds",
            }
            await invocation.wait_for_report()

    asyncio.run(scenario())
    lines = [line.split("\t") for line in log.decode().splitlines() if "Phase: " in line]
    assert lines == [
        ["INIT_REPORT Init Duration: 250.00 ms", "Phase: init", "Status: timeout"],
        ["INIT_REPORT Init Duration: 500.00 ms", "Phase: invoke", "Status: timeout"],
    ]


def test_a_command_that_cannot_be_run_is_an_error_of_the_function() -> None:
    log = bytearray()

    async def scenario() -> None:
        async with service(FunctionProgram(("/no/such/python",), NAME, Path()), log) as function:
            failure = await function.initialized()
            assert failure is not None
            assert failure.error_type == "Runtime.InvalidEntrypoint"
            for _ in range(2):
                invocation = function.invoke(b"{}")
                await invocation
                assert invocation.error_type == "Runtime.InvalidEntrypoint"
                assert "/no/such/python" in json.loads(invocation.payload)["errorMessage"]
                await invocation.wait_for_report()

    asyncio.run(scenario())
    # Once each before the first invocation and within two, and in the reports of the two.
    assert log.count(b"Status: error\tError Type: Runtime.InvalidEntrypoint\n") == 5


def test_who_waits_when_it_ends_is_told() -> None:
    async def scenario() -> None:
        async with service(ASLEEP, bytearray()) as function:
            invocation = function.invoke(b"{}")
        with pytest.raises(ConnectionAbortedError):
            await invocation
        with pytest.raises(ConnectionAbortedError):
            await function.invoke(b"{}")

    asyncio.run(scenario())


def test_a_process_that_ends_as_it_does_what_is_waited_for() -> None:
    problems: list[object] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, problem: problems.append(problem))
        asked, exited = loop.create_future(), loop.create_future()
        loop.call_soon(asked.set_result, None)
        loop.call_soon(exited.set_result, None)
        assert await TimeLimit(30).wait_for(asked, [exited])
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert problems == []
