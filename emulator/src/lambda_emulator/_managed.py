"""An execution environment of Lambda Managed Instances: one that works on several invocations.

An invocation that takes too long is given up, and its late answer refused, but the process goes on.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html
"""

import asyncio
import time

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


class ManagedEnvironment:
    """Runs several invocations of a function at a time.

    Attributes:
        init: Its init phase; when that fails, the next invocation tries again, in its own time.
        capacity: How many invocations it may have at a time.
        active: How many it has to answer; kept by who gives them to it.
        pending: How many have yet to be reported; the same.
        busy: Whether it had better be left alone; never.
    """

    busy = False

    def __init__(self, config: FunctionConfig, output: Output, bus: Bus) -> None:
        """Prepare to run a function.

        Args:
            config: What is run, and how; its function has a ``max_concurrency``.
            output: Where its log goes.
            bus: Told of what happens.
        """
        self.capacity = config.function.max_concurrency or 1
        self.active = self.pending = 0
        self._config = config
        self._reporter = Reporter(config, bus)
        self._sandbox = Sandbox(config, Log(output, self._on_log), self._on_response)
        self._calls: dict[str, Call] = {}
        self._starting = asyncio.Lock()
        self.init = InitPhase(self._sandbox, self._initialize)

    def accept(self, call: Call) -> None:
        """Give a function that is there the event at once.

        Args:
            call: What is to `run` next.
        """
        starting = not self.init.ended or self._starting.locked()
        if self._sandbox.has_process and not starting:
            self._begin(call)

    async def run(self, call: Call) -> None:
        """Serve a call until its report is written.

        Args:
            call: Gets the answer and the report.
        """
        sandbox, function = self._sandbox, self._config.function
        failure = None
        if (limit := call.limit) is None:
            await self.init.end()
            async with self._starting:
                failure = await self._ensure_process()
            limit = self._begin(call)
        sandbox.write(_platform.start(function, call.request_id), drain=False)
        if failure is None:
            sandbox.extensions.announce(call.options)
            failure = await sandbox.until(call.answer(), limit)
        if failure is not None:
            await self._fail(call, failure)
        usage = Usage(limit.spent(), function.memory_mb, 0, None)
        await self._reporter.ended(call, sandbox, usage, failure, managed=True)
        del self._calls[call.request_id]

    async def close(self) -> None:
        """End the function, whatever it is doing."""
        await self.init.cancel()
        await self._sandbox.close()
        await self._reporter.close()

    async def _initialize(self) -> Failure | None:
        return await self._sandbox.initialize("init", Limit(self._config.init_timeout))

    async def _ensure_process(self) -> Failure | None:
        """Start another process when the one before has ended."""
        if self._sandbox.has_process:
            return None
        await self._sandbox.discard("")
        return await self._sandbox.initialize("invoke", Limit(self._config.init_timeout))

    def _begin(self, call: Call) -> Limit:
        """Note that an invocation begins, and give the function the event."""
        self._calls[call.request_id] = call
        self._reporter.invoked(call)
        call.limit = limit = Limit(self._config.function.timeout)
        call.options.setdefault("deadline_ms", int((time.time() + limit.seconds) * 1000))
        call.run_as(self._sandbox.api.enqueue(call.event, **call.options))
        return limit

    async def _fail(self, call: Call, failure: Failure) -> None:
        """End the invocation; and with the process, all that it works on."""
        if failure.status == "error" and not call.answered:
            await self._sandbox.discard(failure.reason)
        if call.invocation is not None and not call.answered:
            self._sandbox.api.time_out(call.invocation, failure.payload(call.request_id))

    def _on_response(self, request_id: str, head: Head) -> None:
        if (call := self._calls.get(request_id)) is not None:
            self._reporter.began(call, head)

    def _on_log(self, data: bytes, *, platform: bool) -> None:
        self._reporter.logged("", data, platform=platform)
