"""The common fixtures: a Runtime API, and a function in a process of its own."""

from __future__ import annotations

import os
import select
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
ASYNC_KINDS = ["async def socket", "async def stream", "async def aiohttp"]
KINDS = ["def socket", *ASYNC_KINDS]
"""The kinds of handlers, with a transport for each."""
GATES = {
    "def": "def gate(): open('gate', 'rb', 0).read(1)",
    "async def": "async def gate(): await asyncio.to_thread(open('gate', 'rb', 0).read, 1)",
}
"""The code of a handler, of each kind, that waits for `gate`."""


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
        return self.end()[0]

    def end(self) -> tuple[str, str]:
        """End the process, and return all that it has written, to stderr too."""
        self.popen.kill()
        out, err = self.popen.communicate(timeout=LIMIT)
        return out.decode(), err.decode()

    def read_line(self) -> str:
        """Return the next line that the process prints."""
        out = self.popen.stdout
        assert out is not None
        line = b""
        while not line.endswith(b"\n"):
            assert select.select([out], [], [], LIMIT)[0], "nothing is printed"
            byte = os.read(out.fileno(), 1)
            assert byte, f"the process has ended: {line!r}"
            line += byte
        return line.decode().removesuffix("\n")

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


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """A kind of handler, and a transport."""
    kind: str = request.param
    return kind


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Let the work that waits at its gate, or will, continue."""
    os.mkfifo(tmp_path / "gate")
    descriptor = os.open(tmp_path / "gate", os.O_RDWR)
    yield lambda: os.write(descriptor, b"\n")
    os.close(descriptor)
