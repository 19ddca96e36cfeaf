"""The README's examples work, and do what it says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from lambda_testing import Outcome

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
HEADING_OR_BLOCK = re.compile(
    r"^#+ (?P<heading>.*)$|^```(?P<info>\w*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE
)
LIMIT = 30  # seconds
ADA = {"name": "Ada"}


def blocks() -> Iterator[tuple[str, str, str]]:
    """Yield the fenced blocks: the section that each is in, its language, and its text."""
    section = ""
    for match in HEADING_OR_BLOCK.finditer(README):
        section = match["heading"] or section
        if match["text"] is not None:
            yield section, match["info"], match["text"]


def block(section: str, index: int = 0, language: str = "python") -> str:
    return [text for where, info, text in blocks() if (where, info) == (section, language)][index]


class Program:
    """A program of the README's that runs, and the Lambda that it runs on."""

    def __init__(self, api: FakeRuntimeAPI, process: subprocess.Popen[str]) -> None:
        self.api = api
        self._process = process

    def invoke(self, event: object, **options: Any) -> Outcome:
        return self.api.invoke(event, timeout=LIMIT, **options)

    def end(self) -> tuple[int, list[str]]:
        """End the program as Lambda does; return its exit code and the lines of its log."""
        self._process.send_signal(signal.SIGTERM)
        log, _ = self._process.communicate(timeout=LIMIT)
        return self._process.returncode, log.splitlines()


@contextmanager
def running(
    text: str,
    folder: Path,
    *,
    command: tuple[str, ...] = (sys.executable, "-W", "error", "app.py"),
    **function: Any,
) -> Generator[Program]:
    (folder / "app.py").write_text(text, encoding="utf-8")
    with FakeRuntimeAPI(function=Function(**function)) as api:
        environment = {**os.environ, **api.environment(), "LAMBDA_TASK_ROOT": str(folder)}
        with subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "_HANDLER": "app.handler"},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield Program(api, process)
            finally:
                process.kill()


# The block about options is a function, and has a test of its own; the others are programs.
SECTIONS = [section for section, info, _ in blocks() if info == "python" and section != "Options"]


@pytest.mark.parametrize(
    ("section", "index"),
    [
        pytest.param(section, SECTIONS[:number].count(section), id=f"{section}-{number}")
        for number, section in enumerate(SECTIONS)
    ],
)
def test_a_program_greets_ada(section: str, index: int, tmp_path: Path) -> None:
    with running(block(section, index), tmp_path) as program:
        outcome = program.invoke(ADA)
    assert outcome.kind == "response", outcome.body
    assert b"Ada" in outcome.body


def test_the_first_program(tmp_path: Path) -> None:
    with running(block("A program"), tmp_path) as program:
        assert program.invoke({}).json() == {"message": "Hello World!"}


def test_a_fault_names_itself(tmp_path: Path) -> None:
    with running(block("Events, results and errors"), tmp_path) as program:
        error = program.invoke({}).json()
    assert (error["errorType"], error["errorMessage"]) == (
        "Orders.NoName",
        "the order names nobody",
    )


def test_what_is_wrong_with_an_event_is_told(tmp_path: Path) -> None:
    with running(block("Typed handlers"), tmp_path) as program:
        assert program.invoke({**ADA, "arrival": "2026-11-23"}).json() == {"text": "Hello Ada!"}
        error = program.invoke({"name": 5, "arrival": "soon"}).json()
    assert error["errorType"] == "Runtime.UnmarshalError"
    assert error["errorMessage"] == block("Typed handlers", language="text").rstrip()


def test_a_response_is_streamed(tmp_path: Path) -> None:
    with running(block("Streamed responses"), tmp_path) as program:
        outcome = program.invoke(ADA)
    assert (outcome.mode, outcome.content) == ("streaming", b"Hello Ada!")
    assert outcome.prelude == {
        "statusCode": 201,
        "headers": {"content-type": "text/plain"},
        "cookies": ["seen=yes; Secure"],
    }


def test_a_response_is_written(tmp_path: Path) -> None:
    with running(block("Streamed responses", 1), tmp_path) as program:
        outcome = program.invoke(ADA, request_id="one")
    assert (outcome.mode, outcome.content_type) == ("streaming", "text/csv")
    assert outcome.body == b"name,id\nAda,one\n"


