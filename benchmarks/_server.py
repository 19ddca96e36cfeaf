"""A minimal Runtime API: the same bytes for every runtime, and the times of its requests."""

from __future__ import annotations

import socket
import statistics
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event, Thread

from _gate import Gate
from _process import (
    cpu_seconds,
    environment,
    kill_tree,
    peak_bytes,
    proportional_bytes,
    resident_bytes,
    tree,
)
from _processor_share import joining

FUNCTIONS = Path(__file__).parent / "functions"
_ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_SECONDS = 180  # sixteen processes that import an SDK take their time on two processors
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Load:
    """The work that a process is given."""

    event: bytes = b"{}"
    """The event's JSON, the same for every invocation."""
    invocations: int = 0
    """The invocations that are counted, for each poller."""
    warmup: int = 0
    """The invocations before them that are not, for each poller."""
    concurrency: int | None = None
    """The number of pollers, as on Lambda Managed Instances; None is the ordinary mode."""
    processors: float | None = None
    """The share of a processor that it has, with its children; None is all there is."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The work that a process did."""

    started_seconds: float
    """The time of its spawn, by the system's monotonic clock."""
    first_poll_seconds: float
    """From the spawn to the arrival of the first request for an invocation."""
    first_answer_seconds: float
    """From the spawn until the first invocation is over; NaN if there was none."""
    all_polls_seconds: float
    """From the spawn until every poller has asked for its first invocation."""
    wall_seconds: float
    """Per counted invocation: from request to request, divided by the number in flight."""
    cpu_seconds: float
    """Per counted invocation: time on a processor, of all processes."""
    peak_bytes: int
    """The first process's largest resident set size, from its start to the end."""
    grown_bytes: int
    """The growth above the resident set size when counting began."""
    shared_out_bytes: int
    """The proportional set sizes of all processes in the end, summed up."""
    first_byte_seconds: float
    """From letting a stream's first chunk go to its arrival, the median; NaN without such."""


