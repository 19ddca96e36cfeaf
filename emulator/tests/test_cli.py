"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .conftest import run_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]


def one_sentence(text: str) -> str:
    """Return the error message, which is all that there is."""
    match = re.fullmatch(r"Error: (.*)\n", text)
    assert match, text
    return match[1]


def test_help_costs_little() -> None:
    script = (
        "import sys\nfrom lambda_emulator._cli import main\n"
        "try:\n main(['--help'])\nfinally:\n assert not {'aiohttp', 'asyncio'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert "run" in done.stdout
    assert "invoke" in done.stdout


@pytest.mark.parametrize("arguments", [["-h"], ["run", "-h"], ["invoke", "--help"]])
def test_help(run_command: Run, arguments: list[str]) -> None:
    done = run_command(*arguments)
    assert done.returncode == 0
    assert "TARGET" in done.stdout


@pytest.mark.parametrize("command", ["run", "invoke"])
@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nowhere", "There is no 'nowhere'"),
        ("nowhere.py", "There is no 'nowhere.py'"),
        ("no/where/", "There is no 'no/where/'"),
        ("nowhere.handler", "There is no module 'nowhere'"),
        ("actions.deeper.handler", "There is no module 'actions.deeper'"),
        ("nowhere/actions.handler", "There is no module 'nowhere/actions'"),
        ("..", "has no __main__.py"),
        ("notes.txt", "is not a Python program"),
    ],
)
def test_a_target_that_is_no_function(
    run_command: Run, command: str, target: str, reason: str
) -> None:
    done = run_command(command, target)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in one_sentence(done.stderr)


