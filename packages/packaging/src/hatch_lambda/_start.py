"""A cold start on this machine, up to the first request for an invocation, and what it imports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING

from ._scripts import RUN
from .errors import BuildError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| +(\S+)")


@dataclass(frozen=True)
class Start:
    """A measured start of a function."""

    milliseconds: float
    """From the start of the process to its first request for an invocation."""
    imports: dict[str, int]
    """The time of each module's import by itself, in microseconds."""


def measure(python: Path, folder: Path, handler: str) -> Start:
    """Start a function against a Runtime API that has no invocation for it, and end it.

    Args:
        python: The interpreter.
        folder: The folder of the function and its dependencies, as in Lambda.
        handler: ``module.function``, or a program.

    Raises:
        BuildError: The function cannot start; the message says why.
    """
    with _RuntimeAPI() as api:
        environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        environ |= {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "report",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "LAMBDA_TASK_ROOT": str(folder),
            "_HANDLER": handler,
        }
        program = [folder / handler] if handler.endswith(".py") else ["-c", RUN]
        begin = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 (no shell, and the arguments are ours)
            [python, "-s", "-S", "-B", "-X", "importtime", *program],
            cwd=folder,
            env=environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        lines: list[str] = []
        assert process.stderr is not None  # noqa: S101 (for type checkers)
        reader = Thread(target=_read, args=(process.stderr, lines, api.asked))
        reader.start()
        api.asked.wait()
        milliseconds = (time.perf_counter() - begin) * 1e3
        process.kill()
        process.wait()
        reader.join()
        process.stderr.close()
    if not api.polled:
        stderr = "".join(line for line in lines if not line.startswith("import time:"))
        raise BuildError(f"it does not start here. {api.failure or stderr.strip()}")
    matches = filter(None, map(_IMPORT.match, lines))
    return Start(milliseconds, {match[2]: int(match[1]) for match in matches})


def _read(stream: IO[str], lines: list[str], ended: Event) -> None:
    lines.extend(stream)
    ended.set()


class _RuntimeAPI(ThreadingHTTPServer):
    """Notes that the function polls; there is no invocation for it."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.asked = Event()
        self.polled = False
        self.failure = ""
        Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Let it wait: the process is ended in the meantime."""
        if isinstance(self.server, _RuntimeAPI):
            self.server.polled = True
            self.server.asked.set()
        self.rfile.read(1)

    def do_POST(self) -> None:
        """Accept an error, or the registration of an extension."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if isinstance(self.server, _RuntimeAPI) and self.path.endswith("/init/error"):
            error = json.loads(body)
            self.server.failure = f"{error['errorType']}: {error['errorMessage']}"
        self.send_response(200)
        self.send_header("Lambda-Extension-Identifier", "report")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its names)
        """Say nothing."""
