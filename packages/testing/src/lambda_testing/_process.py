"""A function in a process of its own: the program that is deployed, under a Runtime API."""

from __future__ import annotations

import shlex
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from lambda_runtime import in_process

from ._closing import Closing
from ._deadline import wait_until_deadline
from ._fake import FakeRuntimeAPI
from ._launch import command_of, confined, environment_of
from ._logs import parse_logs
from ._result import Result
from ._supervised import SupervisedProcess
from .contract import exit_reason

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from ._event import InvocationOptions
    from ._function import Function
    from ._invocation import Invocation
    from ._launch import Target
    from ._outcome import Outcome

_SHOWN = 4000  # characters of the log in a message


class LambdaProcess(Closing):
    """A function in a process of its own, restarted whenever Lambda would restart it.

    Anything that speaks the Runtime API can run, in any language. Invocations may be made from
    several threads; a function without `max_concurrency` works on one after the other.

    Attributes:
        api: The Runtime API that the process talks to: for faults, and to see its requests.
        command: The command that runs.
        function: The configuration of the function.
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
            function: The configuration of the function.
            output: The file for its standard output and standard error.
            env: Environment variables of the function's own. It gets Lambda's, and few of the
                machine's, such as ``PATH``.
            cwd: The folder of its code, where it starts; the current one by default.
            runtime: The module that serves ``"module.handler"``, such as ``"awslambdaric"``.
            import_paths: Folders that it can import from.
            limited: True to let it allocate its memory size and no more, and open 1,024 files.
                Linux only.
            read_only: True to let it write below ``/tmp`` only. Linux only.
            wait: The time limit of an invocation, in seconds, its start included; a test fails
                after it.

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
        variables = environment_of(
            function,
            self.api.environment(),
            handler=handler,
            directory=directory,
            import_paths=import_paths,
        )
        self._process = SupervisedProcess(
            self.command,
            directory=directory,
            environment={**variables, **(env or {})},
            output=output,
            on_exit=self._on_exit,
        )
        self._wait = wait
        self._invoked: float | None = None  # the start of the process that was last invoked
        try:
            output.touch()
            with self._process.lock:
                self._process.start()
        except BaseException:
            self.api.close()
            raise

    @property
    def name(self) -> str:
        """The command, for messages."""
        return shlex.join(self.command)

    @property
    def pid(self) -> int | None:
        """The id of the process, None if it has ended."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code of the last process, negative for a signal; None while one runs."""
        return self._process.exit_code

    @property
    def output(self) -> str:
        """All that the function has written so far, to standard output and standard error."""
        return self._process.read_output()

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
        """Invoke the function, and wait for the result.

        An invocation that is not over at its deadline ends as Lambda ends it: the process is
        killed, and another one started for the next.

        Args:
            event: The event: bytes are sent as they are, anything else as JSON; attrs classes and
                dataclasses are encoded.
            wait: The longest wait, in seconds, the start of the process included.
            timeout: Seconds that it may take once the function has it; the function's by default.
            **options: See `InvocationOptions`.

        Returns:
            The result. Its log is all that was written meanwhile, by other invocations too if the
            function works on several at a time.

        Raises:
            OSError: The command cannot be run again.
            TimeoutError: It was not over in time; the message has the function's log.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        process = self._process
        output_start = process.output.stat().st_size
        invocation = self.enqueue(event, timeout=timeout, **options)
        outcome = self._outcome_of(invocation, self._wait if wait is None else wait)
        delivered = outcome.delivered
        with process.lock:
            has_started = delivered is not None and delivered >= process.started
            is_first = has_started and self._invoked != process.started
            if is_first:
                self._invoked = process.started
            init_duration = self._init_duration() if is_first else None
            if is_first or delivered is None:  # the start's log is its own
                output_start = min(output_start, process.output_start)
        written = process.read_output(output_start)
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
            timeout: Seconds that it may take; a caller that only queues ends it
                with `FakeRuntimeAPI.time_out`.
            keep_body: True to keep the bytes of a streamed response, False to only count them.
            paused: True to leave a streamed response unread until `Invocation.resume`.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, to wait for or to await.

        Raises:
            OSError: The command cannot be run again.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        body = event if isinstance(event, bytes) else in_process.encode(event)
        with self._process.lock:
            invocation = self.api.enqueue(
                body, timeout=timeout, keep_body=keep_body, paused=paused, **options
            )
            if not self._process.is_running:
                self._process.start()
        return invocation

    def freeze(self) -> None:
        """Stop the process where it is, as Lambda does between two invocations.

        One that has responded is given the time to poll first: only then it is idle for Lambda. One
        that works on an invocation is stopped in the middle.

        Raises:
            ProcessLookupError: It has ended.
            TimeoutError: It has responded, and does not poll.
        """
        self._wait_until_idle(self._wait)
        self._process.signal(signal.SIGSTOP)
        self._process.wait_until_stopped()

    def thaw(self) -> None:
        """Let a frozen process continue.

        Raises:
            ProcessLookupError: It has ended.
        """
        self._process.signal(signal.SIGCONT)

    def shut_down(self, grace: float = 2.0) -> int:
        """End the process as Lambda ends an environment: SIGTERM, then SIGKILL if it still runs.

        One that has responded is given the time to poll first, as by `freeze`, but no more than
        `grace`.

        Args:
            grace: Seconds between the two. Lambda grants half a second to a runtime that is an
                internal extension, 2 seconds where there are external ones, and else none.

        Returns:
            The exit code, negative for a signal.
        """
        # A signal between two polls could come just before a `recv`, which Python then would not
        # leave to report to the function.
        with suppress(TimeoutError):
            self._wait_until_idle(grace)
        with suppress(ProcessLookupError):
            self._process.signal(signal.SIGTERM)
        if self._process.wait(grace) is None:
            self.kill()
        return self.wait_for_exit()

    def kill(self) -> None:
        """End the process, and all that it has started, at once."""
        with suppress(ProcessLookupError):
            self._process.signal(signal.SIGKILL)

    def wait_for_exit(self, timeout: float = 30) -> int:
        """Block until the process has ended.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            The exit code, negative for a signal.

        Raises:
            TimeoutError: It still runs; the message has its log.
        """
        exit_code = self._process.wait(timeout)
        if exit_code is None:
            raise TimeoutError(f"the function still runs after {timeout:g} s\n{self._tail()}")
        return exit_code

    def close(self) -> None:
        """End the process, and the Runtime API."""
        self._process.close()
        self.api.close()

    def _on_exit(self, exit_code: int) -> bool:
        """Do what Lambda does when a process has ended; return whether it starts another."""
        self.api.process_exited(exit_reason(exit_code))
        return self.api.queued > 0

    def _wait_until_idle(self, timeout: float) -> None:
        """Wait until a process that has responded asks for the next invocation."""
        if self.api.state == "RuntimeResponseSentState" and self._process.is_running:
            self.api.wait_for_poll(timeout)

    def _outcome_of(self, invocation: Invocation, wait: float) -> Outcome:
        def time_out() -> None:
            self.api.time_out(invocation)
            if self.function.max_concurrency is None:  # there, other invocations go on
                self.kill()

        try:
            return wait_until_deadline(invocation, wait, time_out)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self._tail()}") from None

    def _init_duration(self) -> float | None:
        """Return the time from the start of the process to its first poll, in seconds."""
        for request in self.api.requests:
            if request.time >= self._process.started and request.path.endswith("/invocation/next"):
                return request.time - self._process.started
        return None

    def _tail(self) -> str:
        return f"its log:\n{self.output[-_SHOWN:]}"
