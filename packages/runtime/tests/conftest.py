"""The common fixtures: a Runtime API, and a function in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LIMIT = 90  # seconds after which a test gives up, and fails


class FunctionProcess:
    """A function that runs under this runtime."""

    def __init__(self, command: list[str], directory: Path, environment: dict[str, str]) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, *command],
            cwd=directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def wait(self) -> tuple[int, str, str]:
        """Return the exit code and all output of a process that ends by itself."""
        out, err = self.popen.communicate(timeout=LIMIT)
        return self.popen.returncode, out.decode(), err.decode()

    def kill(self) -> str:
        """End the process, and return what it has printed."""
        self.popen.send_signal(signal.SIGKILL)
        return self.popen.communicate(timeout=LIMIT)[0].decode()

    @property
    def lives(self) -> bool:
        return self.popen.poll() is None


@pytest.fixture
def api() -> Iterator[FakeRuntimeAPI]:
    with FakeRuntimeAPI() as api:
        yield api


@pytest.fixture
def start(api: FakeRuntimeAPI, tmp_path: Path) -> Iterator[Callable[..., FunctionProcess]]:
    """Start ``app.py`` with the given source under the runtime."""
    started: list[FunctionProcess] = []

    def start(source: str, *command: str, **environment: str) -> FunctionProcess:
        (tmp_path / "app.py").write_text(dedent(source), encoding="utf-8", errors="surrogatepass")
        process = FunctionProcess(
            list(command or ("-m", "lambda_runtime", "app.handler")),
            tmp_path,
            {**os.environ, **api.environment(), **environment},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
