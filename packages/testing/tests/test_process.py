"""Functions in processes of their own: what they are given, how they end, what one sees of them."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import FakeRuntimeAPI, Function, LambdaProcess, faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing.plugin import StartProcess

APP = """
    import os, subprocess, sys, threading, time

    print("starting", flush=True)
    served = 0

    def handler(event, context):
        global served
        served += 1
        print("handling", event, flush=True)
        match event.get("do"):
            case "raise":
                raise ValueError("no")
            case "exit":
                os._exit(event["code"])
            case "kill":
                os.kill(os.getpid(), 9)
            case "hang":
                threading.Event().wait()
            case "environment":
                return dict(os.environ)
            case "where":
                return [os.getcwd(), os.getpid()]
            case "child":
                return subprocess.Popen(["sleep", "600"]).pid
            case "allocate":
                return len(bytearray(event["size"]))
            case "files":
                kept = [open("/dev/null") for _ in range(event["count"])]
                return len(kept)
            case "write":
                with open(event["path"], "w") as file:
                    return file.write("text")
        return {"served": served, "left": context.get_remaining_time_in_millis()}
"""
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(dedent(APP))
    return tmp_path


@pytest.fixture
def start(lambda_process: StartProcess, folder: Path) -> Callable[..., LambdaProcess]:
    def start(target: Any = "app.handler", **options: Any) -> LambdaProcess:
        return lambda_process(target, cwd=folder, **options)

    return start


def test_a_function_is_served_by_one_process(start: Callable[..., LambdaProcess]) -> None:
    process = start()
    first, second = process.invoke({}), process.invoke({})
    assert (first.value["served"], second.value["served"]) == (1, 2)
    assert first.init_duration is not None
    assert 0 < first.init_duration < 30
    assert second.init_duration is None
    assert 0 < first.duration < 10
    assert first.logs == ["starting", "handling {}"]
    assert second.logs == ["handling {}"]
    assert process.logs == [*first.logs, *second.logs]
    assert process.exit_code is None


def test_an_error_is_told_and_survived(start: Callable[..., LambdaProcess]) -> None:
    process = start()
    result = process.invoke({"do": "raise"})
    assert (result.kind, result.error.type) == ("error", "ValueError")
    assert result.logs[-1].startswith("[ERROR] ValueError: no\nTraceback")
    assert process.invoke({}).value["served"] == 2


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"do": "exit", "code": 0}, "Runtime exited without providing a reason"),
        ({"do": "exit", "code": 7}, "Runtime exited with error: exit status 7"),
        ({"do": "kill"}, "Runtime exited with error: signal: killed"),
    ],
)
def test_a_process_that_ends_is_started_again(
    start: Callable[..., LambdaProcess], event: dict[str, Any], message: str
) -> None:
    process = start()
    assert process.invoke({}).value["served"] == 1
    result = process.invoke(event, request_id="one")
    assert (result.kind, result.error.type) == ("exit", "Runtime.ExitError")
    assert result.error.message == f"RequestId: one Error: {message}"
    assert process.exit_code == event.get("code", -9)
    after = process.invoke({})
    assert after.value["served"] == 1
    assert after.init_duration is not None
    assert after.logs == ["starting", "handling {}"]


@pytest.mark.lambda_function(timeout=0.3)
def test_an_invocation_ends_at_its_deadline(start: Callable[..., LambdaProcess]) -> None:
    process = start()
    result = process.invoke({"do": "hang"}, request_id="one")
    assert result.kind == "timeout"
    assert result.error.type == "Sandbox.Timedout"
    assert result.error.message == "RequestId: one Error: Task timed out after 0.30 seconds"
    assert process.wait_for_exit() == -9
    assert process.invoke({}, timeout=30).value["served"] == 1


def test_what_takes_too_long_for_a_test_shows_the_log(start: Callable[..., LambdaProcess]) -> None:
    process = start()
    process.api.wait_for_poll()
    with pytest.raises(TimeoutError, match=r"after 0.5 s; .*\nits log:\nstarting"):
        process.invoke({"do": "hang"}, wait=0.5)


@pytest.mark.parametrize("source", ["raise ValueError('broken')", "import sys; sys.exit(3)"])
def test_a_start_that_fails_says_so_each_time(
    start: Callable[..., LambdaProcess], folder: Path, source: str
) -> None:
    (folder / "app.py").write_text(f"print('starting')\n{source}")
    process = start()
    for _ in range(2):
        result = process.invoke({})
        assert result.kind in ("init_error", "exit")
        assert result.error.type in ("ValueError", "SystemExit", "Runtime.ExitError")
        assert "starting" in result.logs
        assert result.init_duration is None
        process.wait_for_exit()


@pytest.mark.lambda_function(name="orders", handler="app.handler")
def test_the_environment_is_lambdas_and_little_else(
    start: Callable[..., LambdaProcess], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("SECRET", "of the machine")
    found = start(env={"TABLE": "orders"}).invoke({"do": "environment"}).value
    assert found["AWS_LAMBDA_FUNCTION_NAME"] == "orders"
    assert found["_HANDLER"] == "app.handler"
    assert found["LAMBDA_TASK_ROOT"] == str(folder)
    assert found["TABLE"] == "orders"
    assert found["AWS_ACCESS_KEY_ID"] == "testing"
    assert not {"AWS_PROFILE", "SECRET", "HOME"} & found.keys()


def test_it_can_be_a_program(start: Callable[..., LambdaProcess], folder: Path) -> None:
    program = "from app import handler\nfrom lambda_runtime import run\nrun(handler)\n"
    (folder / "main.py").write_text(program)
    package = folder / "package"
    package.mkdir()
    (package / "__main__.py").write_text(f"import sys; sys.path.insert(0, '.')\n{program}")
    commands = [sys.executable, "main.py"], [sys.executable, "-m", "lambda_runtime", "app.handler"]
    for target in ("main.py", folder / "main.py", "package", *commands):
        assert start(target).invoke({}).value["served"] == 1


@pytest.mark.parametrize(
    ("target", "complaint"),
    [("missing.py", "no program to test at .*missing.py"), (Path("no"), "no"), ([], "no words")],
)
def test_what_cannot_be_run_is_refused(
    start: Callable[..., LambdaProcess], target: Any, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        start(target)
    with pytest.raises(FileNotFoundError):
        start(["/nowhere/bootstrap"])


@linux_only
def test_aws_client_is_a_runtime_like_any(
    start: Callable[..., LambdaProcess], folder: Path
) -> None:
    process = start(runtime="awslambdaric")
    first = process.invoke({"a": 1})
    assert first.value["served"] == 1
    assert 0 < first.value["left"] <= 30_000
    assert first.logs == ["starting", "handling {'a': 1}"]
    failed = process.invoke({"do": "raise"})
    assert failed.error.type == "ValueError"
    assert failed.error.stack_trace[0].startswith(f'  File "{folder}/app.py"')
    assert process.invoke({"do": "exit", "code": 7}).error.type == "Runtime.ExitError"
    process.api.fail_next("next", faults.break_off())
    assert process.invoke({}).init_duration is not None


def test_a_program_in_another_language_is_a_function_too(
    start: Callable[..., LambdaProcess], folder: Path
) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("the bootstrap is written with curl")
    bootstrap = folder / "bootstrap"
    bootstrap.write_text(
        dedent("""\
            #!/bin/sh
            api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
            while true; do
                event=$(curl -sS -D headers "$api/next") || exit 1
                id=$(grep -i Lambda-Runtime-Aws-Request-Id headers |
                    tr -d '[:space:]' | cut -d: -f2)
                echo "got $event"
                curl -sS "$api/$id/response" -d "{\\"echo\\": $event}" >/dev/null
            done
            """)
    )
    bootstrap.chmod(bootstrap.stat().st_mode | stat.S_IXUSR)
    result = start(["./bootstrap"]).invoke([1, 2])
    assert result.outcome.json() == {"echo": [1, 2]}
    assert result.logs == ["got [1,2]"]


def test_it_can_be_frozen_and_thawed(start: Callable[..., LambdaProcess]) -> None:
    process = start()
    assert process.invoke({}).ok
    process.freeze()
    assert process.api.state == "Ready", "Lambda lets it come to rest first"
    invocation = process.enqueue({})
    with pytest.raises(TimeoutError, match="is still running"):
        invocation.wait(0.1)
    process.thaw()
    assert invocation.wait().json()["served"] == 2


def test_what_is_frozen_at_its_deadline_is_killed(start: Callable[..., LambdaProcess]) -> None:
    process = start()
    assert process.invoke({}).ok
    process.freeze()
    assert process.invoke({}, timeout=0.2).kind == "timeout"
    assert process.wait_for_exit() == -9


def test_it_is_shut_down_as_lambda_does(start: Callable[..., LambdaProcess], folder: Path) -> None:
    (folder / "app.py").write_text(
        "import signal, sys\n"
        "def end(*_): print('bye', flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "def handler(event): pass\n"
    )
    process = start()
    assert process.invoke({}).ok
    assert process.shut_down() == 0
    assert process.logs == ["bye"]
    paths = [request.path for request in process.api.requests]
    assert paths[-1].endswith("/next"), "Lambda lets it come to rest first"
    assert process.pid is None
    with pytest.raises(ProcessLookupError):
        process.freeze()
    assert process.shut_down() == 0, "it has ended already"


def test_what_ignores_the_request_to_end_is_killed(
    start: Callable[..., LambdaProcess], folder: Path
) -> None:
    (folder / "app.py").write_text(
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef handler(event): pass\n"
    )
    process = start()
    assert process.invoke({}).ok
    assert process.shut_down(grace=0.05) == -signal.SIGKILL


def test_children_end_with_the_process(start: Callable[..., LambdaProcess]) -> None:
    process = start()
    child = process.invoke({"do": "child"}).value
    process.close()
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True, check=False
    ).stdout.strip()
    assert state[:1] in ("", "Z"), "a zombie waits for the system to notice that it has died"


@pytest.mark.lambda_function(max_concurrency=4)
def test_invocations_may_run_at_the_same_time(
    start: Callable[..., LambdaProcess], folder: Path
) -> None:
    (folder / "app.py").write_text(
        dedent("""
            import asyncio

            async def handler(event):
                reader, writer = await asyncio.open_connection("127.0.0.1", event["gate"])
                await reader.read(1)
                writer.close()
                return event["number"]
            """)
    )
    process = start()
    with socket.create_server(("127.0.0.1", 0)) as gate, ThreadPoolExecutor(4) as pool:
        events = [{"gate": gate.getsockname()[1], "number": number} for number in range(4)]
        results = pool.map(process.invoke, events)
        here = [gate.accept()[0] for _ in events]
        for connection in here:
            connection.close()
        assert [result.value for result in results] == [0, 1, 2, 3]


@linux_only
@pytest.mark.lambda_function(memory_mb=256)
def test_memory_and_files_have_limits(start: Callable[..., LambdaProcess]) -> None:
    limited = start(limited=True)
    assert limited.invoke({"do": "allocate", "size": 50_000_000}).value == 50_000_000
    assert limited.invoke({"do": "allocate", "size": 300_000_000}).error.type == "MemoryError"
    error = limited.invoke({"do": "files", "count": 1024}).error
    assert (error.type, os.strerror(errno.EMFILE) in error.message) == ("OSError", True)
    assert start().invoke({"do": "allocate", "size": 300_000_000}).ok


@linux_only
def test_files_can_be_written_below_tmp_only(start: Callable[..., LambdaProcess]) -> None:
    process = start(read_only=True)
    with (
        tempfile.TemporaryDirectory(dir="/var/tmp") as elsewhere,
        tempfile.TemporaryDirectory(dir="/tmp") as inside,
    ):
        event = {"do": "write", "path": f"{elsewhere}/file"}
        result = process.invoke(event)
        if result.kind == "exit" and "Landlock" in result.output:
            pytest.skip("this kernel has no Landlock")
        assert result.error.type == "PermissionError"
        assert process.invoke({"do": "write", "path": f"{inside}/file"}).value == 4
        assert process.invoke({"do": "write", "path": "/dev/null"}).value == 4
        assert start().invoke(event).value == 4


@dataclass
class Order:
    number: int


def test_typed_events_are_encoded(start: Callable[..., LambdaProcess]) -> None:
    result = start().invoke(Order(17))
    assert result.logs[-1] == "handling {'number': 17}"
    with pytest.raises(TypeError, match="not JSON serializable"):
        start().invoke(object())


def test_a_stream_is_seen_while_it_comes(start: Callable[..., LambdaProcess], folder: Path) -> None:
    (folder / "app.py").write_text(
        "import socket\n"
        "def handler(event):\n"
        "    with socket.create_connection(('127.0.0.1', event)) as gate:\n"
        "        yield 'first'\n"
        "        gate.recv(1)\n"
        "        yield 'second'\n"
    )
    process = start()
    with socket.create_server(("127.0.0.1", 0)) as gate:
        invocation = process.enqueue(gate.getsockname()[1])
        function, _ = gate.accept()
        with function:
            assert invocation.wait_for_chunk().data == b"first"
            assert invocation.state == "running"
            function.send(b".")
        assert invocation.wait().body == b"firstsecond"


def test_it_is_a_context_of_its_own(folder: Path) -> None:
    with LambdaProcess(
        "app.handler", function=Function(), output=folder / "log", cwd=folder
    ) as process:
        assert process.invoke({}).ok
        assert isinstance(process.api, FakeRuntimeAPI)
        pid = process.pid
        assert pid is not None
    assert process.exit_code == -9
    with pytest.raises(ConnectionAbortedError):
        process.invoke({})


@pytest.mark.lambda_function(timeout=0.3)
def test_a_deadline_comes_though_the_test_has_stopped_the_clocks(
    lambda_process: StartProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "late.py").write_text(
        "import threading\n"
        "def handler(event, context):\n"
        "    if event: threading.Event().wait()\n"
        "    return context.get_remaining_time_in_millis()\n"
    )
    for clock in ("time", "monotonic"):  # as freezegun does
        monkeypatch.setattr(time, clock, lambda: 1_577_836_800.0)
    function = lambda_process("late.handler", cwd=tmp_path)
    assert 0 < function.invoke(False).value <= 300
    assert function.invoke(True, wait=20).kind == "timeout"


def test_a_process_whose_coverage_is_measured_may_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "covered.py").write_text(
        "import os, signal\n"
        "def save(*_):\n"
        "    open('covered', 'w').close()\n"
        "    os._exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"  # as coverage.py does with sigterm = true
        "def handler(event, context): ...\n"
    )
    monkeypatch.setenv("COVERAGE_PROCESS_START", "")
    with LambdaProcess(
        "covered.handler", function=Function(), output=tmp_path / "log", cwd=tmp_path
    ) as process:
        assert process.invoke({}).ok
        process.freeze()
    assert (tmp_path / "covered").exists()
