"""An execution environment: a function's process, and the invocations that it works on.

It lives as on Lambda. The process starts before the first invocation; one that fails or takes too
long is ended, and another starts within the next invocation, whose time that costs.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html

On Lambda Managed Instances an environment works on several invocations at a time. One that takes
too long is given up there, and its late answer refused, but the process goes on.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html
"""

import asyncio
from typing import TYPE_CHECKING, Literal

from . import _platform
from ._bus import Bus
from ._config import FunctionConfig
from ._invocation import EmulatedInvocation
from ._log import LogStream, Output
from ._platform import EnvironmentFailure, Usage
from ._publisher import Publisher
from ._report import Reported, Status
from ._sandbox import Sandbox
from ._start_phase import StartPhase
from ._time_limit import TimeLimit

if TYPE_CHECKING:
    from types import EllipsisType

EnvironmentState = Literal["starting", "idle", "busy", "frozen", "stopped"]

_ENDED = "Runtime.ExitError"


class EmulatedEnvironment:
    """Runs as many invocations of a function at a time as it has capacity.

    Attributes:
        capacity: The number of invocations that it may have at a time; 1 except for Managed
            Instances.
        active: The number of invocations without a response; kept by its user.
        pending: The number of invocations without a report; the same.
        tenant: The one tenant whose invocations it runs. None stands for invocations without a
            tenant, ``...`` for an environment that has run none.
    """

    def __init__(self, config: FunctionConfig, output: Output, bus: Bus) -> None:
        """Prepare to run a function.

        Args:
            config: The function, and how it is run.
            output: Takes its log.
            bus: The bus for its events.
        """
        self.capacity = config.function.max_concurrency or 1
        self.active = self.pending = 0
        self.tenant: str | EllipsisType | None = ...
        self._managed = config.function.max_concurrency is not None
        self._snap_start = config.function.snap_start
        self._config = config
        self._publisher = Publisher(config.function.name, bus)
        self._sandbox = Sandbox(config, LogStream(config, output, self._on_log))
        self._start = StartPhase(config, self._sandbox, self._freeze)
        # Held by the invocation that runs; on Managed Instances only while a process starts.
        self._turn = asyncio.Lock()
        self._current: EmulatedInvocation | None = None

    @property
    def state(self) -> EnvironmentState:
        """The current state; a stopped environment starts with its next invocation."""
        if not self._start.is_done:
            return "starting"
        if self.pending:
            return "busy"
        if not self._sandbox.has_process:
            return "stopped"
        return "frozen" if self._config.freeze else "idle"

    @property
    def tenant_id(self) -> str | None:
        """The tenant whose invocations it runs, or None."""
        return None if self.tenant is ... else self.tenant

    @property
    def pid(self) -> int | None:
        """The id of the function's process, or None if there is none now."""
        process = self._sandbox.process
        return process.pid if process is not None and self._sandbox.has_process else None

    @property
    def memory_mb(self) -> int | None:
        """The memory of the process now, in MB; None where the system does not report it."""
        process = self._sandbox.process
        return process.resident_mb() or None if process is not None else None

    def has_room(self, tenant: str | None) -> bool:
        """Return whether it can take an invocation.

        Args:
            tenant: The tenant that it is for, or None.
        """
        return self.active < self.capacity and self.tenant in (tenant, ...)

    def start(self) -> None:
        """Begin the init phase, unless that was done."""
        self._start.begin()

    async def launched(self) -> None:
        """Wait until the process of the init phase was started, or could not be.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        await self._start.launched()

    async def initialized(self) -> EnvironmentFailure | None:
        """Wait for the end of the init phase.

        Returns:
            The failure, or None. The next invocation tries again, in its own time.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        return await self._start.ended()

    def accept(self, invocation: EmulatedInvocation) -> None:
        """Give a function that waits the event at once: its log can be written while it works.

        Args:
            invocation: The one to `run` next.
        """
        sandbox = self._sandbox
        ready = self._start.is_done and sandbox.has_process and not self._turn.locked()
        if ready and not (self._snap_start and sandbox.has_snapshot):
            self._begin(invocation)
            self._hand_over(invocation)

    async def run(self, invocation: EmulatedInvocation) -> None:
        """Serve an invocation until its report is written.

        Args:
            invocation: Gets the response and the report.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        if not self._managed:
            async with self._turn:  # the one before has still to be reported
                await self._serve(invocation, await self._submit(invocation))
        elif invocation.submitted:
            await self._serve(invocation, None)
        else:
            async with self._turn:
                failure = await self._submit(invocation)
            await self._serve(invocation, failure)

    async def close(self) -> None:
        """End the function, whatever it is doing."""
        await self._start.cancel()
        await self._sandbox.close()
        await self._publisher.close()

    def _begin(self, invocation: EmulatedInvocation) -> TimeLimit:
        """Note that an invocation begins: its time runs."""
        if not self._managed:
            self._current = invocation
        invocation.limit = limit = TimeLimit(invocation.timeout)
        invocation.start_clock()
        self._publisher.invoked(invocation)
        return limit

    def _hand_over(self, invocation: EmulatedInvocation) -> None:
        sandbox = self._sandbox
        if not self._managed:
            if self._config.freeze and sandbox.process is not None:
                sandbox.process.thaw()
            sandbox.drain()
            sandbox.log.clear_tail()
        sandbox.api.submit(invocation)
        invocation.submitted = True

    async def _submit(self, invocation: EmulatedInvocation) -> EnvironmentFailure | None:
        """Give the function the event, and start it for that; return why it could not start."""
        if invocation.submitted:
            return None
        await self.initialized()
        failure = await self._start.restore()
        limit = None if self._managed else self._begin(invocation)
        if not self._sandbox.has_process and failure is None:
            failure = await self._start.restart(limit)
        if limit is None:
            self._begin(invocation)
        invocation.failure = failure
        self._hand_over(invocation)
        return failure

    async def _serve(
        self, invocation: EmulatedInvocation, failure: EnvironmentFailure | None
    ) -> None:
        sandbox, function = self._sandbox, self._config.function
        limit = invocation.limit or TimeLimit(function.timeout)
        init_duration, restore_duration = self._start.take_durations()
        sandbox.write(_platform.start(function, invocation.request_id), drain=False)
        if failure is None:
            failure = await self._wait_for_end(invocation, limit)
        duration, memory = limit.spent(), 0
        if sandbox.process is not None and not self._managed:
            memory = await sandbox.process.measure()
        if failure is not None:
            await self._fail(invocation, failure)
        usage = Usage(duration, function.memory_mb, memory, init_duration, restore_duration)
        await self._report(invocation, usage, failure)
        if not self._managed:
            self._current = None
            self._freeze()

    async def _wait_for_end(
        self, invocation: EmulatedInvocation, limit: TimeLimit
    ) -> EnvironmentFailure | None:
        """Wait for the response; until the function asks for more, its time is the invocation's."""
        sandbox = self._sandbox
        if sandbox.extensions.registered:
            sandbox.extensions.announce(invocation.headers)
        if self._managed:
            return await sandbox.until(invocation, limit)
        failure = await sandbox.until(sandbox.work(invocation), limit)
        if failure is not None and failure.status == "error" and invocation.state == "queued":
            # It had ended, unnoticed, before this was asked for: another process gets it.
            failure = await self._start.restart(limit)
            if failure is None:
                failure = await sandbox.until(sandbox.work(invocation), limit)
        return failure

    async def _fail(self, invocation: EmulatedInvocation, failure: EnvironmentFailure) -> None:
        """End an invocation without the function, and as a rule the process with it."""
        invocation.failure = failure
        api, payload = self._sandbox.api, failure.payload(invocation.request_id)
        timed_out = failure.status == "timeout"
        ends_process = not self._managed or not (timed_out or invocation.state == "done")
        if failure.error_type != _ENDED:  # which the Runtime API reports, when its process ends
            api.time_out(invocation, payload)
        if ends_process:
            await self._sandbox.discard(failure.reason, "timeout" if timed_out else "failure")
            api.time_out(invocation, payload)  # if no process got as far as to ask for it

    async def _report(
        self, invocation: EmulatedInvocation, usage: Usage, failure: EnvironmentFailure | None
    ) -> None:
        """Write the report of an invocation that is done."""
        sandbox, request_id = self._sandbox, invocation.request_id
        status: Status = "failure" if invocation.error_type else "success"
        if failure is not None:
            status = failure.status
        size = len(invocation.payload)
        sandbox.write(
            _platform.runtime_done(request_id, usage.duration, size, status, failure),
            _platform.report(request_id, usage, status, failure, managed=self._managed),
        )
        init = usage.init_duration
        report = Reported(
            function=self._config.function.name,
            request_id=request_id,
            status=status,
            error_type=invocation.error_type,
            duration_ms=round(usage.duration * 1000, 3),
            billed_ms=usage.billed_ms,
            memory_mb=usage.memory_size,
            peak_memory_mb=usage.peak_memory,
            init_ms=None if init is None else round(init * 1000, 3),
        )
        invocation.end(report, sandbox.log.tail)
        await self._publisher.reported(invocation, report)

    def _freeze(self) -> None:
        if self._config.freeze and self._sandbox.process is not None:
            self._sandbox.process.freeze()

    def _on_log(self, data: bytes, *, platform: bool) -> None:
        self._publisher.logged(self._current, data, platform=platform)
