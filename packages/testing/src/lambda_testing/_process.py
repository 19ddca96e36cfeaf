"""A function in a process of its own: the program that is deployed, under a Runtime API."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack

from lambda_runtime import in_process

from ._fake import FakeRuntimeAPI
from ._launch import command_of, confined, environment_of
from ._logs import parse_logs
from ._result import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from ._event import InvocationOptions
    from ._function import Function
    from ._invocation import Invocation
    from ._launch import Target
    from ._outcome import Outcome

_SHOWN = 4000  # characters of the log in a message


class LambdaProcess:
    """A function that runs in a process of its own, started anew whenever Lambda would.

    Whatever speaks the Runtime API can be run, in any language. Invocations may be made from
    several threads; a function without `max_concurrency` works on one after the other.

    Attributes:
        api: The Runtime API that the process talks to: for faults, and to see its requests.
        command: The command that runs.
        function: What Lambda knows of the function.
    """

    def __init__(
        self,
        target: Target,
        *,
        function: Function,
        output: Path,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        runtime: str = "lambda_runtime",
        import_paths: Iterable[str] = (),
        limited: bool = False,
        read_only: bool = False,
        wait: float = 30,
    ) -> None:
        """Start a function.

        Args:
            target: ``"module.handler"``, the path of a Python program, or a command with its
                arguments, such as ``["./bootstrap"]``.
            function: What Lambda knows of the function.
            output: The file for what it writes to standard output and standard error.
            env: Environment variables of the function's own. It gets Lambda's, and few of the
                machine's, such as ``PATH``.
            cwd: The folder of its code, where it starts; the current one by default.
            runtime: The module that serves ``"module.handler"``, such as ``"awslambdaric"``.
            import_paths: Folders that it can import from.
            limited: Whether it may allocate its memory size and no more, and have 1,024 files open.
                Linux only.
            read_only: Whether it may write below ``/tmp`` only. Linux only.
            wait: How long an invocation may take before a test fails, in seconds, its start
                included.

        Raises:
            NotImplementedError: There are no such limits on this system.
            OSError: The command cannot be run.
            ValueError: There is no such program.
        """
        directory = Path(cwd or ".").absolute()
        self.function = function
        command, handler = command_of(target, runtime, directory)
        self.command = confined(
            command,
            memory_mb=function.memory_mb if limited else None,
            writable=Path("/tmp") if read_only else None,  # noqa: S108 (it is Lambda's)
        )
        self.api = FakeRuntimeAPI(function=function)
        self._environment = {
            **environment_of(
                function,
                self.api.environment(),
                handler=handler,
                directory=directory,
                import_paths=import_paths,
            ),
            **(env or {}),
        }
        self._directory = directory
        self._wait = wait
        self._output = output
        self._lock = threading.Lock()
        self._closing = False
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: threading.Thread | None = None
        self._exited = threading.Event()
        self._exit_code: int | None = None
        self._started = 0.0
        self._log_start = 0
        self._fresh = True
        try:
            output.touch()
            with self._lock:
                self._start()
        except BaseException:
            self.api.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The command, for messages."""
        return shlex.join(self.command)

    @property
    def pid(self) -> int | None:
        """The id of the process, None if it has ended."""
        process = self._process
        return process.pid if process is not None and not self._exited.is_set() else None

    @property
    def exit_code(self) -> int | None:
        """How the last process ended, negative for a signal; None while one runs."""
        return self._exit_code if self._exited.is_set() else None

    @property
    def output(self) -> str:
        """All that the function has written so far, to standard output and standard error."""
        return self._output.read_bytes().decode("utf-8", "replace")

    @property
    def logs(self) -> list[Any]:
        """All records that the function has logged so far: decoded if they are JSON, else text."""
        return parse_logs(self.output)

    def invoke(
        self,
        event: object,
        *,
        wait: float | None = None,
        timeout: float | None = None,
        **options: Unpack[InvocationOptions],
    ) -> Result:
        """Invoke the function, and wait for what becomes of it.

        An invocation that is not over at its deadline ends as Lambda ends it: the process is
        killed, and another one started for the next.

        Args:
            event: The event: bytes are sent as they are, anything else as JSON; attrs classes and
                dataclasses are encoded.
            wait: The longest wait, in seconds, the start of the process included.
            timeout: Seconds that it may take once the function has it; the function's by default.
            **options: See `InvocationOptions`.

        Returns:
            What became of it. Its log is what was written meanwhile, by others too where several
            are worked on at a time.

        Raises:
            OSError: The command cannot be run again.
            TimeoutError: It was not over in time; the message has the function's log.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        logged = self._output.stat().st_size
        invocation = self.enqueue(event, timeout=timeout, **options)
        outcome = self._wait_for(invocation, self._wait if wait is None else wait)
        with self._lock:
            delivered = outcome.delivered
            first = self._fresh and delivered is not None and delivered >= self._started
            self._fresh = self._fresh and not first
            init_duration = self._init_duration() if first else None
            if first or delivered is None:  # the start's log is its own
                logged = min(logged, self._log_start)
        with self._output.open("rb") as output:
            output.seek(logged)
            written = output.read().decode("utf-8", "replace")
        duration = 0.0 if delivered is None else outcome.answered - delivered
        return Result(outcome, written, duration=duration, init_duration=init_duration)

    def enqueue(
        self,
        event: object,
        *,
        timeout: float | None = None,
        keep_body: bool = True,
        paused: bool = False,
        **options: Unpack[InvocationOptions],
    ) -> Invocation:
        """Queue an invocation, and start the process if there is none.

        Args:
            event: The event, as for `invoke`.
            timeout: Seconds that it may take; who only queues has to end it, with
                `FakeRuntimeAPI.time_out`.
            keep_body: Whether to keep the bytes of a streamed response, or only to count them.
            paused: Whether to leave a streamed response unread until `Invocation.resume`.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, to wait for or to await.

        Raises:
            OSError: The command cannot be run again.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        body = event if isinstance(event, bytes) else in_process.encode(event)
        with self._lock:
            invocation = self.api.enqueue(
                body, timeout=timeout, keep_body=keep_body, paused=paused, **options
            )
            if self._exited.is_set():
                self._start()
        return invocation

    def freeze(self) -> None:
        """Stop the process where it is, as Lambda does between two invocations.

        One that has answered is given the time to ask for the next invocation first: only then
        Lambda takes it to be at rest. One that works on an invocation is stopped in the middle.

        Raises:
            ProcessLookupError: It has ended.
            TimeoutError: It has answered, and does not ask for more.
        """
        self._come_to_rest(self._wait)
        self._signal(signal.SIGSTOP)
        if hasattr(os, "waitid") and self.pid is not None:
            os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """Let a frozen process go on.

        Raises:
            ProcessLookupError: It has ended.
        """
        self._signal(signal.SIGCONT)

    def shut_down(self, grace: float = 2.0) -> int:
        """End the process as Lambda ends an environment: SIGTERM, and SIGKILL for one that stays.

        One that has answered is given the time to ask for the next invocation first, as `freeze`
        does, but no more than `grace`.

        Args:
            grace: Seconds between the two. Lambda grants half a second to a runtime that is an
                internal extension, 2 seconds where there are external ones, and else none.

        Returns:
            The exit code, negative for a signal.
        """
        # A signal between two polls could come just before a `recv`, which Python then would not
        # leave to tell the function.
        with suppress(TimeoutError):
            self._come_to_rest(grace)
        with suppress(ProcessLookupError):
            self._signal(signal.SIGTERM)
        if not self._exited.wait(grace):
            self.kill()
        return self.wait_for_exit()

    def kill(self) -> None:
        """End the process, and all that it has started, at once."""
        with suppress(ProcessLookupError):
            self._signal(signal.SIGKILL)

    def wait_for_exit(self, timeout: float = 30) -> int:
        """Block until the process has ended.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            The exit code, negative for a signal.

        Raises:
            TimeoutError: It still runs; the message has its log.
        """
        if not self._exited.wait(timeout):
            raise TimeoutError(f"the function still runs after {timeout:g} s\n{self._tail()}")
        assert self._exit_code is not None  # noqa: S101 (it is set before the event)
        return self._exit_code

    def close(self) -> None:
        """End the process, and the Runtime API."""
        with self._lock:
            self._closing = True
        self.kill()
        if self._watch is not None:
            self._watch.join()
        self.api.close()

    def _start(self) -> None:
        """Start a process; the lock is held."""
        with self._output.open("ab") as output:
            self._log_start = output.tell()
            self._started = time.monotonic()
            self._process = subprocess.Popen(  # noqa: S603 (the test's own program)
                self.command,
                cwd=self._directory,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        self._fresh = True
        self._exited.clear()
        self._watch = threading.Thread(
            target=self._watch_over, args=(self._process,), name="LambdaProcess", daemon=True
        )
        self._watch.start()

    def _watch_over(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the end of a process, and do what Lambda does then."""
        if hasattr(os, "waitid"):  # not reaped yet, its id is nobody else's
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            with suppress(ProcessLookupError, PermissionError):  # macOS says that of the dead
                os.killpg(process.pid, signal.SIGKILL)  # what it has started ends with it
            self._exit_code = process.wait()
            self._exited.set()
            self.api.process_exited(_exit_reason(self._exit_code))
            if not self._closing and self.api.queued:
                self._start()

    def _come_to_rest(self, timeout: float) -> None:
        """Wait until a process that has answered asks for the next invocation."""
        if self.api.state == "RuntimeResponseSentState" and not self._exited.is_set():
            self.api.wait_for_poll(timeout)

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            if self._process is None or self._exited.is_set():
                raise ProcessLookupError("the function's process has ended")
            os.killpg(self._process.pid, number)

    def _wait_for(self, invocation: Invocation, wait: float) -> Outcome:
        """Wait for an outcome, and see to it that there is one at the deadline."""
        end = time.monotonic() + wait
        while True:
            now = time.monotonic()
            deadline = (invocation.delivered or now) + invocation.timeout
            if invocation.delivered is not None and now >= deadline:
                self._time_out(invocation)
                deadline = end
            try:
                return invocation.wait(max(0.0, min(deadline, end) - now))
            except TimeoutError:
                if time.monotonic() < end:
                    continue
                said = invocation._overdue(wait)  # noqa: SLF001 (ours)
                raise TimeoutError(f"{said}\n{self._tail()}") from None

    def _time_out(self, invocation: Invocation) -> None:
        self.api.time_out(invocation)
        if self.function.max_concurrency is None:  # there, other invocations go on
            self.kill()

    def _init_duration(self) -> float | None:
        """Return the time from the start of the process to its first poll, in seconds."""
        for request in self.api.requests:
            if request.time >= self._started and request.path.endswith("/invocation/next"):
                return request.time - self._started
        return None

    def _tail(self) -> str:
        return f"its log:\n{self.output[-_SHOWN:]}"


def _exit_reason(code: int) -> str:
    """Say how a process ended, in Lambda's words."""
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    name = (signal.strsignal(-code) or str(-code)).partition(":")[0]  # macOS: "Killed: 9"
    return f"Runtime exited with error: signal: {name.lower()}"
