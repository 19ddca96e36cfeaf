"""Worker processes: how they are started, watched, replaced and ended."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from lambda_runtime._in_flight import SLOT_BYTES, UNKNOWN, Slot, drain
from lambda_runtime._workers import processes
from lambda_testing import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lambda_testing import FakeRuntimeAPI

    Start = Callable[..., "Program"]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="Lambda Managed Instances, and what workers need, are Linux's"
)

SECONDS = 30
"""After this long without the event that a test waits for, it fails."""

# Each program tells the test what it does through a pipe, which ends with the last of its
# processes. SIGUSR1 makes a worker exit with code 7, and SIGUSR2 with code 0.
HEADER = """
import json, os, random, signal, socket, sys, threading
from functools import partial
from lambda_logging import PlatformLog
from lambda_runtime import RuntimeAPIError
from lambda_runtime._delivery import NEXT, exchange, poll_next
from lambda_runtime._environment import Environment
from lambda_runtime._socket_transport import SocketTransport
from lambda_runtime._worker import worker_from_description
from lambda_runtime._workers import supervise

def tell(*what):
    os.write(int(os.environ["TELL"]), (json.dumps(what) + "\\n").encode())

def transport():
    return SocketTransport(os.environ["AWS_LAMBDA_RUNTIME_API"], ())

def idle(worker):
    for number, code in ((signal.SIGUSR1, 7), (signal.SIGUSR2, 0)):
        signal.signal(number, lambda *_, code=code: sys.exit(code))
    tell("worker", worker.index, os.getpid())
    while True:
        signal.pause()

def take(worker):
    for slot in worker.slots:
        invocation = exchange(transport(), NEXT, poll_next())
        slot.enter(invocation.request_id, invocation.invocation_id)
    idle(worker)

def main(pollers, serve, **options):
    try:
        if worker is not None:
            serve(worker)
        supervise(pollers, serve, log, transport(), environment, **options)
    finally:
        tell("left", os.getpid())

