"""Applications in processes of their own, with a Runtime API and the ends that Lambda has."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lambda_testing import Function, LambdaProcess, faults

from .conftest import make_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_testing.plugin import StartProcess

FUNCTIONS = Path(__file__).parent / "functions"


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LambdaProcess]:
    """Serve the application, streaming, for all tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("web")
    options = {"PYTHONPATH": str(FUNCTIONS)}
    output = folder / "output"
    with LambdaProcess(
        "web.patient", function=Function(), output=output, cwd=folder, env=options
    ) as process:
        yield process


def ask(process: LambdaProcess, path: str) -> bytes:
    return process.invoke(make_event(path=path)).content


def test_one_lifespan_serves_all_requests(process: LambdaProcess) -> None:
    before = int(ask(process, "/count"))
    assert int(ask(process, "/count")) == before + 1


def test_a_request_leaves_nothing_to_be_collected(process: LambdaProcess) -> None:
    ask(process, "/garbage")
    assert ask(process, "/count").isdigit()
    assert ask(process, "/garbage") == b"0"


def test_the_caller_does_not_wait_for_background_tasks(
    process: LambdaProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    gate = tmp_path_factory.getbasetemp() / "gate"
    os.mkfifo(gate)
    descriptor = os.open(gate, os.O_RDWR)
    try:
        event = make_event(path="/background", headers={"gate": str(gate)})
        assert process.invoke(event).content == b"at once"
        following = process.enqueue(make_event(path="/count"))
        assert following.state == "queued"
        assert "done later" not in process.output
        os.write(descriptor, b"\n")
        assert following.wait().content.isdigit()
        assert "done later" in process.output
    finally:
        os.close(descriptor)


def test_a_large_response_needs_little_memory(process: LambdaProcess) -> None:
    content = ask(process, "/large")
    assert len(content) > 65_536_000
    *_, peak, _ = content[65_536_000:].split()
    assert int(peak) < 60_000  # kB


def test_an_application_learns_that_nobody_takes_its_stream(process: LambdaProcess) -> None:
    process.api.fail_next("response", faults.drop(read=300_000, reset=True))
    invocation = process.enqueue(make_event(path="/endless"))
    assert ask(process, "/count").isdigit()
    assert "send: The client has disconnected.\nhttp.disconnect\n" in process.output
    assert invocation.state == "done"


def test_a_request_that_takes_too_long_is_cancelled(process: LambdaProcess) -> None:
    pid = process.pid
    result = process.invoke(make_event(path="/hang"), timeout=20.5)
    assert result.error.type == "Sandbox.Timedout"
    assert "in hang" in result.output
    assert ask(process, "/count").isdigit()
    assert process.pid == pid


def test_the_lifespan_ends_at_sigterm(lambda_process: StartProcess) -> None:
    process = lambda_process("web:app", cwd=FUNCTIONS)
    assert process.invoke(make_event(path="/count")).value["body"] == "0"
    assert process.shut_down() == 0
    assert process.output.endswith("shut down\n")


def test_a_startup_that_fails_is_a_start_that_fails(lambda_process: StartProcess) -> None:
    process = lambda_process("web:app", cwd=FUNCTIONS, env={"FAILS": "1"})
    result = process.invoke(make_event(path="/count"))
    assert result.kind == "init_error"
    assert "startup failed: OSError('no database')" in result.error.message


@pytest.mark.skipif(sys.platform != "linux", reason="workers are Linux's")
def test_requests_run_beside_each_other_on_managed_instances(
    lambda_process: StartProcess,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gate:
        gate.settimeout(30)
        process = lambda_process(
            "web:app",
            cwd=FUNCTIONS,
            env={"GATE": str(gate.getsockname()[1])},
            function=Function(max_concurrency=8),
        )
        invocations = [process.enqueue(make_event(path="/held")) for _ in range(8)]
        held = [gate.accept()[0] for _ in invocations]  # all of them run
        for connection in held:
            connection.close()
    bodies = [invocation.wait().json()["body"] for invocation in invocations]
    assert 1 <= len({*bodies}) <= 4
