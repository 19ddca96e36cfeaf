"""Every record whole: many processes, many threads, signals, and pipes that are full."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import struct
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from lambda_logging._sink import TelemetryChannel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Program


class Pipe:
    """A pipe that is read while it is written to."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        self._parts: list[bytes] = []
        self._thread = threading.Thread(target=self._read)

    def start(self) -> None:
        self._thread.start()

    def _read(self) -> None:
        while part := os.read(self.read_end, 1 << 20):
            self._parts.append(part)

    def end(self) -> bytes:
        os.close(self.write_end)
        self._thread.join()
        os.close(self.read_end)
        return b"".join(self._parts)


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


def bodies(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        kind, length, _ = struct.unpack_from(">IIQ", data, start)
        assert kind == 0xA55A000E
        start += 16 + length
        yield data[start - length : start]


PROCESSES = """
import os, sys, threading
from lambda_logging import log
COUNT, WAY = int(sys.argv[1]), sys.argv[2]
SIZES = (1, 100, 4000, 5000, 20_000, 100_000)
def write(process, thread):
    for number in range(COUNT):
        # A few large records among many small ones, as in life.
        size = SIZES[number % 6] if number % (COUNT // 10) < 6 else number % 300
        log.info("x" * size, writer=f"{process}-{thread}", number=number, size=size)
def work(process):
    threads = [threading.Thread(target=write, args=(process, n)) for n in range(4)]
    [each.start() for each in threads]
    [each.join() for each in threads]
if WAY == "multiprocessing":
    import multiprocessing
    pool = [multiprocessing.get_context("fork").Process(target=work, args=(n,)) for n in range(8)]
    [each.start() for each in pool]
    [each.join() for each in pool]
else:
    log.debug("the sink is open before the fork")
    children = []
    for n in range(8):
        child = os.fork()
        if not child:
            work(n)
            os._exit(0)
        children.append(child)
    assert not any(os.waitpid(child, 0)[1] for child in children)
"""


@pytest.mark.parametrize(
    ("way", "framed", "count"),
    [
        ("fork", True, 10_000),
        ("fork", False, 500),
        ("multiprocessing", True, 500),
        ("multiprocessing", False, 500),
    ],
)
def test_every_record_of_many_processes_and_threads_is_whole(
    pipe: Pipe, way: str, count: int, *, framed: bool
) -> None:
    """8 processes, 4 threads in each, and as many records of each thread's, of 0 B to 100 kB."""
    environ = {**os.environ, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    actions = [(os.POSIX_SPAWN_DUP2, pipe.write_end, 3 if framed else 1)]
    if framed:
        environ["_LAMBDA_TELEMETRY_LOG_FD"] = "3"
    pipe.start()
    command = [sys.executable, "-c", PROCESSES, str(count), way]
    process = os.posix_spawn(sys.executable, command, environ, file_actions=actions)
    assert os.waitpid(process, 0)[1] == 0
    data = pipe.end()
    lines = [*bodies(data)] if framed else data.splitlines()
    writers: Counter[str] = Counter()
    for line in lines:
        record = json.loads(line)
        assert len(record["message"]) == record["size"]
        assert record["number"] == writers[record["writer"]]  # each one's in its order
        writers[record["writer"]] += 1
    assert set(writers.values()) == {count}
    assert len(writers) == 32


def write_large(sink: TelemetryChannel, size: int = 1_000_000) -> None:
    sink.write(b"x" * size, "INFO", json=True, time_ns=1)


def test_a_signal_handler_that_logs_in_the_middle_of_a_write_waits_its_turn(pipe: Pipe) -> None:
    sink = TelemetryChannel(pipe.write_end)
    handled: list[int] = []

    def handle(number: int, _: Any) -> None:
        handled.append(number)
        sink.write(b"from the handler", "INFO", json=True, time_ns=1)

    before = signal.signal(signal.SIGUSR1, handle)

    def interrupt() -> None:
        first.append(os.read(pipe.read_end, 1))  # the write has begun, and waits for a reader
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
        pipe.start()

    first: list[bytes] = []
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        write_large(sink)
    finally:
        signal.signal(signal.SIGUSR1, before)
    thread.join()
    assert [len(body) for body in bodies(first[0] + pipe.end())] == [1_000_000, 16]
    assert handled == [signal.SIGUSR1]


def test_a_full_pipe_that_does_not_block_is_waited_for(pipe: Pipe) -> None:
    os.set_blocking(pipe.write_end, False)
    sink = TelemetryChannel(pipe.write_end)
    pipe.start()
    write_large(sink)
    write_large(sink, 1)
    assert [len(body) for body in bodies(pipe.end())] == [1_000_000, 1]


def test_a_pipe_may_have_a_high_number(pipe: Pipe) -> None:
    """A program with many connections: select() knows no descriptor above 1023."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    try:
        high = fcntl.fcntl(pipe.write_end, fcntl.F_DUPFD, 1500)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    os.set_blocking(high, False)
    pipe.start()
    write_large(TelemetryChannel(high))
    os.close(high)
    assert [len(body) for body in bodies(pipe.end())] == [1_000_000]


def test_a_fork_in_the_middle_of_a_write_can_log(pipe: Pipe) -> None:
    """Another thread of the parent's writes, and holds the lock, while the process forks."""
    sink = TelemetryChannel(pipe.write_end)
    thread = threading.Thread(target=write_large, args=(sink,))
    thread.start()
    first = os.read(pipe.read_end, 1)
    pipe.start()
    child = os.fork()
    if not child:
        write_large(sink, 1)
        os._exit(0)
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
    assert sorted(len(body) for body in bodies(first + pipe.end())) == [1, 1_000_000]


def test_records_follow_what_was_printed_before(program: Program) -> None:
    code = (
        "from lambda_logging import log; import sys\n"
        "for n in range(3):\n    print('printed', n); log.info(n)"
    )
    out = program(code, AWS_LAMBDA_RUNTIME_API="x")
    assert [line.split("\t")[-1] for line in out.splitlines()] == [
        *("printed 0", "0", "printed 1", "1", "printed 2", "2")
    ]


@pytest.mark.parametrize("json_format", [True, False])
def test_records_go_to_standard_output_when_the_function_has_closed_the_channel(
    pipe: Pipe, *, json_format: bool
) -> None:
    code = """
import os
from lambda_logging import configure, log
configure()
log.info("before")
os.closerange(3, 100)
log.error("after\\nit")
reader, writer = os.pipe()  # one of them has the channel's number now
log.error("later\\nyet")
os.close(writer)
assert not os.read(reader, 100)
"""
    environ = {**os.environ, "AWS_LAMBDA_RUNTIME_API": "x", "_LAMBDA_TELEMETRY_LOG_FD": "4"}
    environ["AWS_LAMBDA_LOG_FORMAT"] = "JSON" if json_format else "Text"
    pipe.start()
    out_reader, out = os.pipe()
    actions = [
        (os.POSIX_SPAWN_DUP2, pipe.write_end, 4),
        (os.POSIX_SPAWN_DUP2, out, 1),
    ]
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-c", code], environ, file_actions=actions
    )
    os.close(out)
    lines = os.read(out_reader, 10_000).splitlines() if os.waitpid(process, 0)[1] == 0 else []
    os.close(out_reader)
    assert b"before" in pipe.end()
    text = b"".join(lines)
    assert b"after" in text
    assert b"later" in text
    assert len([line for line in lines if b"ERROR" in line]) == 2
