"""``uv run benchmarks/soak.py``: many invocations with faults, and the outcome of each.

The server is a script: it delivers one invocation after the other, and now and then breaks a
connection, answers in pieces, refuses, delivers twice, or freezes the process. Requests out of turn
are counted: an invocation is lost when the runtime asks for the next one before it has sent its
response, and doubled when it sends a response again without need. The memory of the process is to
stay as it is.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader

FUNCTIONS = Path(__file__).parent / "functions"
COMMANDS = {
    transport: [
        sys.executable,
        "-c",
        f"from lambda_runtime import run; run({handler!r}, transport={transport!r})",
    ]
    for transport, handler in (
        ("socket", "hello.handler"),
        ("stream", "hello_async.handler"),
        ("aiohttp", "hello_async.handler"),
    )
}
FAULTS = (
    "poll dropped",
    "poll refused",
    "event broken off",
    "event in pieces",
    "event in chunks",
    "event, then closed",
    "frozen",
    "frozen, then closed",
    "response unread",
    "answer lost",
    "answer broken off",
    "answer in pieces",
    "answer, then closed",
    "refused with 400",
    "refused with 403",
    "refused with 410",
    "refused with 413",
    "delivered twice",
)
HANG_SECONDS = 60
SAMPLES = 400
# The memory that an allocator may keep without a leak.
MOST_GROWTH_MIB = 2.0


@dataclass
class Outcome:
    """The outcomes of the invocations of one process."""

    invocations: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    """Invocations without a response."""
    doubled: int = 0
    """Responses that were sent again without need."""
    wrong: int = 0
    """Responses that are another invocation's."""
    refusals: int = 0
    """Refusals that the log has to report."""
    log_lines: int = 0
    """Lines that the process has written."""
    memory: list[float] = field(default_factory=list)
    """Resident MiB, from time to time."""
    descriptors: list[int] = field(default_factory=list)
    """Open files and connections, at the same times."""
    seconds: float = 0

    def quarter(self, number: int) -> float:
        """Return the median of the resident MiB in one quarter of the run, 0 to 3."""
        size = len(self.memory)
        samples = self.memory[size * number // 4 : size * (number + 1) // 4]
        return statistics.median(samples or self.memory)

    def problems(self) -> list[str]:
        """Return what should not have been, or nothing."""
        growth = self.quarter(3) - self.quarter(0)
        before, after = self.descriptors[0], self.descriptors[-1]
        found = [
            (self.lost > 0, f"{self.lost} invocations lost"),
            (self.doubled > 0, f"{self.doubled} responses doubled"),
            (self.wrong > 0, f"{self.wrong} responses wrong"),
            (
                self.log_lines != self.refusals,
                f"{self.log_lines} log lines for {self.refusals} refusals",
            ),
            (growth > MOST_GROWTH_MIB, f"{growth:.1f} MiB more memory in the last quarter"),
            (after > before, f"{after} descriptors at the end, {before} at the start"),
        ]
        return [problem for is_one, problem in found if is_one]


def soak(command: list[str], invocations: int, share: float, seed: int) -> Outcome:
    """Give invocations to a runtime, a share of them with a fault.

    Args:
        command: The runtime and its handler, found in the folder `FUNCTIONS`.
        invocations: The number of invocations.
        share: The share of the invocations that meet a fault, 0 to 1.
        seed: The seed of the random choice of faults.

    Returns:
        The counts of each outcome.

    Raises:
        RuntimeError: The process has ended, or did nothing for a minute.
    """
    chance = random.Random(seed)
    with socket.create_server(("127.0.0.1", 0)) as listener, tempfile.TemporaryFile() as log:
        environment = {
            **os.environ,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}",
        }
        process = subprocess.Popen(
            command, cwd=FUNCTIONS, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        script = _Script(listener, process)
        outcome = script.outcome
        begin = time.perf_counter()
        try:
            for number in range(invocations):
                fault = chance.choice(FAULTS) if chance.random() < share else ""
                script.play(str(number), fault)
                if number % max(invocations // SAMPLES, 1) == 0:
                    outcome.memory.append(_resident_mib(process.pid))
                    outcome.descriptors.append(_descriptors(process.pid))
            script.take_poll()
        except OSError as error:
            state = process.poll()
            how = f"ended with {state}" if state is not None else f"is stuck ({error!r})"
            raise RuntimeError(
                f"{command!r} {how} at invocation {outcome.invocations}: {_tail(log.fileno())}"
            ) from error
        finally:
            process.kill()
            process.wait()
            script.drop()
        outcome.seconds = time.perf_counter() - begin
        log.seek(0)
        outcome.log_lines = sum(1 for _ in log)
    return outcome


class _Script:
    """The server's side, request by request."""

    def __init__(self, listener: socket.socket, process: subprocess.Popen[bytes]) -> None:
        self.outcome = Outcome()
        self._listener = listener
        self._process = process
        self._connection: socket.socket | None = None
        self._reader: BufferedReader | None = None
        self._polled = False
        listener.settimeout(1)

    def play(self, number: str, fault: str) -> None:
        """Deliver an invocation and take its response."""
        self.outcome.invocations += 1
        if fault:
            self.outcome.faults[fault] += 1
        self.take_poll()
        self._deliver(number, fault)
        if self._take_response(number, fault):
            self._answer(number, fault)

    def take_poll(self) -> None:
        """Wait until the runtime asks for an invocation."""
        while not self._polled and self._next_request()[0]:
            self.outcome.doubled += 1
            self._send(_refusal(400))
        self._polled = False

    def drop(self, *, reset: bool = False) -> None:
        """Close the connection."""
        if self._connection is not None and self._reader is not None:
            if reset:
                linger = struct.pack("ii", 1, 0)
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._reader.close()
            self._connection.close()
        self._connection = self._reader = None

    def _deliver(self, number: str, fault: str) -> None:
        event = _event(number, chunked=fault == "event in chunks")
        match fault:
            case "poll dropped":
                self.drop()
                self.take_poll()
            case "poll refused":
                self._send(_refusal(403))
                self.take_poll()
            case "event broken off":
                self._send(event[: int(number) % len(event)])
                self.drop(reset=True)
                self.take_poll()
            case "frozen" | "frozen, then closed":
                os.kill(self._process.pid, signal.SIGSTOP)
                os.waitpid(self._process.pid, os.WUNTRACED)
            case _:
                pass
        self._send(event, in_pieces=fault == "event in pieces")
        if fault in ("event, then closed", "frozen, then closed"):
            self.drop()
        if fault.startswith("frozen"):
            os.kill(self._process.pid, signal.SIGCONT)

    def _take_response(self, number: str, fault: str = "") -> bool:
        """Wait for the response; False if the runtime asks for another invocation instead."""
        if fault == "response unread" and self._connection is not None:
            self._connection.recv(1, socket.MSG_PEEK)
            self.drop()
        while True:
            path, body = self._next_request()
            if not path:
                self.outcome.lost += 1
                self._polled = True
                return False
            if path == f"/2018-06-01/runtime/invocation/{number}/response":
                self.outcome.wrong += body != b'{"message":"Hello %b!"}' % number.encode()
                return True
            self.outcome.doubled += 1
            self._send(_refusal(400))

    def _answer(self, number: str, fault: str) -> None:
        match fault:
            case "answer lost" | "answer broken off":
                sent = int(number) % len(_ACCEPTED) if fault == "answer broken off" else 0
                self._send(_ACCEPTED[:sent])
                self.drop()
                if self._take_response(number):
                    self._send(_refusal(400 if int(number) % 2 else 403))
            case "refused with 400" | "refused with 403" | "refused with 410" | "refused with 413":
                self.outcome.refusals += 1
                self._send(_refusal(int(fault[-3:])))
            case "delivered twice":
                self._send(_ACCEPTED)
                self.take_poll()
                self._send(_event(number))
                if self._take_response(number):
                    self.outcome.refusals += 1
                    self._send(_refusal(400))
            case _:
                self._send(_ACCEPTED, in_pieces=fault == "answer in pieces")
                if fault == "answer, then closed":
                    self.drop()

    def _next_request(self) -> tuple[str, bytes]:
        """Return the path and the body of a POST; both are empty for a poll."""
        while True:
            if self._connection is None or self._reader is None:
                self._connection = self._accept()
                self._connection.settimeout(HANG_SECONDS)
                self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._reader = self._connection.makefile("rb")
            try:
                first = self._reader.readline()
                length = 0
                while (line := self._reader.readline()).strip():
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if line:
                    body = self._reader.read(length)
                    method, path, _ = first.decode("ascii").split(" ")
                    return ("" if method == "GET" else path), body
            except ConnectionError:
                pass  # the runtime has broken off, and comes again
            self.drop()

    def _accept(self) -> socket.socket:
        for _ in range(HANG_SECONDS):
            try:
                return self._listener.accept()[0]
            except TimeoutError:
                if self._process.poll() is not None:
                    break
        raise TimeoutError("it does not connect")

    def _send(self, data: bytes, *, in_pieces: bool = False) -> None:
        if self._connection is None:
            return
        step = 7 if in_pieces else max(len(data), 1)
        for start in range(0, len(data), step):
            self._connection.sendall(data[start : start + step])


_ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'


def _refusal(status: int) -> bytes:
    return b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status


def _event(number: str, *, chunked: bool = False) -> bytes:
    body = b'{"name":"%b"}' % number.encode()
    length = b"Content-Length: %d" % len(body)
    if chunked:
        length = b"Transfer-Encoding: chunked"
        body = b"3\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (body[:3], len(body) - 3, body[3:])
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        b"Lambda-Runtime-Aws-Request-Id: %b\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n"
        b"Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\n"
        b"%b\r\n\r\n%b" % (number.encode(), length, body)
    )


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _descriptors(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _tail(log: int) -> str:
    """Return the end of what the process has written."""
    size = os.fstat(log).st_size
    return os.pread(log, 2000, max(0, size - 2000)).decode("utf-8", "replace")


def main() -> None:
    """Print the table; the exit code is 1 when something should not have been."""
    if platform.system() != "Linux":
        sys.exit("The soak reads the memory of the process from /proc: it runs on Linux.")
    parser = argparse.ArgumentParser(prog="uv run benchmarks/soak.py", description=__doc__)
    parser.add_argument("--invocations", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--faults", type=float, default=0.01, help="the share with one (0.01)")
    parser.add_argument("--transport", choices=["all", *COMMANDS], default="all")
    parser.add_argument("--seed", type=int, default=1, help="what chooses the faults (1)")
    options = parser.parse_args()
    transports = list(COMMANDS) if options.transport == "all" else [options.transport]
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}\n\n"
        "| transport | invocations | with a fault | lost | doubled | wrong | log lines / refusals "
        "| memory, first to last quarter | descriptors, first to last | invocations a second |\n"
        "|---|---|---|---|---|---|---|---|---|---|"
    )
    problems: list[str] = []
    for transport in transports:
        outcome = soak(COMMANDS[transport], options.invocations, options.faults, options.seed)
        problems += (f"{transport}: {problem}" for problem in outcome.problems())
        print(
            f"| {transport} | {outcome.invocations} | {outcome.faults.total()} | {outcome.lost} "
            f"| {outcome.doubled} | {outcome.wrong} | {outcome.log_lines} / {outcome.refusals} "
            f"| {outcome.quarter(0):.1f} to {outcome.quarter(3):.1f} MiB "
            f"| {outcome.descriptors[0]} to {outcome.descriptors[-1]} "
            f"| {outcome.invocations / outcome.seconds:.0f} |",
            flush=True,
        )
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
