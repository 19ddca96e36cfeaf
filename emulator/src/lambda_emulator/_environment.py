"""An execution environment: a function's process that works on one invocation at a time.

The rules of its life are Lambda's. The process starts before the first invocation; one that fails
or takes too long is ended, and another starts within the next invocation, whose time that costs.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import asyncio
import time

from lambda_testing import Invocation

from . import _platform
from ._bus import Bus
from ._call import Call, Head
from ._config import FunctionConfig
from ._init_phase import InitPhase
from ._log import Log, Output
from ._platform import Failure, Usage
from ._reporter import Reporter
from ._sandbox import Sandbox
from ._wait import Limit

# Callers are told of both in the same words: the Runtime API's, when its process ends.
_ENDED = frozenset({"Runtime.ExitError", "Runtime.OutOfMemory"})


class ExecutionEnvironment:
    """Runs one invocation of a function after the other.

    Attributes:
        init: Its init phase; when that fails, the next invocation tries again, in its own time.
        capacity: How many invocations it may have at a time.
        active: How many it has to answer; kept by who gives them to it.
        pending: How many have yet to be reported; the same.
    """

    capacity = 1

    def __init__(self, config: FunctionConfig, output: Output, bus: Bus) -> None:
        """Prepare to run a function.

        Args:
            config: What is run, and how.
            output: Where its log goes.
            bus: Told of what happens.
        """
        self.active = self.pending = 0
        self._turn = asyncio.Lock()
        self._config = config
        self._reporter = Reporter(config, bus)
        self._sandbox = Sandbox(config, Log(output, self._on_log), self._on_response)
        self._call: Call | None = None
        self._init_duration: float | None = None
        self.init = InitPhase(self._sandbox, self._initialize)

    def accept(self, call: Call) -> None:
        """Give a function that waits the event at once: its log can be written while it works.

        Args:
            call: What is to `run` next.
        """
        if self.init.ended and self._sandbox.has_process and not self.busy:
            self._begin(call)

    async def run(self, call: Call) -> None:
        """Serve a call until its report is written, after that of the one before.

        Args:
            call: Gets the answer and the report.
        """
        async with self._turn:
            await self.init.end()
            await self._run(call, call.limit or self._begin(call))

    @property
    def busy(self) -> bool:
        """Whether an invocation has not ended, even if it is answered."""
        return self._turn.locked()

    def _begin(self, call: Call) -> Limit:
        """Note that an invocation begins; a function that is there gets the event."""
        self._call = call
        self._reporter.invoked(call)
        call.limit = limit = Limit(self._config.function.timeout)
        call.options.setdefault("deadline_ms", int((time.time() + limit.seconds) * 1000))
        if self._sandbox.has_process:
            call.run_as(self._hand_over(call))
        return limit

    def _hand_over(self, call: Call) -> Invocation:
        sandbox = self._sandbox
        if self._config.freeze and sandbox.process is not None:
            sandbox.process.thaw()
        sandbox.drain()
        sandbox.log.forget()
        return sandbox.api.enqueue(call.event, **call.options)

    async def _run(self, call: Call, limit: Limit) -> None:
        sandbox, function = self._sandbox, self._config.function
        init_duration, self._init_duration = self._init_duration, None
        failure = None
        if (invocation := call.invocation) is None:
            failure = await self._restart(limit)
            invocation = self._hand_over(call)
            call.run_as(invocation)
        sandbox.write(_platform.start(function, call.request_id), drain=False)
        if failure is None:
            sandbox.extensions.announce(call.options)
            failure = await sandbox.until(self._work(call), limit)
            if failure is not None and failure.status == "error" and invocation.state == "queued":
                # It had ended, unnoticed, before this was asked for: another process gets it.
                failure = await self._restart(limit)
                if failure is None:
                    failure = await sandbox.until(self._work(call), limit)
        duration = limit.spent()
        memory = await sandbox.process.measure() if sandbox.process else 0
        if failure is not None:
            await self._fail(call, invocation, failure)
        usage = Usage(duration, function.memory_mb, memory, init_duration)
        await self._reporter.ended(call, sandbox, usage, failure, managed=False)
        self._call = None
        self._freeze()

    async def _work(self, call: Call) -> None:
        """Wait for the answer; until the function asks for more, its time is the invocation's."""
        await call.answer()
        await self._sandbox.idle()

    async def close(self) -> None:
        """End the function, whatever it is doing."""
        await self.init.cancel()
        await self._sandbox.close()
        await self._reporter.close()

    async def _initialize(self) -> Failure | None:
        limit = Limit(self._config.init_timeout)
        failure = await self._sandbox.initialize("init", limit)
        if failure is None:
            self._init_duration = limit.spent()
            self._freeze()
        return failure

    async def _restart(self, limit: Limit) -> Failure | None:
        """Start a process within an invocation; the one before, if any, has ended."""
        await self._sandbox.discard("")
        return await self._sandbox.initialize("invoke", limit)

    async def _fail(self, call: Call, invocation: Invocation, failure: Failure) -> None:
        """End the process, and the invocation with it."""
        payload = failure.payload(call.request_id)
        if failure.error_type not in _ENDED:
            self._sandbox.api.time_out(invocation, payload)
        timed_out = failure.status == "timeout"
        await self._sandbox.discard(failure.reason, "timeout" if timed_out else "failure")
        if invocation.state != "done":  # no process got as far as to ask for it
            self._sandbox.api.time_out(invocation, payload)

    def _freeze(self) -> None:
        if self._config.freeze and self._sandbox.process is not None:
            self._sandbox.process.freeze()

    def _on_response(self, request_id: str, head: Head) -> None:
        if self._call is not None and self._call.request_id == request_id:
            self._reporter.began(self._call, head)

    def _on_log(self, data: bytes, *, platform: bool) -> None:
        request_id = self._call.request_id if self._call else ""
        self._reporter.logged(request_id, data, platform=platform)
