"""A program that calls lambda_runtime.run, and is run as any other."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 30
PROGRAM = """
import sys
from lambda_runtime import run
run(lambda event: [sys.argv[1:], __name__, event])
"""


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop" / "cart").mkdir(parents=True)
    (tmp_path / "shop" / "cart" / "__main__.py").write_text(PROGRAM)
    (tmp_path / "shop" / "stock.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(*command: str, port: str = "0", **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, "LAMBDA_EMULATOR_PORT": port, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("shop/cart", "--fast", "a b"), "cart"),
        (("shop/stock.py", "--fast", "a b"), "stock"),
        (("-m", "shop.stock", "--fast", "a b"), "stock"),
        (("-X", "utf8", "-m", "shop.cart", "--fast", "a b"), "cart"),
    ],
)
def test_it_is_run_again_as_it_was(command: tuple[str, ...], name: str) -> None:
    with start(*command) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith(f"Invoke {name} with: curl -d '{{}}' http://127.0.0.1:")
        with urlopen(shlex.split(line)[-1], b"1", timeout=LIMIT) as response:
            assert response.read() == b'[["--fast","a b"],"__main__",1]'
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=LIMIT)
    assert (process.returncode, rest) == (0, "")


@pytest.mark.parametrize("named", [("greeting.handler",), ()])
def test_the_runtime_serves_a_handler_by_its_name(directory: Path, named: tuple[str, ...]) -> None:
    (directory / "greeting.py").write_text("def handler(event): return 'Hello'\n")
    with start("-m", "lambda_runtime", *named, _HANDLER="greeting.handler") as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("Invoke greeting with: ")
        with urlopen(shlex.split(line)[-1], b"1", timeout=LIMIT) as response:
            assert response.read() == b'"Hello"'
        process.terminate()


def test_the_runtime_has_no_such_handler(directory: Path) -> None:
    (directory / "greeting.py").write_text("def handler(event): return 'Hello'\n")
    with start("-m", "lambda_runtime", "greting.handler") as process:
        _, error = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    assert error.endswith("did you mean greeting.handler?\n")


def test_an_example_of_an_event_is_proposed(directory: Path) -> None:
    (directory / "shop" / "event.json").write_text("{}")
    with start("shop/stock.py") as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        process.terminate()
    assert "curl -d @shop/event.json http" in line


@pytest.mark.parametrize("port", ["many", "-1", "65536", ""])
def test_a_port_that_is_none(port: str) -> None:
    with start("shop/cart", port=port) as process:
        output, error = process.communicate(timeout=LIMIT)
    assert (process.returncode, output) == (2, "")
    assert error == f"Error: LAMBDA_EMULATOR_PORT={port} is not a port: set a number below 65536.\n"


def test_the_function_url_has_a_port_of_its_own() -> None:
    with start("shop/cart", LAMBDA_EMULATOR_URL_PORT="0") as process:
        assert process.stderr is not None
        invoke, url = process.stderr.readline(), process.stderr.readline().split()[-1]
        with urlopen(f"{url}a", timeout=LIMIT) as response:
            event = json.loads(response.read())[2]
        process.terminate()
    assert invoke.startswith("Invoke cart with: ")
    assert url.count("/") == 3
    assert event["rawPath"] == "/a"


def test_a_port_of_the_function_url_that_is_none() -> None:
    with start("shop/cart", LAMBDA_EMULATOR_URL_PORT="x") as process:
        _, error = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    assert error.startswith("Error: LAMBDA_EMULATOR_URL_PORT=x is not a port")


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        with start("shop/cart", port=port) as process:
            output, error = process.communicate(timeout=LIMIT)
    assert (process.returncode, output) == (1, "")
    assert error.startswith(f"Error: Port {port} on 127.0.0.1 is in use")
    assert error.count("\n") == 1


def test_a_program_that_ends_its_own_start(directory: Path) -> None:
    program = directory / "picky.py"
    program.write_text(
        "import os, sys\nif 'AWS_LAMBDA_RUNTIME_API' in os.environ: sys.exit(5)\n" + PROGRAM
    )
    with start("picky.py") as process:
        _, error = process.communicate(timeout=LIMIT)
    assert process.returncode == 1
    reason = "Runtime exited with error: exit status 5"
    assert error == f"Error: The function picky cannot start: {reason}\n"
