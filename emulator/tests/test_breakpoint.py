"""``breakpoint()`` in a function."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

LIMIT = 30


@pytest.fixture
def project(tmp_path: Path) -> Path:
    body = "def handler(event):\n    answer = 41\n    breakpoint()\n    return answer + 1\n"
    (tmp_path / "app.py").write_text(body)
    (tmp_path / "early.py").write_text(f"answer = 6 * 7\nbreakpoint()\n{body}")
    return tmp_path


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_invoke_has_a_debugger(
    project: Path, terminal: Callable[..., Terminal], log_format: str
) -> None:
    shown = terminal(
        *("invoke", "app.handler", "--timeout", "1", "--log-format", log_format), cwd=project
    )
    shown.expect("(Pdb) ")
    shown.type("p 'answer', answer\n")
    assert "('answer', 41)" in shown.expect("(Pdb) ")
    # Longer than the timeout, of which a developer at a breakpoint has none.
    shown.type("import time; time.sleep(1.1)\n")
    shown.expect("(Pdb) ")
    shown.type("answer = 1\n")
    shown.expect("(Pdb) ")
    shown.type("c\n")
    assert shown.wait() == 0
    assert shown.output.endswith("\r\n2\r\n")
    assert "timeout" not in shown.output


def test_a_breakpoint_while_the_function_starts(
    project: Path, terminal: Callable[..., Terminal]
) -> None:
    shown = terminal("invoke", "early.handler", "--init-timeout", "20", cwd=project)
    shown.expect("(Pdb) ")
    shown.type("p answer\n")
    assert "42" in shown.expect("(Pdb) ")
    shown.type("c\n")
    shown.expect("(Pdb) ")
    shown.type("c\n")
    assert shown.wait() == 0


def test_ctrl_c_at_a_breakpoint(project: Path, terminal: Callable[..., Terminal]) -> None:
    shown = terminal("invoke", "app.handler", cwd=project)
    shown.expect("(Pdb) ")
    shown.type("\x03")
    assert shown.wait() == 130


def test_run_says_what_to_do(project: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", "run", "app.handler", "--port", "0"],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        with urlopen(line.split()[-1], b"{}", timeout=LIMIT) as response:
            # From Python 3.14 on, a debugger without input ends the process.
            assert json.load(response)["errorType"] in {"BdbQuit", "Runtime.ExitError"}
        process.terminate()
        *_, line = process.stderr.read().decode().splitlines()
    assert line == (
        "app is at a breakpoint() without a terminal:"
        " use `lambda-emulator invoke` in one, or start with --debug."
    )
