"""The emulator beside AWS's: warm invocations through boto3, the start, and many clients at once.

Run it as ``python benchmarks/emulator_invoke.py [PATH-OF-AWS-LAMBDA-RIE]``; without the path, only
the emulator's own numbers are measured.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Generator

FUNCTIONS = Path(__file__).parent / "functions"
WARM = 1000
ROUNDS = 5
CLIENTS, ENVIRONMENTS, MANY = 50, 8, 10_000


def client(url: str, **config: Any) -> Any:
    """Return a client of boto3 for an address."""
    options = {"retries": {"total_max_attempts": 1}, "max_pool_connections": 64, **config}
    return boto3.client(
        "lambda",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(**options),
    )


@contextmanager
def rie(path: str) -> Generator[str]:
    """Run AWS's emulator with the same function."""
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as server:
            ports.append(server.getsockname()[1])
    api, runtime = (f"127.0.0.1:{port}" for port in ports)
    command = [path, "--log-level", "error", "--runtime-interface-emulator-address", api]
    command += ["--runtime-api-address", runtime, sys.executable, "-m", "lambda_runtime"]
    with subprocess.Popen(
        [*command, "echo.handler"], cwd=FUNCTIONS, stdout=subprocess.DEVNULL
    ) as process:
        while True:
            try:
                socket.create_connection(("127.0.0.1", ports[0])).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        yield f"http://{api}"
        process.kill()


def warm(lambda_client: Any, name: str) -> float:
    """Return the median of warm invocations, in milliseconds."""
    times = []
    for _ in range(WARM):
        began = time.perf_counter()
        lambda_client.invoke(FunctionName=name, Payload=b'{"a": 1}')["Payload"].read()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


@contextmanager
def emulator(handler: str, *options: str) -> Generator[str]:
    """Run the emulator, in a process of its own as AWS's; yield where it invokes the function."""
    command = [sys.executable, "-m", "lambda_emulator", "run", handler, "--port", "0", *options]
    with subprocess.Popen(
        command, cwd=FUNCTIONS, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        yield process.stderr.readline().split()[-1]
        process.terminate()


def start_to_answer() -> float:
    """Return the seconds from the start of the command to the first answer."""
    began = time.perf_counter()
    with emulator("hello.handler") as invoke_url:
        with urlopen(invoke_url, b"{}") as answer:
            answer.read()
        return time.perf_counter() - began


def many(url: str) -> tuple[int, int, float]:
    """Invoke from many clients at once; return how many were lost, how many crossed, and a rate."""
    shared = client(url)

    def invoke(number: int) -> bool | None:
        while True:
            try:
                answer = shared.invoke(FunctionName="echo", Payload=str(number))
            except ClientError as error:
                if error.response["Error"]["Code"] != "TooManyRequestsException":
                    return None
                time.sleep(0.01)  # all environments are busy, as on Lambda: come again
            else:
                return bool(answer["Payload"].read() == str(number).encode())

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        results = list(pool.map(invoke, range(MANY)))
    return results.count(None), results.count(False), MANY / (time.perf_counter() - began)


def main() -> None:
    """Measure, and print."""
    path = sys.argv[1] if len(sys.argv) > 1 else None
    start = min(start_to_answer() for _ in range(ROUNDS))
    print(f"start to first answer: {start * 1000:.0f} ms")
    with emulator("echo.handler", "--timeout", "30") as url:
        ours = client(url.partition("/2015")[0])
        warm(ours, "echo")
        if path is None:
            print(f"warm through boto3: p50 {warm(ours, 'echo'):.2f} ms")
        else:
            with rie(path) as their_url:
                theirs = client(their_url)
                warm(theirs, "function")
                pairs = [(warm(ours, "echo"), warm(theirs, "function")) for _ in range(ROUNDS)]
            ratio = statistics.median(mine / other for mine, other in pairs)
            print(f"warm through boto3: p50 ratio to RIE {ratio:.2f}, pairs {pairs}")
    with emulator("echo.handler", "--timeout", "30", "--concurrency", str(ENVIRONMENTS)) as url:
        lost, crossed, rate = many(url.partition("/2015")[0])
    print(f"{CLIENTS} clients, {ENVIRONMENTS} environments, {MANY} invocations:", end=" ")
    print(f"{lost} lost, {crossed} crossed, {rate:.0f}/s")


if __name__ == "__main__":
    main()
