"""AWS's own emulator, in a root file system of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SECONDS = 30


@contextmanager
def serve(root: Path, *command: str, **environ: str) -> Generator[int]:
    """Serve the bundle, or what a command starts, and yield the port."""
    with reserved() as port, reserved() as api:
        emulator = [
            *("chroot", str(root), "/rie"),
            *("--runtime-interface-emulator-address", f"127.0.0.1:{port}"),
            *("--runtime-api-address", f"127.0.0.1:{api}"),
            *(command or ("/var/task/bootstrap",)),
        ]
        environ = {"PATH": "/bin:/usr/sbin:/usr/bin:/sbin", "LD_LIBRARY_PATH": "/lib64", **environ}
        with subprocess.Popen(emulator, env=environ) as process:
            try:
                wait_until_it_listens(process, port)
                yield port
            finally:
                process.terminate()


@contextmanager
def reserved() -> Generator[int]:
    """Yield a port that only who asks for it by its number can have.

    A socket that is bound and does not listen keeps it from being given to others. It does not
    keep RIE from listening there: both have SO_REUSEADDR.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.01)
        else:
            return


def invoke(port: int, event: object) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        path = "/2015-03-31/functions/function/invocations"
        connection.request("POST", path, json.dumps(event))
        response = connection.getresponse()
        return response.status, json.load(response)
    finally:
        connection.close()
