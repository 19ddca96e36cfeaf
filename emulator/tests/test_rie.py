"""The script that runs a function under AWS's own emulator."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parents[1] / "rie.sh"
FUNCTIONS = Path(__file__).parent / "functions"
LIMIT = 60  # seconds after which a test gives up, and fails; the first fetches RIE
INVOKE = "/2015-03-31/functions/function/invocations"


@pytest.fixture
def ports() -> Iterator[list[int]]:
    """Two ports that are given to nobody who asks for any.

    Sockets that are bound hold them, and do not keep RIE from listening there: they do not listen
    themselves, and all have SO_REUSEADDR.
    """
    with socket.socket() as first, socket.socket() as second:
        for holder in (first, second):
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", 0))
        yield [holder.getsockname()[1] for holder in (first, second)]


def test_a_wrong_use_is_told() -> None:
    result = subprocess.run([SCRIPT], capture_output=True, text=True, timeout=LIMIT, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("Usage: ")


@pytest.mark.skipif(sys.platform != "linux", reason="AWS builds RIE for Linux only")
@pytest.mark.skipif(not shutil.which("uv"), reason="needs uv, which fetches AWS's emulator")
@pytest.mark.parametrize("target", ["actions.handler", "program.py"])
def test_a_function_answers(target: str, ports: list[int], tmp_path: Path) -> None:
    port, api_port = ports
    program = "from actions import handler\nimport lambda_runtime\nlambda_runtime.run(handler)\n"
    (tmp_path / "program.py").write_text(program)
    environment = {
        **os.environ,
        "PYTHON": sys.executable,
        "PYTHONPATH": str(FUNCTIONS),
        "RIE_RUNTIME_API_PORT": str(api_port),
    }
    said = tmp_path / "stderr"
    with said.open("wb") as stderr:
        process = subprocess.Popen(
            [SCRIPT, target, str(port)], cwd=tmp_path, env=environment, stderr=stderr
        )
    with process:
        try:
            assert invoke(process, port, said, {"echo": 42}) == 42
        finally:
            process.terminate()  # RIE takes the function along


def invoke(process: subprocess.Popen[bytes], port: int, said: Path, event: object) -> object:
    """Return the answer, as soon as somebody listens."""
    end = time.monotonic() + LIMIT
    while True:
        with closing(HTTPConnection("127.0.0.1", port, timeout=LIMIT)) as connection:
            try:
                connection.request("POST", INVOKE, json.dumps(event))
                return json.load(connection.getresponse())
            except ConnectionRefusedError:
                if process.poll() is not None:
                    if "RIE cannot be fetched" in said.read_text():
                        pytest.skip(said.read_text())
                    pytest.fail(f"rie.sh ended with {process.returncode}: {said.read_text()}")
                assert time.monotonic() < end, "RIE does not listen"
                time.sleep(0.02)  # RIE says nothing when it begins to listen
