"""AWS's own emulator, the Runtime Interface Emulator (RIE), as a fixture.

The binary is in the wheel of AWS's `sam` command. It is fetched once, and never committed.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    StartEmulator = Callable[..., AbstractContextManager["Emulator"]]

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "rie"
WHEEL = "aws-sam-cli==1.170.0"
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}
START_SECONDS = 10


@dataclass(frozen=True)
class Emulator:
    """A function under AWS's emulator."""

    port: int
    api_address: str = ""

    def invoke(self, event: object) -> tuple[int, Any]:
        """Return the HTTP status and the JSON answer. One at a time: it crashes on two at once."""
        status, answer = self.invoke_raw(event)
        return status, json.loads(answer)

    def invoke_raw(self, event: object) -> tuple[int, bytes]:
        """Return the HTTP status and the answer's bytes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            path = "/2015-03-31/functions/function/invocations"
            connection.request("POST", path, json.dumps(event))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@pytest.fixture(scope="session")
def rie() -> StartEmulator:
    """Start programs under AWS's emulator: ``rie(*command, directory=...)``, as a context."""
    architecture = ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or architecture is None:
        pytest.skip("AWS builds its emulator for Linux only, on x86_64 and arm64")
    binary = CACHE / f"{WHEEL}-{architecture}"
    if not binary.exists():
        fetch(f"aws-lambda-rie-{architecture}", binary)

    @contextmanager
    def start(*command: str, directory: Path = ROOT) -> Generator[Emulator]:
        address, api_address = free_addresses(2)
        options = [
            f"--runtime-interface-emulator-address={address}",
            f"--runtime-api-address={api_address}",
        ]
        program = [str(binary), *options, sys.executable, *command]
        with subprocess.Popen(program, cwd=directory) as process:
            try:
                port = int(address.rpartition(":")[2])
                wait_until_it_listens(process, port)
                yield Emulator(port, api_address)
            finally:
                process.terminate()  # it takes the function along

    return start


def fetch(name: str, binary: Path) -> None:
    """Take the emulator out of its wheel, or skip the test; other test processes may do the same."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        pytest.skip("uv, which fetches AWS's emulator, is not on the PATH")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        install = [uv, "pip", "install", "--quiet", "--no-deps", "--python", sys.executable]
        result = subprocess.run(
            [*install, "--target", folder, WHEEL], capture_output=True, text=True, check=False
        )
        if result.returncode:
            pytest.skip(f"{WHEEL}, which holds AWS's emulator, cannot be fetched: {result.stderr}")
        fetched = Path(folder) / "samcli" / "local" / "rapid" / name
        fetched.chmod(0o755)
        fetched.replace(binary)


def free_addresses(count: int) -> list[str]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = ["{}:{}".format(*listener.getsockname()) for listener in listeners]
    for listener in listeners:
        listener.close()
    return addresses


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.01)
        else:
            return
