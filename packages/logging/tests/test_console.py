"""The output in a terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Program

CODE = """
from lambda_logging import log
log.info("two\\nlines", order=17)
log.fatal("the end")
try: 1 / 0
except ZeroDivisionError: log.exception("failed")
"""
TIME = r"\d\d:\d\d:\d\d\.\d{3}"


def in_a_terminal(code: str, **environ: str) -> str:
    here, there = pty.openpty()
    env = {key: os.environ[key] for key in os.environ if key not in ("NO_COLOR", "FORCE_COLOR")}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=there, env={**env, **environ}) as process:
        os.close(there)
        out = b""
        with contextlib.suppress(OSError):  # how a terminal ends
            while part := os.read(here, 65536):
                out += part
    os.close(here)
    assert process.returncode == 0
    return out.decode().replace("\r\n", "\n")


def test_a_pipe_gets_plain_lines(program: Program) -> None:
    out = program(CODE)
    assert re.match(rf"{TIME} INFO  two\nlines order=17\n{TIME} FATAL the end\n", out)
    assert re.search(rf"{TIME} ERROR failed\nTraceback .*\n(.*\n)*ZeroDivisionError: .*\n$", out)
    assert "\x1b" not in out


def test_a_terminal_gets_colours() -> None:
    out = in_a_terminal(CODE)
    assert re.match(rf"\x1b\[2m{TIME}\x1b\[0m \x1b\[32mINFO \x1b\[0m two\nlines order=17\n", out)
    assert "\x1b[1;31mFATAL\x1b[0m the end\n" in out


def test_colours_can_be_had_and_refused(program: Program) -> None:
    assert "\x1b" not in in_a_terminal(CODE, NO_COLOR="1")
    assert "\x1b[32m" in program(CODE, FORCE_COLOR="1")


@pytest.mark.parametrize("name", ["JSON", "Text"])
def test_a_format_that_is_asked_for_is_given(program: Program, name: str) -> None:
    out = program("from lambda_logging import log; log.info('m')", AWS_LAMBDA_LOG_FORMAT=name)
    assert out.startswith({"JSON": '{"timestamp":', "Text": "[INFO]\t"}[name])


def test_others_are_shown_with_their_names(program: Program) -> None:
    code = (
        "from types import SimpleNamespace; from lambda_logging import configure\n"
        "from lambda_logging.runtime import current_request; configure()\n"
        "request = SimpleNamespace(aws_request_id='8476a536-e9f4', tenant_id=None, trace_id=None)\n"
        "current_request.set(request)\n"
        "import logging; logging.getLogger('botocore').warning('slow')"
    )
    assert re.fullmatch(rf"{TIME} WARNING 8476a536 botocore: slow\n", program(code))


def test_whatever_stands_for_standard_output_is_written_to() -> None:
    code = (
        "import contextlib, io; out = io.StringIO()\nwith contextlib.redirect_stdout(out):\n"
        "    from lambda_logging import log; log.info('seen')\n"
        "assert 'INFO  seen' in out.getvalue()"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True).returncode == 0


def test_an_output_that_cannot_encode_gets_escapes(program: Program) -> None:
    code = "from lambda_logging import log; log.info('é☃')"
    assert program(code, PYTHONIOENCODING="ascii").endswith("\\xe9\\u2603\n")
