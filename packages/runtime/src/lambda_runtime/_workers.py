"""Worker processes for Lambda Managed Instances, which give one environment many invocations.

The first process imports the function and forks the workers, so that they share its memory; then
it only supervises them: it replaces a worker that has died, answers the callers of the invocations
that were in flight, and passes signals on. It sleeps in between.

Contract: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial

# By name, and before the function's code is imported: gevent replaces what the module has.
from os import WNOHANG, kill, waitpid
from signal import SIGCHLD, SIGINT, SIGKILL, SIGTERM
from time import monotonic

from ._delivery import deliver, exchange
from ._failure import Failure
from ._fork_safety import fork_hazards
from ._invocation import Invocation, error_request
from ._json import encode
from ._shutdown import forks
from ._signals import SignalInbox
from ._worker import hold, work
from ._worker_process import WorkerProcess, spawn
from .contract import exit_reason
from .errors import Fault, RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable, Iterator, Sequence
    from typing import NoReturn

    from lambda_logging import PlatformLog

    from ._duplicates import PendingPoll
    from ._environment import Environment
    from ._in_flight import Note
    from ._transport import Transport
    from ._worker import Worker

_MOST_EARLY_DEATHS = 5
_FIRST_DELAY = 0.1
# A process closes its end a moment before it can be waited for.
_DEATH_CHECK = 0.02
_DEATH_CHECKS = 100


def processes(concurrency: int, *, asynchronous: bool) -> list[int]:
    """Divide the invocations that an environment may have in flight among processes.

    Args:
        concurrency: The highest number of invocations at a time: ``AWS_LAMBDA_MAX_CONCURRENCY``.
        asynchronous: True if one process can have several in flight, as an ``async def`` handler's
            can. Then there are no more processes than processors.

    Returns:
        The number of pollers of each process, one item a process.
    """
    if not asynchronous:
        return [1] * concurrency
    count = min(_processors(), concurrency)
    each, more = divmod(concurrency, count)
    return [each + 1] * more + [each] * (count - more)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))  # a container may have fewer than the machine
    return os.cpu_count() or 1


def supervise(
    pollers: Sequence[int],
    serve: Callable[[Worker], NoReturn],
    log: PlatformLog,
    transport: Transport,
    environment: Environment,
    *,
    grace: float = 0.4,
    settled: float = 5.0,
) -> NoReturn:
    """Run worker processes, and keep them running, for as long as this process lives.

    Call it in the main thread, when the function is imported. Where forks of this process would
    not be safe, the workers are fresh processes that run the same program again:
    `worker_from_description` makes workers of them.

    A worker that dies is replaced: at once if it had lived for long, else after a delay that
    doubles each time. Signals reach each worker once, through this process, and have the handlers
    that the function's code has set.

    Args:
        pollers: The number of pollers of each worker, as `processes` returns them.
        serve: The work of a forked worker, which never returns.
        log: Gets the deaths of workers, and what is done about them.
        transport: The supervisor's own way to the Runtime API, connected only to answer the callers
            of a dead worker.
        environment: The settings of the execution environment.
        grace: Seconds that workers have to end by themselves after SIGTERM or SIGINT.
        settled: Seconds after which a worker has lived for long.

    Raises:
        SystemExit: Always, in the end: with 0 after SIGTERM, 130 after SIGINT, and 1 when one
            worker after the other died soon after its start. The workers are dead by then.
    """
    # The runtime's own connection to the Runtime API is the supervisor's, and no fork uses it.
    hazards = fork_hazards(ours=environment.api)
    if hazards:
        log.write(
            "WARN",
            "Each worker imports the function again, because forks of this process would not be "
            f"safe: {'; '.join(hazards)}. To have the import shared, start threads and open "
            "connections in the handler, when it first needs them.",
        )
    event = {
        "event": "runtime_worker_pool_initializing",
        "workerCount": len(pollers),
        "executionEnvironmentMaxConcurrency": sum(pollers),
    }
    log.write("DEBUG", encode(event).decode())
    log.flush()  # or each fork would have a copy of what is buffered
    pool = _Pool(pollers, None if hazards else serve, log, transport, environment, settled)
    code = pool.run(grace)
    if hazards:
        log.flush()
        os._exit(code)  # a thread of the function's code must not keep the process
    sys.exit(code)


class _Pool:
    """All worker processes."""

    def __init__(
        self,
        pollers: Sequence[int],
        serve: Callable[[Worker], NoReturn] | None,
        log: PlatformLog,
        transport: Transport,
        environment: Environment,
        settled: float,
    ) -> None:
        self._serve = serve
        self._log = log
        self._transport = transport
        self._environment = environment
        self._settled = settled
        self._processes = [
            WorkerProcess(index, count, forked=serve is not None)
            for index, count in enumerate(pollers)
        ]
        self._abandoned: list[PendingPoll] = []
        forks.in_child.append(self._release)

    def run(self, grace: float) -> int:
        """Keep the workers running; return the exit code when there is no more reason to."""
        inbox = SignalInbox((SIGTERM, SIGINT, SIGCHLD))
        try:
            while True:
                timeout = self._start_due(inbox)
                if self._report_late_events():
                    continue
                signals = inbox.wait(self._until_check(timeout), self._descriptors())
                for number, code in ((SIGTERM, 0), (SIGINT, 130)):
                    if number in signals:
                        self._end(number, grace, inbox)
                        return code
                for process, status in self._reap():
                    self._handle_death(process, _reason(status))
                if any(p.early_deaths >= _MOST_EARLY_DEATHS for p in self._processes):
                    self._log.write(
                        "FATAL",
                        f"A worker has ended {_MOST_EARLY_DEATHS} times in a row within "
                        f"{self._settled:g} s of its start. This environment is given up.",
                    )
                    self._end(SIGTERM, grace, inbox)
                    return 1
        finally:
            inbox.close()

    def _start_due(self, inbox: SignalInbox) -> float | None:
        """Start what is due; return the seconds until there is more to start."""
        now = monotonic()
        for process in self._processes:
            if not process.pid and process.due <= now:
                try:
                    self._start(process, inbox)
                except OSError as error:
                    self._handle_death(process, str(error))
        dues = [process.due for process in self._processes if not process.pid]
        return max(0.0, min(dues) - monotonic()) if dues else None

    def _start(self, process: WorkerProcess, inbox: SignalInbox) -> None:
        process.started = monotonic()
        process.checks = 0
        reader, process.lifeline = os.pipe()
        try:
            control = process.duplicates.open()
            try:
                if self._serve is None:
                    process.pid = spawn(process, reader, control.fileno(), self._environment)
                else:
                    begin = partial(self._begin, process, reader, control, os.getpid(), self._serve)
                    process.pid = inbox.fork(begin)
            finally:
                control.close()
        finally:
            os.close(reader)

    def _begin(
        self,
        process: WorkerProcess,
        reader: int,
        control: socket,
        supervisor: int,
        serve: Callable[[Worker], NoReturn],
    ) -> NoReturn:
        """Become a worker, in the process that was forked for it."""
        os.setpgid(0, 0)
        self._release()
        forks.in_child.clear()
        hold(reader, supervisor)
        log_socket = self._environment.log_socket
        work(process.index, process.memory, self._log, serve, log_socket, control)

    def _release(self) -> None:
        """Let go of what only the supervisor may have."""
        for process in self._processes:
            process.release()
        for poll in self._abandoned:
            poll.close()

    def _reap(self) -> Iterator[tuple[WorkerProcess, int | None]]:
        """Yield the workers that have died, with the status of each; None if it is not known."""
        for process in self._processes:
            # One by one: the function's code may have child processes of its own.
            if not process.pid:
                continue
            process.duplicates.receive()
            try:
                pid, status = waitpid(process.pid, WNOHANG)
            except ChildProcessError:  # code of the function's own has waited for it
                yield process, None
            else:
                if pid:
                    yield process, status

    def _descriptors(self) -> list[int]:
        """Return what may have input for the supervisor, besides signals."""
        found = [process.duplicates.descriptor for process in self._processes]
        found += [poll.fileno() for poll in self._abandoned]
        return [descriptor for descriptor in found if descriptor is not None]

    def _until_check(self, timeout: float | None) -> float | None:
        """Wait less where a worker has closed its end, and there may be no signal of its death."""
        for process in self._processes:
            if process.pid and process.duplicates.descriptor is None:
                process.checks += 1
                if process.checks <= _DEATH_CHECKS:
                    timeout = _DEATH_CHECK if timeout is None else min(timeout, _DEATH_CHECK)
        return timeout

    def _abandon(self, poll: PendingPoll) -> None:
        poll.give_up()
        self._abandoned.append(poll)

    def _report_late_events(self) -> bool:
        """Answer the callers of events that were sent to a worker that was dead already."""
        found = False
        for poll in self._abandoned:
            poll.receive()
            if poll.event is not None:
                found = True
                self._report(*poll.event, "its worker has ended before it could take it")
        self._abandoned = [poll for poll in self._abandoned if poll.is_open]
        return found

    def _handle_death(self, process: WorkerProcess, reason: str) -> None:
        """Log the death of a worker, answer its callers, and plan the next one."""
        lived = monotonic() - process.started
        process.early_deaths = process.early_deaths + 1 if lived < self._settled else 0
        delay = _FIRST_DELAY * 2 ** (process.early_deaths - 1) if process.early_deaths else 0
        lost = process.duplicates.lost(process.slots, process.arrivals, self._abandon)
        event = f"(process {process.pid}) has ended" if process.pid else "cannot be started"
        self._log.write("ERROR", f"Worker {process.index} {event}: {reason}.{_list(lost)}")
        process.release()
        for request_id, invocation_id in lost:
            if request_id:
                self._report(request_id, invocation_id, reason)
        process.due = monotonic() + delay

    def _report(self, request_id: str, invocation_id: str | None, reason: str) -> None:
        """Report to the caller that an invocation was lost with its worker."""
        message = f"RequestId: {request_id} Error: {reason}"
        failure = Failure(Fault("Runtime.ExitError", message), request_id)
        headers = {
            "lambda-runtime-aws-request-id": request_id,
            "lambda-runtime-invocation-id": invocation_id or "",
        }
        invocation = Invocation(headers, b"")
        request = error_request(invocation, failure.body, failure.error_type, failure.cause)
        try:
            exchange(self._transport, request, deliver(request, self._log))
        except RuntimeAPIError as error:  # the workers will find out too, and end
            self._log.write("ERROR", str(error), request_id)
        finally:
            self._transport.close()  # no fork may share it

    def _end(self, number: int, grace: float, inbox: SignalInbox) -> None:
        """End all workers: with a signal, and after the time of grace with SIGKILL."""
        for process in self._processes:
            if process.pid:
                _kill(process.pid, number)
        end = monotonic() + grace
        while any(process.pid for process in self._processes):
            remaining = end - monotonic()
            if remaining <= 0:
                break
            inbox.wait(remaining)
            for process, _ in self._reap():
                process.release()
        for process in self._processes:
            if process.pid:
                _kill(process.pid, SIGKILL)
                with suppress(ChildProcessError):
                    waitpid(process.pid, 0)
                process.release()


def _kill(pid: int, number: int) -> None:
    # It may have ended, and code of the function's own may have waited for it.
    with suppress(ProcessLookupError):
        kill(pid, number)


def _reason(status: int | None) -> str:
    if status is None:
        return "its exit status went to other code, which had waited for it"
    return exit_reason(os.waitstatus_to_exitcode(status), core_dumped=os.WCOREDUMP(status))


def _list(lost: Sequence[Note]) -> str:
    if not lost:
        return ""
    names = [request_id or "one whose id is too long to be noted" for request_id, _ in lost]
    return f" Its invocations in flight are lost: {', '.join(names)}."
