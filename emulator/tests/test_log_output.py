"""The log in a terminal, in a file, and with several functions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from lambda_emulator import configure
from lambda_emulator._log import Output, Writer
from lambda_emulator._log_printer import LogPrinter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Terminal

LIMIT = 30
PROGRAM = r"""
import logging
log = logging.getLogger()

def handler(event):
    print("one\rtwo\r\nthree")
    log.warning("careful\nsecond line", extra={"order": {"id": 7}})
    try:
        {}["missing"]
    except KeyError:
        log.exception("lost")
    print('{"name": "Ada"}')
    return {}
"""
TIME = r"\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "app.py").write_text(PROGRAM)
    return tmp_path


def invoke_all(welcome: str) -> None:
    for url in re.findall(r"http://\S+/invocations", welcome):
        with urlopen(url, b"{}", timeout=LIMIT) as response:
            assert response.read() == b"{}"


def log_of(project: Path, *arguments: str) -> str:
    """Serve functions with the log in a pipe, invoke each once, and return the log."""
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_emulator", "run", *arguments, "--port", "0"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        welcome = ""
        while "Console: " not in welcome:
            line = process.stderr.readline().decode()
            assert line, welcome
            welcome += line
        invoke_all(welcome)
        process.terminate()
        log, _ = process.communicate(timeout=LIMIT)
    return log.decode()


def test_a_file_has_no_carriage_returns(project: Path) -> None:
    log = log_of(project, "app.handler")
    assert "\r" not in log
    assert "\none\ntwo\nthree\n" in log
    assert "\tcareful\nsecond line" in log


def test_a_file_may_have_the_time(project: Path) -> None:
    for line in log_of(project, "app.handler", "--log-time").splitlines():
        assert re.match(rf"\d{{4}}-\d\d-\d\dT{TIME}( |$)", line), line


def test_json_is_raw_in_a_file(project: Path) -> None:
    lines = log_of(project, "app.handler", "--log-format", "json").splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    assert [record.get("type") or record.get("message") for record in records] == [
        *("platform.initStart", "platform.start", "careful\nsecond line", "lost", None),
        "platform.report",
    ]
    assert [line for line in lines if not line.startswith("{")] == ["one", "two", "three"]
    assert '{"name": "Ada"}' in lines


def test_each_line_says_whose_it_is(project: Path) -> None:
    lines = log_of(project, "app.handler", "other=b/app.handler").splitlines()
    names = [line.partition(" | ")[0].strip() for line in lines]
    assert set(names) == {"app", "other"}
    assert names.count("app") == names.count("other")
    assert "app   | two" in lines
    assert sum(line.startswith("other | REPORT RequestId: ") for line in lines) == 1


@pytest.mark.parametrize("names", [(), ("app", "other")])
def test_a_line_that_another_environment_cuts_short_ends_once(
    project: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    app, other = [Writer(configure(project / "app.py", name)) for name in ("app", "other")]
    written = bytearray()
    plain = Output(written.extend)
    with (tmp_path / "log").open("wb") as file:
        printer = LogPrinter(file.fileno(), names, times=False)
        for output in (plain, printer):
            output.write(other, b"three")
            output.write(app, b"REPORT\n")
            output.write(other, b"\n")
            output.write(other, b"four")
            output.write(app, b"END\n")
            output.write(other, b" five\n\n")
    assert written == b"three\nREPORT\nfour\nEND\n five\n\n"
    lines = (tmp_path / "log").read_text().splitlines()
    texts = ["three", "REPORT", "four", "END", " five", ""]
    owners = ["other | ", "app   | "] * 2 + ["other | "] * 2
    assert lines == [
        f"{owner}{text}".rstrip() if names else text
        for owner, text in zip(owners, texts, strict=True)
    ]


def test_each_json_record_says_whose_it_is(project: Path) -> None:
    arguments = ("app.handler", "other=b/app.handler", "--log-format", "json")
    lines = log_of(project, *arguments).splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    owners = [record["functionName"] for record in records]
    assert owners.count("app") == owners.count("other") == 6
    assert {record.get("name") for record in records} == {None, "Ada"}
    others = {line for line in lines if not line.startswith("{")}
    assert others == {f"{name} | {text}" for name in ("app  ", "other") for text in NUMBERS}


NUMBERS = ("one", "two", "three")


def test_a_terminal_shows_the_time(project: Path, terminal: Callable[..., Terminal]) -> None:
    shown = terminal("run", "app.handler", "--port", "0", cwd=project, NO_COLOR="1")
    invoke_all(shown.expect("Console: "))
    shown.expect("REPORT ")
    shown.type("\x03")
    assert shown.wait() == 0
    for text in ("INIT_START ", "START ", "one\r\n", "two\r\n", "second line", "END ", "REPORT"):
        assert re.search(rf"\n{TIME} {text}", f"\n{shown.output}"), text
    assert "\x1b" not in shown.output


def test_a_terminal_shows_json_as_text(project: Path, terminal: Callable[..., Terminal]) -> None:
    shown = terminal(*("invoke", "app.handler", "--log-format", "json"), cwd=project, NO_COLOR="1")
    assert shown.wait() == 0
    lines = shown.output.replace("\r\n", "\n").splitlines()
    text = "\n".join(lines)
    assert re.search(rf"^{TIME} platform\.start requestId=", text, re.MULTILINE)
    assert re.search(rf"^{TIME} WARNING careful .*\border\.id=7", text, re.MULTILINE)
    assert re.search(rf"^{TIME}     second line$", text, re.MULTILINE)
    assert re.search(rf"^{TIME} ERROR lost .*errorType=KeyError", text, re.MULTILINE)
    assert re.search(rf'^{TIME}       File ".*app.py", line \d+, in handler$', text, re.MULTILINE)
    report = rf"^{TIME} platform\.report .* status=success durationMs=\d"
    assert re.search(report, text, re.MULTILINE)
    assert '{"name": "Ada"}' in lines, "what the function prints is not a record"
    assert lines[-1] == "{}"


def test_a_terminal_has_colours(project: Path, terminal: Callable[..., Terminal]) -> None:
    shown = terminal("invoke", "app.handler", "--log-format", "json", cwd=project)
    assert shown.wait() == 0
    assert "\x1b[31mERROR lost" in shown.output
    assert "\x1b[33mWARNING careful" in shown.output


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_level_of_the_log(project: Path, log_format: str) -> None:
    log = log_of(project, "app.handler", "--log-level", "ERROR", "--log-format", log_format)
    assert "careful" not in log
    assert "lost" in log