def measure(command: list[str], load: Load) -> Run:
    """Start a runtime, let it answer invocations, and end it.

    Args:
        command: The runtime and its handler, found in the folder `FUNCTIONS`.
        load: The work of the server.

    Returns:
        The measurements.

    Raises:
        RuntimeError: The process ended, or did not ask for its next invocation for three minutes.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener, Gate() as gate:
        variables = {
            **environment(),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "hello",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "GATE": str(gate.port),
        }
        if load.concurrency is not None:
            variables["AWS_LAMBDA_MAX_CONCURRENCY"] = str(load.concurrency)
            variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"  # as it always is there
            variables["AWS_LAMBDA_LOG_LEVEL"] = "INFO"
        join = None if load.processors is None else joining(load.processors)
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=FUNCTIONS,
            env=variables,
            stdout=subprocess.DEVNULL,
            preexec_fn=join,  # noqa: PLW1509 (it writes to a file, and does no more)
        )
        meter = _Meter(process.pid, start, load, gate)
        # A thread a connection: one that waits in `recv` costs the others nothing.
        Thread(target=_accept, args=(listener, meter, load.event), daemon=True).start()
        Thread(target=_watch, args=(process, meter), daemon=True).start()
        try:
            if not meter.done.wait(timeout=_SECONDS):
                raise RuntimeError(f"{command!r} does not ask for invocations")
        finally:
            kill_tree(process.pid)
            process.wait()
    if meter.run is None:
        raise RuntimeError(f"{command!r} ended before its time")
    return meter.run


class _Meter:
    """Reads the clocks when all pollers have asked for the same invocation by number."""

    def __init__(self, pid: int, start: float, load: Load, gate: Gate) -> None:
        self.done = Event()
        self.run: Run | None = None
        self.gate = gate
        self._pid = pid
        self._start = start
        self._load = load
        self._pollers = load.concurrency or 1
        self._together = Barrier(self._pollers, action=self._read)
        self._first_polls: list[float] = []
        self._first_answers: list[float] = []
        self._pids: list[int] = []
        self._since = self._cpu = 0.0
        self._resident = 0

    def poll(self, number: int) -> bool:
        """Take a poller's request for an invocation; return whether there is another one.

        Args:
            number: The number of requests of the poller until now.
        """
        if number == 0:
            self._first_polls.append(time.monotonic() - self._start)
        elif number == 1:
            self._first_answers.append(time.monotonic() - self._start)
        first = self._load.warmup
        last = first + self._load.invocations
        if number == first:
            self._together.wait()
        if number == last:
            self._together.wait()
        return number < last

    def _read(self) -> None:
        now = time.monotonic()
        if not self._pids:
            self._pids = tree(self._pid)
            self._cpu = self._cpu_seconds()
            self._resident = resident_bytes(self._pid)
            self._since = time.monotonic()
            return
        cpu = self._cpu_seconds() - self._cpu
        invocations = max(self._load.invocations, 1) * self._pollers
        peak = peak_bytes(self._pid)
        firsts = self.gate.first_seconds
        self.run = Run(
            started_seconds=self._start,
            first_poll_seconds=min(self._first_polls),
            first_answer_seconds=min(self._first_answers, default=float("nan")),
            all_polls_seconds=max(self._first_polls),
            wall_seconds=(now - self._since) / invocations,
            cpu_seconds=cpu / invocations,
            peak_bytes=peak,
            grown_bytes=max(peak - self._resident, 0),
            shared_out_bytes=sum(map(proportional_bytes, self._pids)),
            first_byte_seconds=statistics.median(firsts) if firsts else float("nan"),
        )
        self.done.set()

    def _cpu_seconds(self) -> float:
        return sum(map(cpu_seconds, self._pids))


def _watch(process: subprocess.Popen[bytes], meter: _Meter) -> None:
    process.wait()
    meter.done.set()


def _accept(listener: socket.socket, meter: _Meter, event: bytes) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the run is over
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Thread(target=_answer, args=(connection, meter, event), daemon=True).start()


def _answer(connection: socket.socket, meter: _Meter, event: bytes) -> None:
    invocation = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
        b"Lambda-Runtime-Deadline-Ms: 4102444800000\r\n"
        b"Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:f\r\n"
        b"Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(event), event)
    )
    polls = 0
    with connection, suppress(ConnectionError, BrokenBarrierError):
        while head := _request(connection, meter.gate):
            if not head.startswith(b"GET "):
                connection.sendall(_ACCEPTED)
            elif meter.poll(polls):
                polls += 1
                connection.sendall(invocation)


def _request(connection: socket.socket, gate: Gate) -> bytes:
    """Read one request, and return its head; nothing when the connection is closed."""
    data = connection.recv(64 * 1024)
    while data and b"\r\n\r\n" not in data:
        data += connection.recv(64 * 1024)
    head, _, body = data.partition(b"\r\n\r\n")
    if head.startswith(b"POST "):
        fields = head.lower()
        if b"\r\ntransfer-encoding: chunked" in fields:
            _drop_chunks(connection, body, gate)
        else:
            length = fields.partition(b"content-length:")[2].partition(b"\r\n")[0]
            _drop(connection, int(length) - len(body))
    return head


def _drop(connection: socket.socket, missing: int) -> None:
    """Read the rest of a body."""
    if missing > 0:
        rest = memoryview(bytearray(min(missing, _READ_BYTES)))
        while missing > 0:
            missing -= _receive(connection, rest[:missing])


def _drop_chunks(connection: socket.socket, body: bytes, gate: Gate) -> None:
    """Read the rest of a body in chunks, which hold nothing that looks like the last one."""
    if body:
        gate.arrived()
    end = body[-len(_LAST_CHUNK) :]
    rest = memoryview(bytearray(_READ_BYTES))
    while end != _LAST_CHUNK:
        size = _receive(connection, rest)
        gate.arrived()
        tail = rest[max(size - len(_LAST_CHUNK), 0) : size]
        end = (end + tail)[-len(_LAST_CHUNK) :]


def _receive(connection: socket.socket, buffer: memoryview) -> int:
    size = connection.recv_into(buffer)
    if not size:
        raise ConnectionError("the request broke off")
    return size
