"""AWS's runner of durable executions, over the functions of the emulator."""

import asyncio
import logging
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aws_durable_execution_sdk_python_testing.checkpoint.processor import CheckpointProcessor
from aws_durable_execution_sdk_python_testing.clock import Clock, RealClock, SkipClock
from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.scheduler import Scheduler
from aws_durable_execution_sdk_python_testing.worker.registry import ExecutionRegistry

from lambda_emulator._limits import MAX_MANAGED_TIMEOUT
from lambda_emulator._service import FunctionService
from lambda_emulator._trace import complete_trace

from .chained_invoke import ServiceDispatcher, start_input
from .invoker import ServiceInvoker
from .store import ExecutionStore

# An execution that fails is its caller's business, and the function's log has the reason.
logging.getLogger("aws_durable_execution_sdk_python_testing").setLevel(logging.CRITICAL)


class AlreadyStarted(Exception):
    """An execution of that name was started with another event, or of another version."""


class DurableRunner:
    """Runs durable executions, from entering the context to leaving it.

    Attributes:
        functions: The functions by name.
        executor: AWS's runner; its methods block, so they are for other threads.
        store: The executions.
        invoker: Invokes the functions.
    """

    def __init__(self, functions: Mapping[str, FunctionService], *, skip_time: bool) -> None:
        """Prepare to run executions, in a running event loop.

        Args:
            functions: The functions by name.
            skip_time: Whether waits and the time before retries pass at once.
        """
        self.functions = functions
        self._loop = asyncio.get_running_loop()
        self._ended: dict[str, asyncio.Event] = {}
        self._stopped = False
        self.store = ExecutionStore(lambda name: functions[name].function.arn, self._note_end)
        self.invoker = ServiceInvoker(functions, self.store.load)
        self._timers = Scheduler()
        self._registry = ExecutionRegistry(self.store, self._timers)
        clock: Clock = SkipClock() if skip_time else RealClock()
        self.executor = Executor(
            self.store,
            self._timers,
            self.invoker,
            CheckpointProcessor(self.store, self._timers, clock=clock),
            # The emulator ends an invocation that takes too long; this is for none.
            invocation_timeout_seconds=2 * int(MAX_MANAGED_TIMEOUT),
            registry=self._registry,
            clock=clock,
            child_dispatcher=ServiceDispatcher(functions, self.invoker),
            region=next(iter(functions.values())).function.region,
        )
        if skip_time:
            self.executor.RETRY_BACKOFF_SECONDS = 0

    async def __aenter__(self) -> Self:
        """Start the runner's timers."""
        self._timers.start()  # type: ignore[no-untyped-call]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the runner; executions that have not ended never will."""
        self._stopped = True
        for ended in self._ended.values():
            ended.set()
        await asyncio.to_thread(self._stop)

    async def start(
        self,
        service: FunctionService,
        qualifier: str,
        event: bytes,
        *,
        name: str | None = None,
        tenant_id: str | None = None,
        trace_id: str | None = None,
    ) -> Execution:
        """Start an execution, or return the one that was started in the same way before.

        Args:
            service: The function, which is durable.
            qualifier: The version or alias that is invoked.
            event: The caller's event, as JSON.
            name: The execution's name; by default, one that no other has.
            tenant_id: The tenant that it is for, or None.
            trace_id: The trace that all its invocations belong to; by default, a new one.

        Raises:
            AlreadyStarted: The name belongs to an execution of another event or version.
            ConnectionAbortedError: The emulator was stopped.
        """
        self._check_running()
        durable = service.config.durable
        if durable is None:
            raise ValueError(f"The function {service.function.name} is not durable.")
        started = start_input(
            service,
            durable,
            qualifier,
            name=name or str(uuid.uuid4()),
            event=event.decode(),
            tenant_id=tenant_id,
            trace_fields={"TraceHeader": complete_trace(trace_id or "")},
        )
        if name and (existing := self.store.find(service.function.name, name)):
            same = existing.start_input.input == started.input
            if not same or existing.start_input.function_qualifier != qualifier:
                raise AlreadyStarted(existing.durable_execution_arn)
            return existing
        # Not in a thread: of two callers with one name, the second finds the first one's.
        output = self.executor.start_execution(started)
        return self.store.load(str(output.execution_arn))

    async def wait(self, execution: Execution) -> None:
        """Wait for the end of an execution.

        Args:
            execution: The execution.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        # Its status when it has ended is set last, and then the store gets it.
        while execution.close_status is None:
            self._check_running()
            arn = execution.durable_execution_arn
            await self._ended.setdefault(arn, asyncio.Event()).wait()

    def _note_end(self, arn: str) -> None:
        def note() -> None:
            if ended := self._ended.pop(arn, None):
                ended.set()

        self._loop.call_soon_threadsafe(note)

    def _check_running(self) -> None:
        if self._stopped:
            raise ConnectionAbortedError("the emulator was stopped")

    def _stop(self) -> None:
        self.executor.shutdown()
        self._registry.shutdown()
        self._timers.stop()  # type: ignore[no-untyped-call]
        # It leaves that to the garbage collector, which warns.
        self._timers._loop.close()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
