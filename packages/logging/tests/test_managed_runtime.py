"""Under AWS's own runtime, as on Lambda's managed Python: a real process, a real Runtime API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("awslambdaric", reason="AWS builds its runtime client for Linux only")

FUNCTION = """
import logging
from lambda_logging import carry, invocation, log
import threading

log.info("at import")
left_over = threading.Event()
def work(): left_over.wait(); log.info("left over")
threads = []

@invocation(buffer="DEBUG", event=True, correlation_id="id")
def handler(event, context):
    log.debug("kept")
    logging.getLogger("other").warning("stdlib", extra={"n": event["n"]})
    log.info("log", n=event["n"])
    if event["n"] == 1:
        threads.extend(threading.Thread(target=each) for each in (work, carry(work)))
        [each.start() for each in threads]
    else:
        left_over.set()
        [each.join() for each in threads]
        raise ValueError("v")

def bare(event, context):
    log.info("log", n=event["n"])
    logging.error("stdlib")
"""


class RuntimeAPI(HTTPServer):
    """Two invocations, and then no more."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.invocations: list[int] = [1, 2]
        self.ended = False


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, RuntimeAPI)
        if not self.server.invocations:
            self.server.ended = True
            self.close_connection = True
            return
        number = self.server.invocations.pop(0)
        body = json.dumps({"n": number, "id": f"c-{number}", "token": "secret"}).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", f"id-{number}")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time() * 1000) + 900_000))
        self.send_header("Lambda-Runtime-Trace-Id", f"Root={number}")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name there)
        """Say nothing: the records of the function are what is looked at."""


@pytest.fixture
def runtime_api() -> Iterator[RuntimeAPI]:
    with RuntimeAPI() as api:
        thread = Thread(target=api.serve_forever, args=(0.01,))
        thread.start()
        yield api
        api.shutdown()
        thread.join()


def run(api: RuntimeAPI, directory: Path, handler: str, **environ: str) -> list[dict[str, Any]]:
    (directory / "app.py").write_text(FUNCTION)
    address = f"127.0.0.1:{api.server_port}"
    process = subprocess.run(
        [sys.executable, "-m", "awslambdaric", f"app.{handler}"],
        cwd=directory,
        env={
            **{key: os.environ[key] for key in os.environ if not key.startswith("AWS_")},
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            **environ,
        },
        capture_output=True,
        timeout=60,
        check=False,  # it fails, when there is no Runtime API any more
    )
    assert api.ended
    lines = process.stdout.decode().splitlines()
    assert "Failed to get next invocation" in lines.pop()
    return [json.loads(line) for line in lines]


def brief(records: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    keys = ("level", "message", "requestId", "n")
    return [tuple(record.get(key) for key in keys) for record in records]


def test_a_function_needs_nothing_but_the_import(runtime_api: RuntimeAPI, tmp_path: Path) -> None:
    records = run(runtime_api, tmp_path, "bare")
    assert brief(records) == [
        ("INFO", "at import", "", None),
        ("INFO", "log", "id-1", 1),
        ("ERROR", "stdlib", "id-1", None),
        ("INFO", "log", "id-2", 2),
        ("ERROR", "stdlib", "id-2", None),
    ]
    assert records[1]["traceId"] == "Root=1"
    assert "correlationId" not in records[1]


def test_a_decorated_function_says_more(runtime_api: RuntimeAPI, tmp_path: Path) -> None:
    records = run(runtime_api, tmp_path, "handler", AWS_LAMBDA_LOG_LEVEL="INFO")
    assert brief(records[:7]) == [
        ("INFO", "at import", "", None),
        ("INFO", "event", "id-1", None),
        ("WARNING", "stdlib", "id-1", 1),
        ("INFO", "log", "id-1", 1),
        ("INFO", "event", "id-2", None),
        ("WARNING", "stdlib", "id-2", 2),
        ("INFO", "log", "id-2", 2),
    ]
    # Threads of the first invocation's, in the second: carried, and as under AWS's runtime.
    assert sorted(brief(records[7:9])) == [
        ("INFO", "left over", "id-1", None),
        ("INFO", "left over", "id-2", None),
    ]
    assert brief(records[9:10]) == [("DEBUG", "kept", "id-2", None)]
    assert records[10]["errorType"] == "ValueError"  # AWS's own record of the failure
    assert len(records) == 11
    assert records[1]["event"] == {"n": 1, "id": "c-1", "token": "[redacted]"}
    assert [record.get("correlationId") for record in records[1:4]] == ["c-1"] * 3
    assert [record.get("coldStart") for record in (records[1], records[4])] == [True, False]
