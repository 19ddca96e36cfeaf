"""A function as a service: as many execution environments as it needs and may have."""

import asyncio
import uuid
from functools import partial
from types import TracebackType
from typing import Any, Self, Unpack

from lambda_testing import InvocationOptions

from ._bus import Bus, Kind
from ._call import Call
from ._config import FunctionConfig
from ._environment import ExecutionEnvironment
from ._log import Output
from ._managed import ManagedEnvironment
from ._platform import Failure
from ._queue import EventQueue

Environment = ExecutionEnvironment | ManagedEnvironment
_REPORT_SECONDS = 0.5  # at the end, for the report of an invocation that is answered


class Throttled(Exception):
    """All environments that a function may have are busy."""


class FunctionService:
    """Runs a function, from entering the context to leaving it.

    Attributes:
        config: What is run, and how.
        queue: What waits to be run asynchronously.
    """

    def __init__(self, config: FunctionConfig, output: Output, bus: Bus) -> None:
        """Prepare to run a function.

        Args:
            config: What is run, and how.
            output: Where its log goes.
            bus: Told of what happens.
        """
        self.config = config
        self.function = config.function
        self.queue = EventQueue(self)
        self._output = output
        self._bus = bus
        self._environments: list[Environment] = []
        self._retired: set[Environment] = set()
        self._calls: dict[asyncio.Task[None], Call] = {}
        self._closed = False
        self._freed = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Start the first environment.

        Raises:
            OSError: There is no port for its Runtime API.
        """
        environment = self._new_environment()
        await environment.init.begin()
        self._environments.append(environment)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the function, whatever it is doing."""
        self._closed = True
        await self.queue.close()
        if answered := [
            call.ended(_REPORT_SECONDS) for call in self._calls.values() if call.answered
        ]:
            await asyncio.gather(*answered)
        stopped = ConnectionAbortedError("the emulator was stopped")
        tasks = dict(self._calls)
        for task, call in tasks.items():
            task.cancel()
            call.abort(stopped)
        if tasks:
            await asyncio.wait(tasks)
        await asyncio.gather(*(each.close() for each in (*self._environments, *self._retired)))

    async def initialized(self) -> Failure | None:
        """Wait for the end of the first environment's init phase.

        Returns:
            Why it failed, or None. The first invocation tries again.
        """
        return await self._environments[0].init.end()

    def start(
        self,
        event: bytes,
        *,
        kind: Kind = "RequestResponse",
        attempt: int = 1,
        streamed: bool = False,
        **options: Unpack[InvocationOptions],
    ) -> Call:
        """Invoke the function.

        Args:
            event: The event, as JSON.
            kind: How it is asked for.
            attempt: How often it was tried, this time included.
            streamed: Whether the caller takes more than fits into a buffered response.
            **options: What else is known of the invocation.

        Returns:
            The invocation, to wait for.

        Raises:
            Throttled: All environments that the function may have are busy.
            ConnectionAbortedError: The emulator was stopped.
        """
        if self._closed:
            raise ConnectionAbortedError("the emulator was stopped")
        environment = self._acquire()
        call = Call(event, kind, options, attempt=attempt, buffered=not streamed)
        environment.active += 1
        environment.pending += 1
        call.when_answered(partial(self._release, environment))
        environment.accept(call)
        task = asyncio.create_task(self._run(environment, call))
        self._calls[task] = call
        task.add_done_callback(self._end)
        return call

    def enqueue(self, event: bytes, **options: Unpack[InvocationOptions]) -> str:
        """Invoke the function asynchronously: when it is free, and again when it fails.

        Args:
            event: The event, as JSON.
            **options: What else is known of the invocation.

        Returns:
            The request id of each attempt.
        """
        request_id = options.get("request_id") or str(uuid.uuid4())
        self.queue.put(event, {**options, "request_id": request_id})
        return request_id

    async def wait_for_room(self) -> None:
        """Wait until an environment is free, or may be started."""
        while not self._has_room():
            self._freed.clear()
            await self._freed.wait()

    async def reload(self) -> Failure | None:
        """Start anew with the code as it is now; what runs in the old one is not disturbed.

        Returns:
            Why the new code does not start, or None.
        """
        environment = self._new_environment()
        await environment.init.begin()
        old, self._environments = self._environments, [environment]
        for each in old:
            if each.pending:
                self._retired.add(each)
            else:
                await each.close()
        self._freed.set()
        return await environment.init.end()

    def _acquire(self) -> Environment:
        """Return an environment with room: the latest one if several have, as it is the warmest."""
        having_room = [each for each in self._environments if each.active < each.capacity]
        idle = [each for each in having_room if not each.busy]
        if idle or having_room:
            # One that has just answered is as good as idle: it only reports, as a rule.
            return (idle or having_room)[-1]
        if len(self._environments) >= self.config.concurrency:
            raise Throttled(self.function.name)
        environment = self._new_environment()
        self._environments.append(environment)
        return environment

    def _has_room(self) -> bool:
        return len(self._environments) < self.config.concurrency or any(
            environment.active < environment.capacity for environment in self._environments
        )

    async def _run(self, environment: Environment, call: Call) -> None:
        try:
            await environment.run(call)
        finally:
            environment.pending -= 1
            if environment in self._retired and not environment.pending and not self._closed:
                self._retired.remove(environment)
                await environment.close()

    def _release(self, environment: Environment) -> None:
        environment.active -= 1
        self._freed.set()

    def _end(self, task: asyncio.Task[None]) -> None:
        call = self._calls.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A defect of the emulator, or no port: whoever waits must not wait for ever.
            call.abort(ConnectionAbortedError(f"the emulator failed: {error!r}"))

    def _new_environment(self) -> Environment:
        kind: Any = (
            ExecutionEnvironment if self.function.max_concurrency is None else ManagedEnvironment
        )
        environment: Environment = kind(self.config, self._output, self._bus)
        return environment