log = PlatformLog.from_environment(os.environ)
environment = Environment()
worker = worker_from_description(environment, log)
tell("import", os.getpid())
"""


class Program:
    """A running program that supervises workers."""

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self._pipe, writer = os.pipe()
        self._told = b""
        self.popen = subprocess.Popen(
            [sys.executable, str(path)],
            env={**os.environ, **environment, "TELL": str(writer)},
            pass_fds=[writer],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(writer)
        self.pid = self.popen.pid

    def told(self) -> list[Any] | None:
        """Return the next message of a process; None after the last process has ended."""
        while b"\n" not in self._told:
            assert select.select([self._pipe], [], [], SECONDS)[0], "nothing is told"
            data = os.read(self._pipe, 65536)
            if not data:
                assert self._told == b""
                return None
            self._told += data
        line, _, self._told = self._told.partition(b"\n")
        what: list[Any] = json.loads(line)
        return what

    def worker(self) -> tuple[int, int]:
        """Return the number and the process id of the next worker that is up."""
        while (what := self.told()) is not None:
            if what[0] == "worker":
                return what[1], what[2]
        raise AssertionError("there is no worker any more")

    def rest(self) -> list[list[Any]]:
        """Return all messages up to the end of the last process."""
        return list(iter(self.told, None))

    def wait(self) -> tuple[int, str, str]:
        """Return the exit code and all output of a program that ends."""
        out, err = self.popen.communicate(timeout=SECONDS)
        return self.popen.returncode, out.decode(), err.decode()

    def terminate(self) -> str:
        """End the program as Lambda does, and return what it has printed."""
        self.popen.terminate()
        code, out, err = self.wait()
        assert (code, err) == (0, "")
        return out

    def close(self) -> None:
        self.popen.kill()
        self.popen.communicate(timeout=SECONDS)
        os.close(self._pipe)


@pytest.fixture
def start(api: FakeRuntimeAPI, tmp_path: Path) -> Iterator[Start]:
    """Start a program that begins with `HEADER`."""
    started: list[Program] = []

    def start(source: str, **environment: str) -> Program:
        path = tmp_path / "app.py"
        path.write_text(HEADER + dedent(source), encoding="utf-8")
        program = Program(path, {**api.environment(), **environment})
        started.append(program)
        return program

    yield start
    for program in started:
        program.close()


@pytest.fixture(params=["forks", "fresh processes"])
def mode(request: pytest.FixtureRequest) -> str:
    """Return the line of a program that makes its workers the one or the other."""
    return (
        ""
        if request.param == "forks"
        else "threading.Thread(target=threading.Event().wait, daemon=True).start()"
    )


def test_workers_share_the_import_and_have_a_slot_for_each_poller(start: Start) -> None:
    program = start(
        """
        def serve(worker):
            tell("slots", worker.index, len(worker.slots), os.getppid(), random.random())
            idle(worker)

        main([3, 1], serve)
        """
    )
    assert program.told() == ["import", program.pid]
    told = [what for _ in range(4) if (what := program.told()) and what[0] == "slots"]
    assert sorted(what[1:4] for what in told) == [[0, 3, program.pid], [1, 1, program.pid]]
    assert told[0][4] != told[1][4], "forks must not have the same random numbers"
    program.terminate()


def test_the_start_is_logged_as_the_managed_runtime_does(start: Start) -> None:
    program = start("main([2, 1], idle)", AWS_LAMBDA_LOG_LEVEL="DEBUG")
    program.worker()
    level, _, _, message = program.terminate().splitlines()[0].split("\t")
    assert level == "[DEBUG]"
    assert json.loads(message) == {
        "event": "runtime_worker_pool_initializing",
        "workerCount": 2,
        "executionEnvironmentMaxConcurrency": 3,
    }


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGKILL, "Runtime exited with error: signal: killed"),
        (signal.SIGUSR1, "Runtime exited with error: exit status 7"),
        (signal.SIGUSR2, "Runtime exited without providing a reason"),
    ],
)
def test_a_dead_worker_is_replaced_and_the_reason_logged(
    start: Start, mode: str, number: signal.Signals, reason: str
) -> None:
    program = start(f"{mode}\nmain([1, 1], idle)")
    workers = dict(program.worker() for _ in range(2))
    os.kill(workers[1], number)
    index, pid = program.worker()
    assert index == 1
    assert pid not in workers.values()
    (record,) = (line for line in program.terminate().splitlines() if "[ERROR]" in line)
    assert record.endswith(f"Worker 1 (process {workers[1]}) has ended: {reason}.")


def test_workers_that_die_at_once_are_given_up_in_the_end(start: Start, mode: str) -> None:
    program = start(
        f"""
        {mode}

        def serve(worker):
            if worker.index == 0:
                idle(worker)
            tell("begun", worker.index)
            os._exit(3)

        main([1, 1], serve)
        """
    )
    assert [what for what in program.rest() if what[0] == "begun"] == [["begun", 1]] * 5
    code, out, _ = program.wait()
    assert code == 1
    assert out.count("[ERROR]") == 5
    assert "[FATAL]" in out.splitlines()[-1]
    assert "5 times in a row within 5 s" in out


def test_a_worker_that_lived_long_is_replaced_however_often_it_dies(start: Start) -> None:
    program = start("main([1], idle, settled=0)")
    for _ in range(10):
        os.kill(program.worker()[1], signal.SIGKILL)
    program.worker()
    assert program.terminate().count("[ERROR]") == 10


@pytest.mark.parametrize(
    ("ending", "reason", "record", "err"),
    [
        ("sys.exit()", "without providing a reason", None, ""),
        ("sys.exit(300)", "exit status 44", None, ""),
        ("sys.exit('no more')", "exit status 1", None, "no more\n"),
        ("raise KeyboardInterrupt", "exit status 130", None, ""),
        ("raise RuntimeAPIError('gone')", "exit status 1", "gone", ""),
        ("raise ValueError('broken')", "exit status 1", None, "ValueError: broken\n"),
    ],
)
def test_a_worker_ends_its_process_and_never_runs_its_parents_code(
    start: Start, ending: str, reason: str, record: str | None, err: str
) -> None:
    program = start(
        f"""
        import atexit
        atexit.register(lambda: tell("exit handler", os.getpid()))

        def serve(worker):
            {ending}

        main([1], serve)
        """
    )
    assert program.rest() == [
        ["import", program.pid],
        ["left", program.pid],
        ["exit handler", program.pid],
    ]
    code, printed, complaints = program.wait()
    assert code == 1
    records = [line.split("\t") for line in printed.splitlines()]
    assert sum(reason in message for *_, message in records) == 5
    fatal = [message for level, *_, message in records if level == "[FATAL]"]
    assert fatal[:-1] == ([record] * 5 if record else [])
    assert (complaints.count(err), bool(complaints)) == ((5, True) if err else (1, False))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "SIGINT"]
)
def test_a_signal_reaches_each_worker_once_and_ends_all(
    start: Start, mode: str, number: signal.Signals, code: int
) -> None:
    # The handler is set at import, and so before the supervisor has its own.
    program = start(
        f"""
        {mode}

        def end(number, frame):
            tell("signal", number, os.getpid())  # and stay, for another one

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)

        main([1, 1], idle)
        """
    )
    workers = [program.worker()[1] for _ in range(2)]
    os.killpg(program.pid, number)  # as a terminal does, and AWS's emulator
    told = [what for what in program.rest() if what[0] == "signal"]
    assert sorted(told) == sorted(["signal", number, pid] for pid in workers)
    exit_code, out, err = program.wait()
    assert (exit_code, err) == (code, "")
    assert "[ERROR]" not in out


def test_a_worker_that_does_not_end_is_killed(start: Start) -> None:
    program = start(
        """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        try:
            main([1, 1], idle, grace=0.1)
        except SystemExit:
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                tell("all are dead")
            raise
        """
    )
    for _ in range(2):
        program.worker()
    program.popen.terminate()
    assert ["all are dead"] in program.rest()
    assert program.wait()[0] == 0


def test_workers_do_not_outlive_their_supervisor(start: Start, mode: str) -> None:
    program = start(
        f"""
        {mode}
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGIO):
            signal.signal(number, signal.SIG_IGN)

        main([1, 1, 1], idle)
        """
    )
    workers = [program.worker() for _ in range(3)]
    os.kill(workers[0][1], signal.SIGKILL)
    program.worker()  # a replacement is bound to the supervisor as well
    program.popen.kill()
    program.rest()  # ends when the last process has


def test_the_caller_of_a_dead_worker_hears_at_once(
    api: FakeRuntimeAPI, start: Start, mode: str
) -> None:
    program = start(f"{mode}\nmain([1], take)")
    invocation = api.enqueue({}, request_id="a/b c", invocation_id="nonce")
    _, pid = program.worker()
    os.kill(pid, signal.SIGKILL)
    error = invocation.wait().json()
    assert error["errorType"] == "Runtime.ExitError"
    message = "RequestId: a/b c Error: Runtime exited with error: signal: killed"
    assert error["errorMessage"] == message
    report = api.requests[-1] if api.requests[-1].method == "POST" else api.requests[-2]
    assert report.headers["lambda-runtime-function-error-type"] == "Runtime.ExitError"
    assert report.headers["lambda-runtime-invocation-id"] == "nonce"
    following = api.enqueue({}, request_id="next")
    assert program.worker()[1] != pid  # the replacement, which has taken the next
    assert following.state == "running"
    out = program.terminate()
    assert "killed. Its invocations in flight are lost: a/b c.\n" in out


def test_every_slot_of_a_dead_worker_is_reported(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = start(
            """
            def serve(worker):
                worker.slots[0].enter("one", None)
                worker.slots[1].enter("answered", None)
                worker.slots[1].leave()
                worker.slots[2].enter("x" * 1000, "long")
                worker.slots[3].enter("four", None)
                idle(worker)

            main([5], serve)
            """,
            AWS_LAMBDA_RUNTIME_API="{}:{}".format(*server.getsockname()),
        )
        _, pid = program.worker()
        os.kill(pid, signal.SIGKILL)
        server.settimeout(SECONDS)
        assert [answer(server) for _ in range(2)] == [
            "POST /2018-06-01/runtime/invocation/one/error",
            "POST /2018-06-01/runtime/invocation/four/error",
        ]
        program.worker()
    out = program.terminate()
    assert "are lost: one, one whose id is too long to be noted, four.\n" in out


def answer(server: socket.socket) -> str:
    """Accept a call, and return its method and its path."""
    connection, _ = server.accept()
    with connection, connection.makefile("rb") as reader:
        connection.settimeout(SECONDS)
        method, path, _ = reader.readline().decode().split(" ")
        length = 0
        while line := reader.readline().strip():
            name, _, value = line.decode().partition(":")
            if name.lower() == "content-length":
                length = int(value)
        reader.read(length)
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
    return f"{method} {path}"


def test_a_refused_report_is_logged(api: FakeRuntimeAPI, start: Start) -> None:
    program = start("main([1], take)")
    api.reply_with("error", Reply(410, b'{"errorType":"InvokeTimeout"}'))
    late = api.enqueue({}, request_id="late")
    os.kill(program.worker()[1], signal.SIGKILL)
    following = api.enqueue({}, request_id="next")
    program.worker()
    assert (late.state, following.state) == ("running", "queued")
    assert "Lambda refused the error of invocation late" in program.terminate()


def test_without_a_runtime_api_the_supervisor_goes_on(start: Start) -> None:
    program = start(
        """
        def serve(worker):
            worker.slots[0].enter("lost", None)
            idle(worker)

        main([1], serve)
        """,
        AWS_LAMBDA_RUNTIME_API="127.0.0.1:1",
    )
    os.kill(program.worker()[1], signal.SIGKILL)
    program.worker()
    assert "did not answer to the error of invocation lost" in program.terminate()


@pytest.mark.parametrize(
    ("hazard", "reason"),
    [
        ("threading.Thread(target=signal.pause, name='watcher').start()", "the thread 'watcher'"),
        ("__import__('_thread').start_new_thread(signal.pause, ())", "1 threads run that were not"),
        (
            "connection = socket.create_connection(server.getsockname())",
            "a connection to 127.0.0.1",
        ),
        ("import asyncio; loop = asyncio.new_event_loop()", "an event loop was made"),
    ],
    ids=["thread", "native thread", "connection", "event loop"],
)
def test_what_a_fork_would_break_is_imported_again_by_each_worker(
    start: Start, hazard: str, reason: str
) -> None:
    program = start(
        f"""
        server = socket.create_server(("127.0.0.1", 0))
        {hazard}

        def serve(worker):
            names = [name for name in os.environ if name.startswith("_LAMBDA")]
            tell("worker", worker.index, os.getpid(), len(worker.slots), names)
            idle(worker)

        main([2, 1], serve)
        """
    )
    told = [program.told() for _ in range(7)]
    imports = {what[1] for what in told if what and what[0] == "import"}
    workers = sorted(what[1:] for what in told if what and len(what) == 5)
    assert [what[::2] for what in workers] == [[0, 2], [1, 1]]
    assert [what[3] for what in workers] == [[], []], "no process of the function's is a worker"
    assert imports == {program.pid, *(what[1] for what in workers)}
    program.popen.terminate()
    program.rest()
    code, out, _ = program.wait()
    assert code == 0
    (warning,) = (line for line in out.splitlines() if "[WARN]" in line)
    assert reason in warning


def test_what_a_fork_does_not_break_is_shared(api: FakeRuntimeAPI, start: Start) -> None:
    invocation = api.enqueue({})  # for the supervisor, which keeps the connection
    program = start(
        """
        api = transport()
        exchange(api, NEXT, poll_next())
        listener = socket.create_server(("127.0.0.1", 0))
        unconnected = socket.socket()
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.connect(listener.getsockname())
        pair = socket.socketpair()
        main([1], idle)
        """
    )
    program.worker()
    assert invocation.state == "running"
    assert "[WARN]" not in program.terminate()


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket like the one that the platform provides for the output of workers."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "provider"))
        listener.listen()
        listener.settimeout(SECONDS)
        yield listener


def test_each_worker_has_an_output_of_its_own(
    start: Start, mode: str, provider: socket.socket
) -> None:
    program = start(
        f"""
        {mode}
        print("import", end="")

        def serve(worker):
            print("out", flush=True)
            print("err", file=sys.stderr, flush=True)
            worker.log.write("ERROR", "record")
            idle(worker)

        main([1], serve)
        """,
        AWS_LAMBDA_LOG_LEVEL="ERROR",
        PYTHONUNBUFFERED="",
        _LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET=provider.getsockname(),
    )
    for _ in range(2):  # the first worker, and its replacement
        out, err = (provider.accept()[0] for _ in range(2))
        _, pid = program.worker()
        os.kill(pid, signal.SIGKILL)
        printed = read(out).splitlines()
        assert printed[-2] == ("importout" if mode else "out")
        assert printed[-1].endswith("\trecord")
        assert read(err) == "err\n"
    out, err = (provider.accept()[0] for _ in range(2))
    program.worker()
    said = program.terminate()
    assert said.startswith("import[ERROR]"), "what is printed at import is the supervisor's"
    assert [said.count(what) for what in ("import", "[ERROR]", "out\n")] == [1, 2, 0]
    out.close()
    err.close()


def test_a_workers_records_are_no_frames_on_its_own_output(
    start: Start, provider: socket.socket
) -> None:
    program = start(
        """
        reader, writer = os.pipe()
        os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(writer)
        log = PlatformLog.from_environment(os.environ)
        log.write("INFO", "of the supervisor")
        assert os.read(reader, 4) == (0xA55A0003 | 3 << 2).to_bytes(4, "big")

        def serve(worker):
            worker.log.write("INFO", "record")
            idle(worker)

        main([1], serve)
        """,
        _LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET=provider.getsockname(),
    )
    out, err = (provider.accept()[0] for _ in range(2))
    program.worker()
    assert program.terminate() == ""
    assert read(out).startswith("[INFO]\t")
    assert read(err) == ""


def read(connection: socket.socket) -> str:
    """Return all that comes from a connection until its end."""
    connection.settimeout(SECONDS)
    with connection, connection.makefile("rb") as reader:
        return reader.read().decode()


def test_an_output_that_cannot_be_had_is_logged_and_survived(
    start: Start, mode: str, tmp_path: Path
) -> None:
    program = start(
        f"{mode}\nmain([1], idle)",
        _LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET=str(tmp_path / "none"),
    )
    program.worker()
    warnings = [line for line in program.terminate().splitlines() if "stays the one" in line]
    assert [line.split("\t")[0] for line in warnings] == ["[WARN]", "[WARN]"]
    assert "standard output" in warnings[0]
    assert "standard error" in warnings[1]


def test_workers_that_share_an_output_write_whole_lines(start: Start, mode: str) -> None:
    program = start(
        f"""
        {mode}
        def serve(worker):
            begin = threading.Event()
            signal.signal(signal.SIGUSR1, lambda *_: begin.set())
            tell("worker", worker.index, os.getpid())
            begin.wait()
            for number in range(500):
                print("a", "b", number)
                print("c", "d", number, file=sys.stderr)
            idle(worker)

        main([1, 1], serve)
        """,
        PYTHONUNBUFFERED="1",
    )
    for pid in [program.worker()[1] for _ in range(2)]:
        os.kill(pid, signal.SIGUSR1)
    for _ in range(2):
        program.worker()
    program.popen.terminate()
    _, out, err = program.wait()
    for text, printed in (("a b", out), ("c d", err)):
        lines = [line for line in printed.splitlines() if not line.startswith("[")]
        assert sorted(lines) == sorted([f"{text} {number}" for number in range(500)] * 2)


@settings(deadline=None)
@given(concurrency=st.integers(1, 500))
def test_pollers_are_spread_evenly_over_no_more_processes_than_processors(concurrency: int) -> None:
    spread = processes(concurrency, asynchronous=True)
    assert sum(spread) == concurrency
    assert max(spread) - min(spread) <= 1
    assert len(spread) == min(len(os.sched_getaffinity(0)), concurrency)
    assert processes(concurrency, asynchronous=False) == [1] * concurrency


HEADER_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=SLOT_BYTES)


@settings(deadline=None)
@given(request_id=HEADER_TEXT.filter(bool), invocation_id=HEADER_TEXT)
def test_a_slot_tells_what_was_noted_or_that_it_was_too_long(
    request_id: str, invocation_id: str
) -> None:
    neighbours = bytearray(3 * SLOT_BYTES)
    slot = Slot(memoryview(neighbours)[SLOT_BYTES : 2 * SLOT_BYTES])
    slot.enter(request_id, invocation_id or None)
    short = len(f"{request_id}\0{invocation_id}".encode()) < SLOT_BYTES - 1
    assert slot.read() == ((request_id, invocation_id or None) if short else UNKNOWN)
    assert drain([slot]) == [(request_id, invocation_id or None) if short else UNKNOWN]
    assert slot.read() is None
    assert not any(neighbours[:SLOT_BYTES]), "a slot writes into no other"
    assert not any(neighbours[2 * SLOT_BYTES :])