def test_a_port_in_use(run_command: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = run_command("run", "actions.handler", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    message = one_sentence(done.stderr)
    assert f"Port {port} on 127.0.0.1 is in use" in message
    assert "--port" in message


def test_the_port_of_the_function_url_in_use(run_command: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = run_command("run", "actions.handler", "--port", "0", "--url-port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    message = one_sentence(done.stderr)
    assert f"Port {port} on 127.0.0.1 is in use" in message
    assert "--url-port" in message


def test_one_port_for_two_servers(run_command: Run) -> None:
    done = run_command("run", "actions.handler", "--port", "9", "--url-port", "9")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Port 9 cannot be that of the function URL, too" in one_sentence(done.stderr)


def test_an_address_of_another_machine(run_command: Run) -> None:
    done = run_command("run", "actions.handler", "--host", "192.0.2.1", "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert one_sentence(done.stderr).startswith("Cannot listen at 192.0.2.1, port 0: ")


@pytest.mark.parametrize(
    ("target", "reason", "error_type"),
    [
        ("broken.handler", "no database here", r"Function\.RuntimeError|Runtime\.\w+"),
        (
            "actions.missing",
            "Handler 'missing' missing on module 'actions'",
            "Runtime.HandlerNotFound",
        ),
        ("silent.py", "does the program call lambda_runtime.run(handler)?", "Runtime.ExitError"),
        ("unserved.py", "run(handler)? Did you mean unserved.handler?", "Runtime.ExitError"),
        ("capitals.py", "Did you mean capitals.lambdaHandler?", "Runtime.ExitError"),
    ],
)
def test_a_function_that_cannot_start(
    run_command: Run, target: str, reason: str, error_type: str
) -> None:
    done = run_command("run", target, "--port", "0")
    assert done.returncode == 1
    assert reason in one_sentence(done.stderr)
    init_report = (
        r"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: error"
        rf"\tError Type: ({error_type})\n"
    )
    assert re.search(init_report, done.stdout)


def test_invoke_prints_the_answer_and_nothing_else(run_command: Run) -> None:
    done = run_command("invoke", "actions.handler", "-d", '{"log": "hi\\n", "echo": [1]}')
    assert (done.returncode, done.stdout) == (0, "[1]\n")
    lines = [line.split()[0] for line in done.stderr.splitlines()]
    assert lines == ["INIT_START", "loaded", "START", "hi", "END", "REPORT"]


def test_the_event_is_empty_by_default(run_command: Run) -> None:
    assert json.loads(run_command("invoke", "actions.handler").stdout) == {}


def test_the_event_comes_from_a_file_or_standard_input(run_command: Run, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text('{"echo": "file"}')
    assert run_command("invoke", "actions.handler", "-e", str(event)).stdout == '"file"\n'
    done = run_command("invoke", "actions.handler", "-e", "-", stdin='{"echo": "input"}')
    assert done.stdout == '"input"\n'


@pytest.mark.parametrize(
    ("target", "event", "error_type"),
    [
        ("actions.handler", {"fail": "no"}, "ValueError"),
        ("actions.handler", {"leave": 3}, "Runtime.ExitError"),
        ("broken.handler", {}, "RuntimeError"),
        ("silent.py", {}, "Runtime.ExitError"),
    ],
)
def test_invoke_fails_with_the_function(
    run_command: Run, target: str, event: object, error_type: str
) -> None:
    done = run_command("invoke", target, "-d", json.dumps(event))
    assert done.returncode == 1
    assert json.loads(done.stdout)["errorType"] == error_type


@pytest.mark.parametrize("event", ["{", "hello", "x" * 7_000_000], ids=["open", "text", "large"])
def test_an_unusable_event(run_command: Run, event: str) -> None:
    done = run_command("invoke", "actions.handler", "-e", "-", stdin=event)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_sentence(done.stderr).startswith("The event is ")


def test_two_events(run_command: Run) -> None:
    done = run_command("invoke", "actions.handler", "-e", "-", "-d", "{}")
    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_a_bad_name(run_command: Run) -> None:
    assert run_command("invoke", "actions.handler", "--name", "a b").returncode == 2


def test_in_a_terminal_no_line_overwrites_another(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event):\n    print('one\\rtwo')\n")
    terminal, end = os.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "lambda_emulator", "invoke", "app.handler"],
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1"},
            stdout=subprocess.DEVNULL,
            stderr=end,
            check=True,
            timeout=30,
        )
        log = os.read(terminal, 65536)
    finally:
        os.close(end)
        os.close(terminal)
    assert b"\r\none\r\ntwo\r\nEND " in log  # a terminal makes carriage returns of its own


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("sqs", "'sqs' is not an event source: use sqs=URL-OF-A-QUEUE."),
        ("sns=http://127.0.0.1/1/a", "'sns=http://127.0.0.1/1/a' is not an event source"),
        ("sqs=http://127.0.0.1/", "'sqs=http://127.0.0.1/' is not an event source"),
        ("sqs=http://[::1/1/a", "'sqs=http://[::1/1/a' is not an event source"),
        ("sqs=arn:aws:sqs", "'sqs=arn:aws:sqs' is not an event source: use sqs=URL-OF-A-QUEUE."),
        ("kinesis=arn:aws:sqs:a:1:b", "'kinesis=arn:aws:sqs:a:1:b' is not an event source"),
        ("schedule=rate(9999999 days)", "'rate(9999999 days)' never fires"),
        ("other:sqs=http://127.0.0.1/1/a", "There is no function 'other' for the event source"),
    ],
)
def test_an_event_source_that_is_none(run_command: Run, source: str, reason: str) -> None:
    pytest.importorskip("boto3")
    done = run_command("run", "actions.handler", "--port", "0", "--event-source", source)
    assert done.returncode == 2
    assert one_sentence(done.stderr).startswith(reason)


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--host", "", "name an address"),
        ("--allow-host", "http://dev.example", "is not a host's name"),
        ("--allow-host", "dev.example:9000", "is not a host's name"),
        ("--allow-host", "*", "is not a host's name"),
        ("--cors", "localhost:3000", "is not an origin"),
        ("--cors", "http://localhost:3000/", "is not an origin"),
        ("--cors", "", "is not an origin"),
        ("--timeout", "nan", "is not a number of seconds"),
        ("--retry-delay", "nan", "is not a number of seconds"),
    ],
)
def test_values_that_would_never_fit(
    run_command: Run, option: str, value: str, reason: str
) -> None:
    done = run_command("run", "actions.handler", "--port", "0", option, value)
    assert done.returncode == 2
    assert reason in " ".join(done.stderr.split())


def test_values_that_fit(start: Callable[..., object]) -> None:
    hosts = ("--allow-host", "Dev.example", "--allow-host", "fe80::1")
    origins = ("--cors", "http://localhost:3000", "--cors", "https://*", "--cors", "null")
    start(*hosts, *origins, "--cors", "http://[::1]:3000", "--cors", "*")


def test_a_file_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "template.yaml").mkdir()
    for arguments in (("new", "file/orders"), ("describe", "template.yaml")):
        done = run_in(tmp_path, *arguments)
        assert done.returncode == 2
        assert str(arguments[1]) in one_sentence(done.stderr)


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = 'rmdir "$0" && exec "$1" -m lambda_emulator invoke app.handler'
    done = subprocess.run(
        ["/bin/sh", "-c", command, gone, sys.executable],
        cwd=gone,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert one_sentence(done.stderr) == "The working directory was deleted: change to another."


def test_an_event_in_a_locale_without_its_letters(run_command: Run) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run_command("invoke", "actions.handler", "-d", '{"echo": "é"}', **ascii_only)
    assert (done.returncode, json.loads(done.stdout)) == (0, "é")
