"""The emulator in a process of its own, and an HTTP client that knows nothing about AWS."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

FUNCTIONS = Path(__file__).parent / "functions"
COMMAND = (sys.executable, "-m", "lambda_emulator")
LIMIT = 60  # seconds after which a test gives up, and fails
OPTIONS: dict[str, Any] = {"name": None, "env_file": None, "variables": {}, "layers": ()}
"""The options that every command has for a function, by the names of its parameters."""


@dataclass(frozen=True)
class Response:
    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def until(condition: Callable[[], Any]) -> Any:
    """Wait for something that only shows in a file, or in a log."""
    deadline = time.monotonic() + LIMIT
    while not (result := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return result


def save(path: Path, text: str) -> None:
    """Write a file as editors do: who watches it never sees half of it."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text)
    new.replace(path)


def receive(connection: HTTPConnection) -> Response:
    """Wait for the answer to what was sent."""
    with closing(connection):
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())


def ask(
    url: str, line: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Response:
    """Send a request, such as ``GET /pets``, to a path below a URL."""
    base = urlsplit(url)
    method, _, path = line.partition(" ")
    connection = HTTPConnection(base.netloc, timeout=LIMIT)
    connection.request(method, base.path + path, body, headers or {})
    return receive(connection)


def rest_method(api: str, path: str, verb: str, **properties: Any) -> dict[str, Any]:
    """Return the resource of a path of a REST API, and its method."""
    name = path.capitalize()
    return {
        f"{name}Resource": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": {"Ref": api},
                "ParentId": {"Fn::GetAtt": [api, "RootResourceId"]},
                "PathPart": path,
            },
        },
        f"{name}{verb}": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": api},
                "ResourceId": {"Ref": f"{name}Resource"},
                "HttpMethod": verb,
                **properties,
            },
        },
    }


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

    def read_log(self) -> None:
        """Read the log, and forget it, until it ends."""
        assert self.process.stdout is not None
        for _ in self.process.stdout:
            pass

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """End it by a signal; return its exit code and the log."""
        self.process.send_signal(number)
        log, rest = self.process.communicate(timeout=LIMIT)
        assert rest == b""
        return self.process.returncode, log.decode()


def run_in(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a project's directory, with nothing to read."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def start_emulator(*arguments: str, target: str = "actions.handler", **env: str) -> Emulator:
    """Start an emulator that serves a target on a free port, and wait until it says so."""
    process = subprocess.Popen(
        [*COMMAND, "run", target, "--port", "0", *arguments],
        cwd=FUNCTIONS,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    line = process.stderr.readline().decode()
    if " with: curl " not in line:
        with process:
            pytest.fail(line + process.stderr.read().decode())
    url = line.split()[-1]
    while not line.startswith("Console: "):  # the last line
        line = process.stderr.readline().decode()
    return Emulator(process, url)


@pytest.fixture
def start() -> Iterator[Callable[..., Emulator]]:
    """Start emulators, and end them in the end."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **options: str) -> Emulator:
        emulator = start_emulator(*arguments, **options)
        processes.append(emulator.process)
        return emulator

    yield start
    for process in processes:
        with process:
            process.terminate()


@pytest.fixture
def emulator(start: Callable[..., Emulator]) -> Emulator:
    """An emulator of the test's own, to end and to read the log of."""
    return start()


@pytest.fixture(scope="session")
def served() -> Iterator[Emulator]:
    """An emulator for all tests that only ask it: most of a test's time is an emulator's start."""
    emulator = start_emulator(AWS_REGION="eu-north-1")
    with emulator.process as process:
        # Unread output would fill the pipe, and block the emulator.
        threading.Thread(target=emulator.read_log, daemon=True).start()
        yield emulator
        process.terminate()


# Makes the terminal that is its standard input the one that Ctrl-C comes from, and runs a command.
IN_TERMINAL = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, *arguments: str, cwd: Path, **env: str) -> None:
        self._descriptor, end = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", IN_TERMINAL, *COMMAND, *arguments],
            cwd=cwd,
            env={**os.environ, **env},
            stdin=end,
            stdout=end,
            stderr=end,
        )
        os.close(end)
        self.output = ""

    def expect(self, text: str) -> str:
        """Wait for a text; return what came since the last one, with it."""
        seen = b""
        while text.encode() not in seen:
            assert select.select([self._descriptor], [], [], LIMIT)[0], f"no {text!r} in {seen!r}"
            seen += self._read() or pytest.fail(f"no {text!r} in {seen!r}")
        self.output += seen.decode()
        return seen.decode()

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def wait(self) -> int:
        """Wait for its end; return the exit code."""
        while data := self._read():
            self.output += data.decode()
        return self.process.wait(LIMIT)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._descriptor)

    def _read(self) -> bytes:
        try:
            return os.read(self._descriptor, 65536)
        except OSError:  # the terminal has closed
            return b""


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Run commands in terminals, and end those that have not ended."""
    with ExitStack() as stack:

        def open_terminal(*arguments: str, cwd: Path, **env: str) -> Terminal:
            opened = Terminal(*arguments, cwd=cwd, **env)
            stack.callback(opened.close)
            return opened

        yield open_terminal


@pytest.fixture
def run_command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of lambda-emulator to its end."""

    def run_command(
        *arguments: str, stdin: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=FUNCTIONS,
            env={**os.environ, **env},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    return run_command


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Return the address of a server that plays AWS's services."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def service(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Return clients of AWS's services; the emulator's own go the same way."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)

    def service(name: str) -> Any:
        import boto3

        return boto3.client(name, region_name="us-east-1")

    return service
