"""Records as a test finds them: of this process, or of a program of its own."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from lambda_logging import LambdaHandler, configure
from lambda_logging._settings import Settings, settings
from lambda_logging.runtime import current_request, root_handler

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    StartLog = Callable[..., "Kept"]
    Program = Callable[..., str]

REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


class Kept:
    """A sink that keeps what it is given."""

    line_end = "\r"

    def __init__(self) -> None:
        self.frames: list[tuple[str | None, bool, bytes]] = []

    def write(self, record: bytes, level: str | None, *, json: bool, time_ns: int) -> None:
        self.frames.append((level, json, record))

    @property
    def lines(self) -> list[str]:
        lines = [record.decode() for _, _, record in self.frames]
        assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
        return lines

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line, parse_constant=fail) for line in self.lines]

    @property
    def record(self) -> dict[str, Any]:
        (record,) = self.records
        return record


def fail(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def request(request_id: str = REQUEST_ID, **attributes: Any) -> Any:
    known = {"aws_request_id": request_id, "tenant_id": None, "trace_id": None}
    return SimpleNamespace(**known | attributes)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Function) -> Generator[None]:
    """Take pytest's handlers away from tests that have our own: theirs raise."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    if "start_log" in item.fixturenames:
        root.handlers[:] = [each for each in handlers if isinstance(each, LambdaHandler)]
    yield
    root.handlers[:] = handlers


@pytest.fixture
def start_log() -> Iterator[StartLog]:
    """Configure logging as on Lambda: ``start_log(format, level, **options)`` returns the sink."""
    root = logging.getLogger()
    handlers, level, show = root.handlers[:], root.level, warnings.showwarning
    converter, formatter = logging.Formatter.converter, root_handler.formatter

    def start(format: str = "JSON", level: str = "", **options: Any) -> Kept:  # noqa: A002
        environ = {"AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": format}
        kept = Kept()
        options = {"sink": kept, **options}
        configure({**environ, "AWS_LAMBDA_LOG_LEVEL": level}, **options)
        return kept

    # Its DEBUG records of its own would be among those that tests count.
    logging.getLogger("asyncio").setLevel("WARNING")
    yield start
    logging.getLogger("asyncio").setLevel("NOTSET")
    warnings.showwarning = show
    logging.Formatter.converter = converter
    root_handler.setFormatter(formatter)
    root.handlers[:] = handlers
    root.setLevel(level)
    clean = Settings()
    for name in Settings.__slots__:
        setattr(settings, name, getattr(clean, name))


@pytest.fixture
def kept(start_log: StartLog) -> Kept:
    """The records of this process, in JSON, down to TRACE."""
    return start_log("JSON", "TRACE")


@pytest.fixture
def in_request() -> Iterator[Any]:
    """A current invocation."""
    context = request()
    token = current_request.set(context)
    yield context
    current_request.reset(token)


@pytest.fixture
def program() -> Program:
    """Run Python code as a program, and return what it printed: ``program(code, **environ)``."""

    def run(code: str, **environ: str) -> str:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "_LAMBDA", "PYTEST"))
        }
        # As bytes: reading text would turn carriage returns into line feeds.
        return subprocess.run(
            [sys.executable, "-c", code],
            env={**inherited, **environ},
            stdout=subprocess.PIPE,
            check=True,
            timeout=60,
        ).stdout.decode()

    return run


@pytest.fixture
def on_lambda(program: Program) -> Callable[..., list[dict[str, Any]]]:
    """Run Python code as on Lambda, and return its records."""

    def run(code: str, **environ: str) -> list[dict[str, Any]]:
        lambdas = {"AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
        out = program(code, **lambdas | environ)
        return [json.loads(line) for line in out.split("\n")[:-1]]

    return run