def test_an_error_before_anything_is_written_is_an_error_as_any_other(tmp_path: Path) -> None:
    text = block("Streamed responses", 1)
    first = '    await stream.write("name,id\\n")\n'
    assert first in text
    with running(text, tmp_path) as program:
        begun = program.invoke({})
    with running(text.replace(first, ""), tmp_path) as program:
        unbegun = program.invoke({})
    assert (begun.kind, begun.body) == ("stream_error", b"name,id\n")
    assert begun.stream_error is not None
    assert begun.stream_error.body["errorMessage"] == unbegun.json()["errorMessage"] == "'name'"
    assert unbegun.kind == "error"


def test_a_lifespan_is_left(tmp_path: Path) -> None:
    text = block("Lifespan").replace("yield database", "yield database\n    print('closed')")
    with running(text, tmp_path) as program:
        assert program.invoke(ADA).json() == "Hello Ada!"
        assert program.end() == (0, ["closed"])


def test_middleware_stands_around_the_handler(tmp_path: Path) -> None:
    with running(block("Middleware"), tmp_path) as program:
        program.invoke(ADA, request_id="one")
        program.api.wait_for_poll(timeout=LIMIT)
        _, [line] = program.end()
    assert re.fullmatch(r"one took \d\.\d{3} s", line)


def test_observers_see_the_end(tmp_path: Path) -> None:
    with running(block("Observers"), tmp_path) as program:
        program.invoke(ADA, request_id="one")
        program.api.wait_for_poll(timeout=LIMIT)
        _, [line] = program.end()
    assert re.fullmatch(r"one sent 12 bytes after \d\.\d{3} s", line)


def test_options_hold_without_run(tmp_path: Path) -> None:
    command = (sys.executable, "-W", "error", "-m", "lambda_runtime")
    with running(block("Options"), tmp_path, command=command) as program:
        assert program.invoke(ADA).json() == "Hello Ada!"


def test_work_is_done_after_the_response(tmp_path: Path) -> None:
    with running(block("Time"), tmp_path) as program:
        assert program.invoke(ADA).json() == "Hello Ada!"
        program.api.wait_for_poll(timeout=LIMIT)
        assert program.end()[1] == ["greeted Ada"]


def test_hooks_run_around_a_snapshot(tmp_path: Path) -> None:
    with running(block("SnapStart"), tmp_path, snap_start=True) as program:
        program.api.wait_for_snapshot(timeout=LIMIT)
        program.api.restore()
        answer = program.invoke(ADA).json()
        assert program.end()[1] == ["what is computed here is in the snapshot"]
    assert len(answer["id"]) == 64


@pytest.mark.parametrize("concurrency", [None, 2])
def test_a_trace_is_passed_on(concurrency: int | None, tmp_path: Path) -> None:
    text = block("Many invocations at a time")
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
    with running(text, tmp_path, max_concurrency=concurrency) as program:
        answer = program.invoke(ADA, trace_id=trace).json()
    assert answer == {"name": "Ada", "X-Amzn-Trace-Id": trace}


def test_the_script_that_managed_runtimes_call(tmp_path: Path) -> None:
    script = tmp_path / "wrapper"
    script.write_text(block("An existing function", 0, "sh"), encoding="ascii")
    script.chmod(0o755)
    command = (str(script), sys.executable, "/var/runtime/bootstrap.py")
    with running(block("A program"), tmp_path, command=command) as program:
        assert program.invoke(ADA).json() == {"message": "Hello Ada!"}


@pytest.mark.parametrize("wrapper", [None, '#!/bin/sh\nSEEN=yes exec "$@"\n'])
def test_a_bootstrap_that_calls_wrappers(
    wrapper: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "bootstrap"
    script.write_text(block("An existing function", 1, "sh"), encoding="ascii")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.delenv("AWS_LAMBDA_EXEC_WRAPPER", raising=False)
    if wrapper is not None:
        (tmp_path / "wrapper").write_text(wrapper, encoding="ascii")
        (tmp_path / "wrapper").chmod(0o755)
        monkeypatch.setenv("AWS_LAMBDA_EXEC_WRAPPER", str(tmp_path / "wrapper"))
    text = "import os\ndef handler(event): return os.environ.get('SEEN')"
    with running(text, tmp_path, command=(str(script),)) as program:
        assert program.invoke({}).json() == ("yes" if wrapper else None)
