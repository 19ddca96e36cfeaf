"""The limits of a function's configuration."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_emulator import configure

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

ACTIONS = Path(__file__).parent / "functions" / "own_loop.py"


@pytest.mark.parametrize(
    "options",
    [{"timeout": 1800}, {"timeout": 5400, "max_concurrency": 2}, {"timeout": 0.5}],
)
def test_timeouts_of_lambda(options: dict[str, Any]) -> None:
    assert configure(ACTIONS, **options).function.timeout == options["timeout"]


@pytest.mark.parametrize(
    "options", [{"timeout": 1801}, {"timeout": 5401, "max_concurrency": 2}, {"timeout": 5400}]
)
def test_timeouts_beyond_it(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="1800 seconds, or 5400 with --max-concurrency"):
        configure(ACTIONS, **options)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--timeout", "1800"), 0),
        (("--timeout", "1801"), 2),
        (("--timeout", "5400"), 2),
        (("--timeout", "5400", "--max-concurrency", "1"), 0),
        (("--timeout", "5401", "--max-concurrency", "1"), 2),
        (("--memory", "32768"), 0),
        (("--memory", "32769"), 2),
        (("--memory", "127"), 2),
    ],
)
def test_options(run_command: Run, options: tuple[str, ...], code: int) -> None:
    done = run_command("invoke", "actions.handler", *options)
    assert done.returncode == code
    if code:
        assert options[0] in done.stderr or "too long" in done.stderr


def test_a_debugger_has_all_the_time() -> None:
    assert configure(ACTIONS, debug_port=5678).function.timeout > 5400


def test_a_start_imports_nothing_that_is_not_used() -> None:
    """A start is what a developer waits for."""
    command = [sys.executable, "-X", "importtime", "-m", "lambda_emulator", "run"]
    with subprocess.Popen(
        [*command, "actions.handler", "--port", "0"],
        cwd=ACTIONS.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        imported: set[str] = set()
        for line in process.stderr:
            if " with: curl " in line:
                break
            imported.add(line.rpartition("|")[2].strip())
        process.terminate()
    assert "aiohttp.web_app" in imported
    assert (
        imported
        & {
            *("aiohttp.client", "aiohttp.connector", "aiohttp.tracing", "aiohttp.cookiejar"),
            *("attr.validators", "attr.converters", "tomllib", "dotenv", "watchfiles"),
            *("boto3", "botocore", "lambda_events", "lambda_runtime._run", "importlib.metadata"),
            *("lambda_emulator._event_source", "lambda_emulator._reload"),
            *("lambda_emulator._emulator", "lambda_emulator._generate_event"),
        }
        == set()
    )
