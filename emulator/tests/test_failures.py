"""Mistakes of a function, and the responses that its callers get."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Emulator, Response

STATUS = r"REPORT .*\tStatus: (.*)\n"


def failure(response: Response) -> tuple[str, str]:
    """Return the error type and the message of a failure that Lambda itself reports."""
    assert response.status == 200
    assert response.headers["X-Amz-Function-Error"] == "Unhandled"
    told = response.json()
    assert set(told) == {"errorType", "errorMessage"}
    request_id = response.headers["x-amzn-RequestId"]
    return told["errorType"], told["errorMessage"].replace(request_id, "ID")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"leave": 0}, "Runtime exited without providing a reason"),
        ({"leave": 7}, "Runtime exited with error: exit status 7"),
        ({"kill": signal.SIGKILL}, "Runtime exited with error: signal: killed"),
        ({"kill": signal.SIGSEGV}, "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_a_process_that_ends_is_replaced(
    emulator: Emulator, event: dict[str, int], reason: str
) -> None:
    first = emulator.invoke({"identify": None}).json()
    message = f"RequestId: ID Error: {reason}"
    response = emulator.invoke(event)
    assert failure(response) == ("Runtime.ExitError", message)
    assert emulator.invoke({"identify": None}).json() != first
    _, log = emulator.stop()
    request_id = response.headers["x-amzn-RequestId"]
    assert f"\n{message.replace('ID Err', f'{request_id} Err')}\nRuntime.ExitError\nEND " in log
    assert re.findall(STATUS, log) == ["error\tError Type: Runtime.ExitError"]


def test_an_invocation_that_takes_too_long_is_ended(start: Callable[..., Emulator]) -> None:
    emulator = start("--timeout", "1", "--memory", "256")
    first = emulator.invoke({"identify": None}).json()
    response = emulator.invoke({"sleep": 1000})
    message = "RequestId: ID Error: Task timed out after 1.00 seconds"
    assert failure(response) == ("Sandbox.Timedout", message)
    assert emulator.invoke({"identify": None}).json() != first
    _, log = emulator.stop()
    request_id = response.headers["x-amzn-RequestId"]
    assert re.search(
        rf"\n\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z {request_id} "
        rf"Task timed out after 1\.00 seconds\n\nEND RequestId: {request_id}\n"
        rf"REPORT RequestId: {request_id}\tDuration: 1000\.00 ms\tBilled Duration: 1000 ms\t"
        rf"Memory Size: 256 MB\tMax Memory Used: \d+ MB\tStatus: timeout\n",
        log,
    )


def test_a_response_that_is_too_large_is_an_error(served: Emulator) -> None:
    assert failure(served.invoke({"fill": 7_000_000})) == (
        "Function.ResponseSizeTooLarge",
        "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    )
    assert served.invoke({"echo": 1}).json() == 1


@pytest.mark.skipif(sys.platform != "linux", reason="needs to see when a process has ended")
def test_a_process_that_ends_between_invocations_is_replaced(served: Emulator) -> None:
    pid = served.invoke({"identify": None}).json()
    ended = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    assert select.select([ended], [], [], 30)[0]
    os.close(ended)
    assert served.invoke({"identify": None}).json() != pid


def test_only_the_first_invocation_of_a_process_reports_its_start(emulator: Emulator) -> None:
    for event in ({"echo": 1}, {"echo": 2}, {"leave": 1}, {"echo": 3}):
        emulator.invoke(event)
    _, log = emulator.stop()
    reports = re.findall(
        r"\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\t.*Used: (\d+) MB"
        r"(?:\tInit Duration: ([\d.]+) ms)?",
        log,
    )
    assert [bool(init) for *_, init in reports] == [True, False, False, False]
    for duration, billed, memory, init in reports:
        assert int(billed) - 1 <= float(duration) + float(init or 0) <= int(billed) + 0.01
        assert int(memory) > 1
    starts = [line for line in log.splitlines() if line.startswith("INIT_START")]
    assert len(starts) == 2  # the fourth had to start a process, within its own time
