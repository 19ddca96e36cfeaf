"""The emulator in a process of its own, and an HTTP client that knows nothing of AWS."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

FUNCTIONS = Path(__file__).parent / "functions"
COMMAND = (sys.executable, "-m", "lambda_emulator")
LIMIT = 30  # seconds after which a test gives up, and fails


@dataclass(frozen=True)
class Response:
    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def receive(connection: HTTPConnection) -> Response:
    """Wait for the answer to what was sent."""
    with closing(connection):
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())


class Emulator:
    """An emulator that has said that it serves."""

    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process = process
        self.url = urlsplit(url)

    def send(
        self,
        event: object = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        function: str = "actions",
        query: str = "",
    ) -> HTTPConnection:
        """Send a request; the body is the event in JSON, or what is given."""
        assert self.url.hostname is not None
        connection = HTTPConnection(self.url.hostname, self.url.port, timeout=LIMIT)
        path = f"/2015-03-31/functions/{function}/invocations{query}"
        payload = json.dumps(event).encode() if body is None else body
        connection.request("POST", path, payload, dict(headers or {}))
        return connection

    def invoke(self, event: object = None, **request: Any) -> Response:
        """Send a request, and wait for the answer."""
        return receive(self.send(event, **request))

    def read_log_line(self) -> str:
        """Wait for a line of the log."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().decode()

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """End it by a signal; return its exit code and the log."""
        self.process.send_signal(number)
        log, rest = self.process.communicate(timeout=LIMIT)
        assert rest == b""
        return self.process.returncode, log.decode()


@pytest.fixture
def start() -> Iterator[Callable[..., Emulator]]:
    """Start emulators that serve a target on a free port, and end them in the end."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, target: str = "actions.handler", **env: str) -> Emulator:
        process = subprocess.Popen(
            [*COMMAND, "run", target, "--port", "0", *arguments],
            cwd=FUNCTIONS,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        processes.append(process)
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        assert " with: curl " in line, line + process.stderr.read().decode()
        return Emulator(process, line.split()[-1])

    yield start
    for process in processes:
        with process:
            process.terminate()


@pytest.fixture
def emulator(start: Callable[..., Emulator]) -> Emulator:
    return start()


@pytest.fixture
def run_command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of lambda-emulator to its end."""

    def run_command(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=FUNCTIONS,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    return run_command
