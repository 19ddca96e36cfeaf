"""Our emulator and AWS's, each in a process of its own: where they are, and clients for them."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from _process import environment
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Generator

FUNCTIONS = Path(__file__).parent / "functions"
_COMMAND = str(Path(sys.executable).with_name("lambda-emulator"))
_RIE = Path(__file__).parents[1] / "emulator" / "rie.sh"


@contextmanager
def ours(handler: str, *options: str) -> Generator[str]:
    """Run the emulator, and yield its address.

    Args:
        handler: The name of the handler, found in the folder `FUNCTIONS`.
        *options: Of ``lambda-emulator run``.
    """
    command = [_COMMAND, "run", handler, "--port", "0", *options]
    with subprocess.Popen(
        command,
        cwd=FUNCTIONS,
        env=environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            yield process.stderr.readline().split()[-1].partition("/2015")[0]
        finally:
            process.terminate()


@contextmanager
def aws(handler: str) -> Generator[str]:
    """Run AWS's emulator with the same function, and yield its address.

    Args:
        handler: As for `ours`.
    """
    which = subprocess.run([_RIE, "--which"], stdout=subprocess.PIPE, text=True, check=True)
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as server:
            ports.append(server.getsockname()[1])
    api, runtime = (f"127.0.0.1:{port}" for port in ports)
    command = [which.stdout.strip(), "--log-level", "error"]
    command += ["--runtime-interface-emulator-address", api, "--runtime-api-address", runtime]
    command += [sys.executable, "-m", "lambda_runtime", handler]
    with subprocess.Popen(
        command,
        cwd=FUNCTIONS,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", ports[0])).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.001)
            yield f"http://{api}"
        finally:
            process.terminate()  # it takes the function along


def client(url: str) -> Any:
    """Return a client of boto3 that does not try again.

    Args:
        url: An emulator's address.
    """
    return boto3.client(
        "lambda",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=64),
    )
