"""A function as a service: as many execution environments as it needs and may have."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self, Unpack

from lambda_testing import InvocationOptions

from ._bus import Bus
from ._config import FunctionConfig
from ._environment import EmulatedEnvironment
from ._environment_pool import EnvironmentPool
from ._invocation import EmulatedInvocation, ExecutionOptions, MissingTenant
from ._log import Output, Writer
from ._platform import EnvironmentFailure, PlatformRecord
from ._report import InvocationType
from ._trace import complete_trace

Execute = Callable[[bytes, InvocationType, ExecutionOptions, InvocationOptions], EmulatedInvocation]
"""Starts a durable execution for an event, and returns the invocation that it answers."""

_REPORT_SECONDS = 2.0  # at the end, for the report of an invocation that is answered


class FunctionService:
    """Runs a function, from entering the context to leaving it.

    Attributes:
        config: The function, and how it is run.
        function: The properties on Lambda.
    """

    def __init__(self, config: FunctionConfig, output: Output, bus: Bus) -> None:
        """Prepare to run a function.

        Args:
            config: The function, and how it is run.
            output: Takes its log.
            bus: The bus for its events.
        """
        self.config = config
        self.function = config.function
        self._output = output
        self._writer = Writer(config)
        self._bus = bus
        self._pool = EnvironmentPool(
            config.function.name, config.concurrency, self._new_environment
        )
        self._invocations: dict[asyncio.Task[None], EmulatedInvocation] = {}
        self._closed = False
        self._execute: Execute | None = None

    def execute_durably(self, execute: Execute) -> None:
        """Have each invocation start a durable execution.

        Args:
            execute: Starts an execution, which calls `invoke_handler`.
        """
        self._execute = execute

    def send_traces_to(self, endpoint: str) -> None:
        """Have the function send its traces somewhere, unless its own settings say otherwise.

        Args:
            endpoint: The base URL of a collector of OTLP/HTTP.
        """
        self.config = self.config._replace(otlp_endpoint=endpoint)

    def send_lambda_calls_to(self, endpoint: str) -> None:
        """Have the function call Lambda's API somewhere, unless its environment says another place.

        Args:
            endpoint: The base URL of the API.
        """
        self.config = self.config._replace(lambda_endpoint=endpoint)

    def change_environment(self, change: Callable[[str], str]) -> None:
        """Change the environment variables of processes that have not started.

        Args:
            change: Returns the value that replaces a value.
        """
        environment = {name: change(value) for name, value in self.config.environment.items()}
        self.config = self.config._replace(environment=environment)

    async def __aenter__(self) -> Self:
        """Start the first environment, unless that is done on demand."""
        if not self.config.on_demand:
            self._pool.start_one()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the function, whatever it is doing."""
        self._closed = self._pool.is_closing = True
        if reports := [
            _report_within(_REPORT_SECONDS, each)
            for each in self._invocations.values()
            if each.state == "done"
        ]:
            await asyncio.gather(*reports)
        stopped = ConnectionAbortedError("the emulator was stopped")
        tasks = dict(self._invocations)
        for task, invocation in tasks.items():
            task.cancel()
            invocation.abort(stopped)
        if tasks:
            await asyncio.wait(tasks)
        await self._pool.close()

    async def launched(self) -> None:
        """Wait until the first environment has started its process, or could not.

        Raises:
            OSError: There is no port for its Runtime API.
        """
        if (first := self._pool.first) is not None:
            await first.launched()

    async def initialized(self) -> EnvironmentFailure | None:
        """Wait for the end of the first environment's init phase.

        Returns:
            The failure; None if it started, or if it starts on demand. The first invocation tries
            again.

        Raises:
            OSError: There is no port for its Runtime API.
        """
        first = self._pool.first
        return None if first is None else await first.initialized()

    def invoke(
        self,
        event: bytes,
        *,
        kind: InvocationType = "RequestResponse",
        attempt: int = 1,
        streamed: bool = False,
        execution: ExecutionOptions | None = None,
        **options: Unpack[InvocationOptions],
    ) -> EmulatedInvocation:
        """Invoke the function; a durable one starts an execution, whose result is the response.

        Args:
            event: The event, as JSON.
            kind: The kind of the invocation.
            attempt: The number of attempts, this one included.
            streamed: True if the caller takes more than fits into a buffered response.
            execution: The options of the execution of a durable function.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, to wait for.

        Raises:
            Throttled: All environments that the function may have are busy.
            MissingTenant: The function isolates tenants, and there is none.
            ConnectionAbortedError: The emulator was stopped.
        """
        self.check_tenant(options.get("tenant_id"))
        if self._execute is not None:
            return self._execute(event, kind, execution or ExecutionOptions(), options)
        return self.invoke_handler(event, kind=kind, attempt=attempt, streamed=streamed, **options)

    def invoke_handler(
        self,
        event: bytes,
        *,
        kind: InvocationType = "RequestResponse",
        attempt: int = 1,
        streamed: bool = False,
        **options: Unpack[InvocationOptions],
    ) -> EmulatedInvocation:
        """Invoke the handler itself, whether the function is durable or not; see `invoke`.

        Args:
            event: The event, as JSON.
            kind: The kind of the invocation.
            attempt: The number of attempts, this one included.
            streamed: True if the caller takes more than fits into a buffered response.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, to wait for.

        Raises:
            Throttled: All environments that the function may have are busy.
            ConnectionAbortedError: The emulator was stopped.
        """
        if self._closed:
            raise ConnectionAbortedError("the emulator was stopped")
        environment = self._pool.acquire(options.get("tenant_id"))
        options["trace_id"] = complete_trace(options.get("trace_id"))
        invocation = EmulatedInvocation.create(self.function, event, **options)
        invocation.kind, invocation.attempt, invocation.buffered = kind, attempt, not streamed
        environment.active += 1
        environment.pending += 1
        invocation.when_done(partial(self._pool.note_answer, environment))
        environment.accept(invocation)
        task = asyncio.create_task(self._run(environment, invocation))
        self._invocations[task] = invocation
        task.add_done_callback(self._end)
        return invocation

    def check_tenant(self, tenant: str | None) -> None:
        """Refuse an invocation without a tenant, if the function isolates tenants.

        Args:
            tenant: The tenant that it is for, or None.

        Raises:
            MissingTenant: There must be one.
        """
        if self.config.tenancy and not tenant:
            raise MissingTenant

    def write_log(self, record: PlatformRecord) -> None:
        """Write a record into the function's log that no environment of its has written.

        Args:
            record: The record.
        """
        self._output.write(self._writer, record.render(self.config.log_format))

    def note_http_status(self, invocation: EmulatedInvocation, status: int) -> None:
        """Note how the HTTP request was answered that an invocation comes from.

        Args:
            invocation: The invocation.
            status: The status of the HTTP response.
        """
        self._bus.history.answered_over_http(invocation.request_id, status)
        if self._bus.heard:
            from ._record_events import http_answered

            request_id = invocation.request_id
            self._bus.publish(http_answered(self.function.name, request_id, status))

    @property
    def environments(self) -> list[EmulatedEnvironment]:
        """The execution environments that there are, in the order in which they were started."""
        return self._pool.environments

    async def wait_for_room(self, tenant: str | None = None) -> None:
        """Wait until an environment is free, or may be started.

        Args:
            tenant: The tenant that it is for, or None.
        """
        await self._pool.wait_for_room(tenant)

    async def reload(self) -> EnvironmentFailure | None:
        """Restart with the code as it is now; running invocations are not disturbed.

        Returns:
            The failure of the new code's start, or None.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        return await self._pool.replace()

    async def _run(self, environment: EmulatedEnvironment, invocation: EmulatedInvocation) -> None:
        try:
            await environment.run(invocation)
        finally:
            self._pool.note_report(environment)

    def _end(self, task: asyncio.Task[None]) -> None:
        invocation = self._invocations.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A defect of the emulator, or no port: those who wait must not wait forever.
            invocation.abort(ConnectionAbortedError(f"the emulator failed: {error!r}"))

    def _new_environment(self) -> EmulatedEnvironment:
        environment = EmulatedEnvironment(self.config, self._output, self._bus)
        environment.start()
        return environment


async def _report_within(seconds: float, invocation: EmulatedInvocation) -> None:
    """Wait for a report, but not for long."""
    with suppress(TimeoutError, ConnectionAbortedError):
        async with asyncio.timeout(seconds):
            await invocation.wait_for_report()
