"""Users without a home that can be written, as in many containers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .conftest import LIMIT

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """
Resources:
  Inline: {Type: AWS::Lambda::Function, Properties: {Handler: index.handler, Runtime: python3.13,
    Code: {ZipFile: "def handler(event, context): return 'served'"}}}
"""
# The system's list of users does not have the one of a container that was started with a number.
PROGRAM = """
import pwd, sys
if sys.argv.pop(1) == "unknown":
    def getpwuid(uid):
        raise KeyError(uid)
    pwd.getpwuid = getpwuid
from lambda_emulator.__main__ import main
main()
"""


def start(folder: Path, user: str, *arguments: str) -> subprocess.Popen[str]:
    kept = ("AWS_", "HOME", "XDG_CACHE_HOME")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(kept)}
    temporary = folder / "temporary"
    temporary.mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, user, *arguments],
        cwd=folder,
        env={
            **environment,
            "TMPDIR": str(temporary),
            **({"HOME": "/dev/null"} if user == "known" else {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("user", ["known", "unknown"])
def test_code_is_written_elsewhere_and_deleted(tmp_path: Path, user: str) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    with start(tmp_path, user, "invoke", "template.yaml") as process:
        output, log = process.communicate(timeout=LIMIT)
    assert (process.returncode, output) == (0, '"served"\n'), log
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_durable_function_starts(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event): ...\n")
    with start(tmp_path, "unknown", "run", "app.handler", "--durable", "--port", "0") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Invoke app with: ")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT)
    assert process.returncode == 0
