"""The settings from pyproject.toml, files and other commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lambda_emulator._event_source import SourceError, parse_source
from lambda_emulator._generate_event import generate_event, list_events

from .conftest import LIMIT, run_in

MEMORY_AND_B = '["AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "B"]'
PROGRAM = """
import os
def handler(event):
    return {name: os.environ.get(name) for name in event}
"""
SETTINGS = """
[tool.lambda-emulator]
timeout = 7
env-file = "local.env"

[tool.lambda-emulator.functions.first]
target = "app.handler"

[tool.lambda-emulator.functions.second]
target = "app.handler"
memory = 512
env = ["B=own"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "local.env").write_text("# a comment\nA='from file'\nB=from-file\n")
    return tmp_path


def test_invoke_takes_settings_and_files(project: Path) -> None:
    done = run_in(project, "invoke", "app.handler", "--env", "B=c=d", "-d", '["A", "B"]')
    assert json.loads(done.stdout) == {"A": "from file", "B": "c=d"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_files_may_begin_with_a_byte_order_mark(project: Path, encoding: str) -> None:
    """As Notepad and PowerShell write them."""
    (project / "pyproject.toml").write_text(SETTINGS, "utf-8-sig")
    (project / "event.json").write_text('["A", "é"]', encoding)
    done = run_in(project, "invoke", "app.handler", "-e", "event.json")
    assert json.loads(done.stdout) == {"A": "from file", "é": None}


def test_run_serves_the_functions_of_the_settings(project: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", "run", "--port", "0"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        try:
            assert [line.split()[1] for line in lines] == ["first", "second"]
            from urllib.request import urlopen

            names = ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "A", "B", "AWS_LAMBDA_FUNCTION_NAME"]
            seen = []
            for line in lines:
                with urlopen(line.split()[-1], json.dumps(names).encode(), timeout=LIMIT) as answer:
                    seen.append(json.load(answer))
        finally:
            process.terminate()
            process.communicate(timeout=LIMIT)
    assert [list(each.values()) for each in seen] == [
        ["128", "from file", "from-file", "first"],
        ["512", "from file", "own", "second"],
    ]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[tool.lambda-emulator]\nmemori = 1\n", "'memori', which is not an option"),
        ("[tool.lambda-emulator.functions.f]\ntimeout = 1\n", "functions.f] needs a target"),
        (
            "[tool.lambda-emulator.functions.f]\ntarget = 'a.b'\nno = 1\n",
            "'no', which is not an option",
        ),
        ("[tool", "cannot be read"),
        ("tool.lambda-emulator = 1\n", "is not a table"),
    ],
)
def test_wrong_settings_are_one_sentence(tmp_path: Path, settings: str, words: str) -> None:
    (tmp_path / "pyproject.toml").write_text(settings)
    done = run_in(tmp_path, "run")
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_nothing_to_run(tmp_path: Path) -> None:
    done = run_in(tmp_path, "run")
    assert done.returncode == 2
    assert "Missing argument 'TARGET...'" in done.stderr


@pytest.mark.parametrize("value", ["A", "=b"])
def test_a_variable_needs_a_name_and_a_value(project: Path, value: str) -> None:
    done = run_in(project, "invoke", "app.handler", "--env", value)
    assert done.returncode == 2
    assert "NAME=VALUE" in done.stderr


@pytest.mark.parametrize(
    ("source", "words"),
    [("sqs=nowhere", "is not an event source"), ("third:sqs=http://a/1/q", "no function 'third'")],
)
def test_a_wrong_event_source(project: Path, source: str, words: str) -> None:
    done = run_in(project, "run", "--event-source", source)
    assert done.returncode == 2
    assert words in done.stderr


def test_an_event_source_without_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(SourceError, match="pip install"):
        parse_source("sqs=http://localhost/1/orders", ["orders"])


