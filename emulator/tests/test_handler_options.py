"""Options that `lambda_runtime.function` binds to a handler count for each form of target."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from urllib.request import urlopen

import pytest

from .conftest import COMMAND, LIMIT

APP = dedent(
    """
    from contextlib import contextmanager
    from lambda_runtime import function

    @contextmanager
    def opened():
        print("entered")
        yield "opened"
        print("left")

    def shout(event, context, call_next):
        return call_next(event, context) + "!"

    def seen(event, context):
        outcome = yield
        print("seen", outcome.value)

    @function(lifespan=opened, middleware=[shout], observers=[seen])
    def handler(event, context):
        return context.state

    if __name__ == "__main__":
        from lambda_runtime import run
        run(handler)
    """
)
PRINTED = ("entered", "seen opened!", "left")
TARGETS = ("app.handler", "shop/app.handler", "shop.app.handler", "app.py", "program")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    for name in ("app.py", "shop/app.py", "program/__main__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(APP)
    return tmp_path


@pytest.mark.parametrize("target", TARGETS)
def test_invoke(target: str, folder: Path) -> None:
    command = [*COMMAND, "invoke", target]
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=True
    )
    assert result.stdout.strip() == '"opened!"'
    assert all(line in result.stderr for line in PRINTED)


@pytest.mark.parametrize(
    "command",
    [
        *((*COMMAND, "run", target, "--port", "0") for target in TARGETS),
        (sys.executable, "app.py"),
        (sys.executable, "program"),
        (sys.executable, "-m", "shop.app"),
    ],
    ids=lambda command: " ".join(command[1:]),
)
def test_run(command: tuple[str, ...], folder: Path) -> None:
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "LAMBDA_EMULATOR_PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        url = shlex.split(process.stderr.readline())[-1]
        with urlopen(url, b"{}", timeout=LIMIT) as response:
            assert response.read() == b'"opened!"'
        process.send_signal(signal.SIGINT)
        log, _ = process.communicate(timeout=LIMIT)
    assert all(line in log for line in PRINTED)
