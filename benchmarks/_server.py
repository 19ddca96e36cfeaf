"""A Runtime API that does the least: the same bytes for every runtime, and a clock."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

FUNCTIONS = Path(__file__).parent / "functions"
_ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Run:
    """What one process did."""

    cold_seconds: float
    """From the spawn to the arrival of its first request for an invocation."""
    warm_seconds: float
    """Per invocation: from the answer of one request for an invocation to the next request."""
    cpu_seconds: float
    """Per invocation: processor time of the process."""


def measure(command: list[str], *, invocations: int = 0, event: bytes = b"{}") -> Run:
    """Start a runtime, let it answer invocations, and end it.

    Args:
        command: The runtime and its handler, found in the folder `FUNCTIONS`.
        invocations: How many invocations to count, after a tenth as many that are not counted.
        event: The event's JSON.

    Returns:
        The times.

    Raises:
        RuntimeError: The process ended, or did not ask for its next invocation within a minute.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        environment = {
            **os.environ,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "hello",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        }
        # Lambda's file system is read-only, but what is deployed there may hold byte code.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=FUNCTIONS, env=environment)
        clock = _Clock(process.pid, start, invocations)
        # A thread a connection: one that waits in `recv` costs the others nothing.
        Thread(target=_accept, args=(listener, clock, event), daemon=True).start()
        try:
            if not clock.done.wait(timeout=60):
                raise RuntimeError(f"{command!r} does not ask for invocations")
        finally:
            process.kill()
            process.wait()
    if clock.run is None:
        raise RuntimeError(f"{command!r} ended before its time")
    return clock.run


class _Clock:
    """Reads the times off the requests for an invocation."""

    def __init__(self, pid: int, start: float, invocations: int) -> None:
        self.done = Event()
        self.run: Run | None = None
        self._pid = pid
        self._start = start
        self._first_counted = invocations // 10
        self._invocations = invocations
        self._polls = 0
        self._cold = self._since = self._cpu = 0.0

    def poll(self) -> bool:
        """Take a request for an invocation; tell whether there is another one."""
        now = time.perf_counter()
        if self._polls == 0:
            self._cold = now - self._start
        if self._polls == self._first_counted:
            self._since, self._cpu = now, _cpu_seconds(self._pid)
        if self._polls == self._first_counted + self._invocations:
            each = max(self._invocations, 1)
            spent = _cpu_seconds(self._pid) - self._cpu
            self.run = Run(self._cold, (now - self._since) / each, spent / each)
            self.done.set()
            return False
        self._polls += 1
        return True


def _accept(listener: socket.socket, clock: _Clock, event: bytes) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the run is over
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Thread(target=_answer, args=(connection, clock, event), daemon=True).start()


def _answer(connection: socket.socket, clock: _Clock, event: bytes) -> None:
    invocation = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
        b"Lambda-Runtime-Deadline-Ms: 4102444800000\r\n"
        b"Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:f\r\n"
        b"Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(event), event)
    )
    with connection, suppress(ConnectionError):
        while request := _request(connection):
            if not request.startswith(b"GET "):
                connection.sendall(_ACCEPTED)
            elif clock.poll():
                connection.sendall(invocation)


def _request(connection: socket.socket) -> bytes:
    """Read one request, and return its head; nothing when the connection is closed."""
    data = connection.recv(64 * 1024)
    while data and b"\r\n\r\n" not in data:
        data += connection.recv(64 * 1024)
    head, _, body = data.partition(b"\r\n\r\n")
    if head.startswith(b"POST "):
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        missing = int(length) - len(body)
        while missing > 0:
            missing -= len(connection.recv(min(missing, 1024 * 1024)))
    return head


def _cpu_seconds(pid: int) -> float:
    """Return a process's processor time, from its own clock where there is one (Linux)."""
    return time.clock_gettime((~pid << 3) | 2) if sys.platform == "linux" else 0.0
