"""A cold start on this machine, up to the first request for an invocation."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from ._program import START
from ._scripts import RUN
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SECONDS = 60
"""The limit of a function's start; Lambda gives it ten seconds, on a processor of its own."""
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)")
_OURS = ("PYTHON", "AWS_LAMBDA_", "HATCH_", "LD_")


@dataclass(frozen=True)
class Start:
    """A measured start of a function."""

    milliseconds: float
    """From the start of the process to its first request for an invocation."""
    imports: dict[str, int]
    """The time of each module's import by itself, in microseconds."""


@dataclass
class Attempt:
    """The outcome of starting a function."""

    milliseconds: float | None = None
    """From the start of the process to its first request for an invocation; None without one."""
    code: int | None = None
    """The exit code of a process that has ended by itself."""
    output: list[str] = field(default_factory=list)
    """The lines that it has written."""
    error: dict[str, Any] = field(default_factory=dict)
    """The error that it has reported to the Runtime API: ``errorType`` and so on."""


def attempt(
    command: Sequence[str | Path],
    folder: Path,
    environ: Mapping[str, str],
    ended: Event | None = None,
) -> Attempt:
    """Start a function against a Runtime API that has no invocation for it, and end it.

    Args:
        command: The program with its arguments.
        folder: The folder of the function and its dependencies, as in Lambda.
        environ: Variables, on top of this process's.
        ended: Is set when the function asks for an invocation, or ends; or before, to end it.
    """
    result = Attempt()
    with _RuntimeAPI(ended or Event()) as api:
        begin = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 (no shell, and the arguments are ours)
            command,
            cwd=folder,
            env=_environ(folder, f"127.0.0.1:{api.server_port}") | dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        assert process.stdout is not None  # noqa: S101 (for type checkers)
        reader = Thread(target=result.output.extend, args=(process.stdout,), daemon=True)
        reader.start()
        waiter = Thread(target=_wait, args=(process, api.ended), daemon=True)
        waiter.start()
        api.ended.wait(SECONDS)
        if api.polled:
            result.milliseconds = (api.polled - begin) * 1e3
        else:
            result.code = process.poll()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with the processes that it has started
        waiter.join()
        reader.join(1)  # a process with a session of its own may keep the pipe open
        if not reader.is_alive():
            process.stdout.close()
        result.error = api.error
    return result


def measure(
    python: Path,
    folder: Path,
    handler: str,
    prefix: Sequence[str | Path] = (),
    environ: Mapping[str, str] | None = None,
) -> Start:
    """Start a function, and measure its imports.

    Args:
        python: The interpreter.
        folder: The folder of the function and its dependencies, as in Lambda.
        handler: ``module.function``, or a program.
        prefix: A command that runs the interpreter.
        environ: Variables, on top of this process's.

    Raises:
        BuildError: The function cannot start; the message says why.
    """
    flags = ("-s", "-S", "-B", "-X", "importtime")
    command = [*prefix, python, *flags, *arguments(folder, handler)]
    result = attempt(command, folder, {**(environ or {}), "_HANDLER": handler})
    if result.milliseconds is None:
        output = "".join(line for line in result.output if not line.startswith("import time:"))
        error = result.error
        reason = f"{error['errorType']}: {error['errorMessage']}" if error else output.strip()
        raise BuildError(f"it does not start here. {reason}")
    matches = filter(None, map(_IMPORT.match, result.output))
    return Start(result.milliseconds, {match[2]: int(match[1]) for match in matches})


def arguments(folder: Path, handler: str) -> list[str | Path]:
    """Return the arguments of the Python that serves a handler.

    Args:
        folder: The folder of the function.
        handler: ``module.function``, or a program.
    """
    if not handler.endswith(".py"):
        return ["-c", RUN]
    return ["-c", START, folder, handler] if "/" in handler else [folder / handler]


def _environ(folder: Path, address: str) -> dict[str, str]:
    """Return the variables that Lambda sets, on top of those that are there."""
    environ = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    environ.setdefault("AWS_REGION", "us-east-1")
    environ.setdefault("AWS_DEFAULT_REGION", environ["AWS_REGION"])
    return environ | {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "check",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/check",
        "AWS_LAMBDA_LOG_STREAM_NAME": "check",
        "AWS_LAMBDA_RUNTIME_API": address,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": str(folder),
        "TZ": ":UTC",
    }


def _wait(process: subprocess.Popen[str], ended: Event) -> None:
    process.wait()
    ended.set()


class _RuntimeAPI(ThreadingHTTPServer):
    """Notes that the function polls; there is no invocation for it."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, ended: Event) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.ended = ended
        self.polled = 0.0
        self.error: dict[str, Any] = {}
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Let it wait: the process is ended in the meantime."""
        if isinstance(self.server, _RuntimeAPI) and "/runtime/" in self.path:
            self.server.polled = self.server.polled or time.perf_counter()
            self.server.ended.set()
        with suppress(OSError):
            self.rfile.read(1)

    def do_POST(self) -> None:
        """Accept an error, or the registration of an extension."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if isinstance(self.server, _RuntimeAPI) and self.path.endswith("/init/error"):
            with suppress(ValueError):
                self.server.error = json.loads(body)
        self.send_response(200)
        self.send_header("Lambda-Extension-Identifier", "check")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its names)
        """Say nothing."""