def test_generate_event() -> None:
    pytest.importorskip("lambda_events")
    here = Path.cwd()
    assert "SQSEvent" in run_in(here, "generate-event").stdout.splitlines()
    sample = json.loads(run_in(here, "generate-event", "sqs").stdout)
    assert sample["Records"][0]["eventSource"] == "aws:sqs"
    done = run_in(
        here, "generate-event", "SQSEvent", "-p", 'bodies=["a", "b"]', "-p", "queue=orders"
    )
    records = json.loads(done.stdout)["Records"]
    assert [record["body"] for record in records] == ["a", "b"]
    assert records[0]["eventSourceARN"].endswith(":orders")


def test_every_event_that_is_listed_can_be_generated() -> None:
    pytest.importorskip("lambda_events")
    names = list_events()
    assert len(names) > 50
    for name in names:
        assert isinstance(json.loads(generate_event(name, {})), dict), name


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "There is no event 'nothing'"),
        (("sqs", "-p", "color=red"), "It takes: bodies"),
    ],
)
def test_an_event_that_cannot_be_generated(arguments: tuple[str, ...], words: str) -> None:
    pytest.importorskip("lambda_events")
    done = run_in(Path.cwd(), "generate-event", *arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_debugger_can_attach(project: Path) -> None:
    pytest.importorskip("debugpy")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "lambda_emulator", "invoke", "app.handler"),
            *("--debug", str(port), "-d", '["A"]'),
        ],
        cwd=project,
        env={**os.environ, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            while line.startswith("INIT_START"):
                line = process.stderr.readline()
            assert line.startswith(f"app waits for a debugger at 127.0.0.1:{port}: attach")
            attach(port)
            output, _ = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
    assert json.loads(output) == {"A": "from file"}


def test_the_port_of_a_debugger_is_in_use(project: Path) -> None:
    pytest.importorskip("debugpy")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = run_in(project, "invoke", "app.handler", "--debug", str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"Error: Port {port} for the debugger of app is in use: choose another with --debug PORT.\n"
    )


def test_too_few_ports_for_debuggers(project: Path) -> None:
    pytest.importorskip("debugpy")
    done = run_in(project, "run", "app.handler", "other=app.handler", "--debug", "65535")
    assert done.returncode == 2
    assert done.stderr == (
        "Error: --debug 65535 leaves no port for each function: choose a lower one.\n"
    )


def test_a_debugger_that_is_not_installed(project: Path) -> None:
    code = (
        "import sys; sys.modules['debugpy'] = None\nfrom lambda_emulator._cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "invoke", "app.handler", "--debug"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "Error: --debug needs debugpy: pip install 'lambda-emulator[debug]'.\n"


def test_a_function_of_the_settings_by_its_name(project: Path) -> None:
    done = run_in(project, "invoke", "second", "-d", MEMORY_AND_B)
    assert json.loads(done.stdout) == {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "B": "own"}


def test_what_is_typed_wins_over_the_settings_of_a_function(project: Path) -> None:
    done = run_in(
        project, "invoke", "second", "--memory", "256", "--env", "B=typed", "-d", MEMORY_AND_B
    )
    assert json.loads(done.stdout) == {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "B": "typed"}


def attach(port: int) -> None:
    """Do what an editor does, by the Debug Adapter Protocol, until the function may start."""
    import socket
    import time

    deadline = time.monotonic() + LIMIT
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), LIMIT)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with connection, connection.makefile("rb") as stream:

        def send(number: int, command: str, arguments: object) -> None:
            message = {"seq": number, "type": "request", "command": command, "arguments": arguments}
            body = json.dumps(message).encode()
            connection.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)

        def wait_for(kind: str, name: str) -> None:
            while True:
                length = int(stream.readline().split(b":")[1])
                stream.readline()
                message = json.loads(stream.read(length))
                if message["type"] == kind and message.get(kind, message.get("command")) == name:
                    return

        send(1, "initialize", {"adapterID": "test", "clientID": "test"})
        wait_for("response", "initialize")
        send(2, "attach", {"justMyCode": True})
        wait_for("event", "initialized")
        send(3, "configurationDone", {})
        wait_for("response", "configurationDone")
        wait_for("event", "terminated")
