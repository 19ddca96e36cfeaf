"""A command in a process of its own, which is started again after it has ended."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from ._clock import monotonic
from ._launch import COVERAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_GRACE = 2.0  # seconds


class SupervisedProcess:
    """A command in a process group of its own, one process at a time.

    Attributes:
        command: The command and its arguments.
        output: The file for the standard output and standard error of the processes.
        lock: Held while a process starts or is found to have ended.
        started: The start of the last process, in seconds of `time.monotonic`.
        output_start: The place in the file at which its output begins.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        output: Path,
        on_exit: Callable[[int], bool],
    ) -> None:
        """Prepare to start.

        Args:
            command: The command and its arguments.
            directory: The folder that it starts in.
            environment: All of its environment variables.
            output: The file for its output.
            on_exit: Called with the exit code of a process that has ended, the lock being held;
                returns whether another process is to start.
        """
        self.command = list(command)
        self.output = output
        self.lock = threading.Lock()
        self.started = 0.0
        self.output_start = 0
        self._directory = directory
        self._environment = environment
        self._on_exit = on_exit
        self._process: subprocess.Popen[bytes] | None = None
        self._exit_code: int | None = None
        self._exited = threading.Event()
        self._closing = False
        self._supervisor: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The id of the process, None if it has ended."""
        process = self._process
        return process.pid if process is not None and self.is_running else None

    @property
    def is_running(self) -> bool:
        """True until the last process has ended."""
        return self._process is not None and not self._exited.is_set()

    @property
    def exit_code(self) -> int | None:
        """The exit code of the last process, negative for a signal; None while one runs."""
        return self._exit_code if self._exited.is_set() else None

    def start(self) -> None:
        """Start a process; the lock is held.

        Raises:
            OSError: The command cannot be run.
        """
        with self.output.open("ab") as output:
            self.output_start = output.tell()
            self.started = monotonic()
            self._process = subprocess.Popen(  # noqa: S603 (the test's own program)
                self.command,
                cwd=self._directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        self._exited.clear()
        self._supervisor = threading.Thread(
            target=self._supervise, args=(self._process,), name="LambdaProcess", daemon=True
        )
        self._supervisor.start()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, and to those that it has started.

        Raises:
            ProcessLookupError: It has ended.
        """
        with self.lock:
            if self._process is None or self._exited.is_set():
                raise ProcessLookupError("the function's process has ended")
            os.killpg(self._process.pid, number)

    def wait_until_stopped(self) -> None:
        """Block until the process has stopped after a SIGSTOP, or has ended."""
        pid = self.pid
        if hasattr(os, "waitid") and pid is not None:
            with suppress(ChildProcessError):  # it has ended
                os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def wait(self, timeout: float) -> int | None:
        """Block until the process has ended; return its exit code, or None if it has not."""
        return self._exit_code if self._exited.wait(timeout) else None

    def read_output(self, start: int = 0) -> str:
        """Return what the processes have written so far, from a byte of the file on."""
        with self.output.open("rb") as output:
            output.seek(start)
            return output.read().decode("utf-8", "replace")

    def close(self) -> None:
        """Kill the process, and start no other.

        One whose coverage is measured may first write what it has covered.
        """
        with self.lock:
            self._closing = True
        with suppress(ProcessLookupError):
            if any(name in self._environment for name in COVERAGE):
                self.signal(signal.SIGTERM)
                self.signal(signal.SIGCONT)  # it may be frozen
                self._exited.wait(_GRACE)
            self.signal(signal.SIGKILL)
        if self._supervisor is not None:
            self._supervisor.join()

    def _supervise(self, process: subprocess.Popen[bytes]) -> None:
        if hasattr(os, "waitid"):  # not reaped yet, its id is nobody else's
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with self.lock:
            with suppress(ProcessLookupError, PermissionError):  # macOS says that of the dead
                os.killpg(process.pid, signal.SIGKILL)  # what it has started ends with it
            self._exit_code = process.wait()
            self._exited.set()
            if self._on_exit(self._exit_code) and not self._closing:
                self.start()
