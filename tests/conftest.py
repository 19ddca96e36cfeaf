"""AWS's own emulator, the Runtime Interface Emulator (RIE), as a fixture; the way to `scripts`."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
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
FIND = ROOT / "emulator" / "rie.sh"
START_SECONDS = 30

sys.path.append(str(ROOT))  # tests share modules with the scripts


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
    binary = find_emulator()

    @contextmanager
    def start(*command: str, directory: Path = ROOT) -> Generator[Emulator]:
        with reserved_addresses() as (address, api_address):
            options = [
                f"--runtime-interface-emulator-address={address}",
                f"--runtime-api-address={api_address}",
            ]
            program = [binary, *options, sys.executable, *command]
            with subprocess.Popen(program, cwd=directory) as process:
                try:
                    port = int(address.rpartition(":")[2])
                    wait_until_it_listens(process, port)
                    yield Emulator(port, api_address)
                finally:
                    process.terminate()  # it takes the function along

    return start


def find_emulator() -> str:
    """Return the path of AWS's emulator, or skip the test."""
    if sys.platform != "linux":
        pytest.skip("AWS builds its emulator for Linux only")
    result = subprocess.run(
        [FIND, "--which"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        pytest.skip(result.stderr)
    return result.stdout.strip()


@contextmanager
def reserved_addresses() -> Generator[tuple[str, str]]:
    """Yield two addresses whose ports are given to nobody who asks for any.

    Sockets that are bound hold them, and do not keep RIE from listening there: they do not listen
    themselves, and all have SO_REUSEADDR.
    """
    with socket.socket() as first, socket.socket() as second:
        for holder in (first, second):
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", 0))
        yield "{}:{}".format(*first.getsockname()), "{}:{}".format(*second.getsockname())


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
