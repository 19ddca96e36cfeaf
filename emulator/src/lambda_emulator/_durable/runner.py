"""AWS's runner of durable executions, over the functions of the emulator."""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Self

from aws_durable_execution_sdk_python_testing.checkpoint.processor import CheckpointProcessor
from aws_durable_execution_sdk_python_testing.clock import Clock, RealClock, SkipClock
from aws_durable_execution_sdk_python_testing.execution import Execution, ExecutionStatus
from aws_durable_execution_sdk_python_testing.executor import Executor
from aws_durable_execution_sdk_python_testing.scheduler import Scheduler
from aws_durable_execution_sdk_python_testing.worker.registry import ExecutionRegistry

from lambda_emulator._config import DurableConfig
from lambda_emulator._invocation import EmulatedInvocation, ExecutionOptions, StartedExecution
from lambda_emulator._limits import MAX_MANAGED_TIMEOUT, MAX_SYNCHRONOUS_EXECUTION
from lambda_emulator._messages import say
from lambda_emulator._report import InvocationType, Reported
from lambda_emulator._service import FunctionService
from lambda_emulator._trace import complete_trace
from lambda_testing import InvocationOptions

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
            skip_time: True if waits and the time before retries pass at once.
        """
        self.functions = functions
        self._loop = asyncio.get_running_loop()
        self._ended: dict[str, asyncio.Event] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self._warned: set[str] = set()
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
        """Start the runner's timers; from now on, durable functions are executed."""
        self._timers.start()  # type: ignore[no-untyped-call]
        for service in self.functions.values():
            if durable := service.config.durable:
                service.execute_durably(partial(self._execute, service, durable))
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
        await asyncio.gather(*self._answers)
        await asyncio.to_thread(self._stop)

    def _execute(
        self,
        service: FunctionService,
        durable: DurableConfig,
        event: bytes,
        kind: InvocationType,
        wanted: ExecutionOptions,
        options: InvocationOptions,
    ) -> EmulatedInvocation:
        """Start an execution, or find the one that was started in the same way before.

        Raises:
            AlreadyStarted: The name belongs to an execution of another event or version.
            ConnectionAbortedError: The emulator was stopped.
        """
        self._check_running()
        if kind != "Event":
            self._check_limit(service, durable)
        invocation = EmulatedInvocation.create(service.function, event, **options)
        invocation.kind = kind
        started = start_input(
            service,
            durable,
            wanted.qualifier or durable.qualifier,
            name=wanted.name or str(uuid.uuid4()),
            event=event.decode(),
            tenant_id=options.get("tenant_id"),
            trace_fields={"TraceHeader": complete_trace(options.get("trace_id"))},
            invocation_id=invocation.request_id,
            max_seconds=wanted.max_seconds,
        )
        name = wanted.name
        execution = self.store.find(service.function.name, name) if name else None
        is_repeated = execution is not None
        if execution is None:
            # Not in a thread: of two callers with one name, the second finds the first one's.
            output = self.executor.start_execution(started)
            execution = self.store.load(str(output.execution_arn))
        elif (
            execution.start_input.input != started.input
            or execution.start_input.function_qualifier != started.function_qualifier
        ):
            raise AlreadyStarted(execution.durable_execution_arn)
        arn, version = execution.durable_execution_arn, execution.executed_version()
        invocation.execution = StartedExecution(arn, version, is_repeated)
        task = asyncio.create_task(self._answer(execution, invocation))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)
        return invocation

    async def _answer(self, execution: Execution, invocation: EmulatedInvocation) -> None:
        """Let an invocation have the result of its execution as its response."""
        began = time.monotonic()
        try:
            await self._wait(execution)
        except ConnectionAbortedError as error:
            invocation.abort(error)
            return
        succeeded = execution.close_status is ExecutionStatus.SUCCEEDED
        invocation.settle("response" if succeeded else "error", _payload(execution))
        service = self.functions[execution.start_input.function_name]
        report = Reported(
            function=service.function.name,
            request_id=invocation.request_id,
            status="success" if succeeded else "failure",
            error_type=invocation.error_type,
            duration_ms=(time.monotonic() - began) * 1000,
            billed_ms=0,  # the invocations of the handler are
            memory_mb=service.function.memory_mb,
            peak_memory_mb=0,
            init_ms=None,
        )
        invocation.end(report, b"")

    def _check_limit(self, service: FunctionService, durable: DurableConfig) -> None:
        """Say once what AWS would refuse."""
        name = service.function.name
        if durable.execution_timeout > MAX_SYNCHRONOUS_EXECUTION and name not in self._warned:
            self._warned.add(name)
            say(
                f"On AWS, {name} can be invoked only asynchronously: its execution timeout is"
                f" {durable.execution_timeout} seconds, and a caller waits for"
                f" {MAX_SYNCHRONOUS_EXECUTION} at most."
            )

    async def _wait(self, execution: Execution) -> None:
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


def _payload(execution: Execution) -> bytes:
    """Return the result of an execution that has ended, or its error."""
    output = execution.result
    if execution.close_status is ExecutionStatus.SUCCEEDED:
        return ((output and output.result) or "null").encode()
    error = output and output.error
    fields = {
        "errorMessage": error and error.message,
        "errorType": error and error.type,
        "errorData": error and error.data,
        "stackTrace": error and error.stack_trace,
    }
    return json.dumps({name: value for name, value in fields.items() if value}).encode()
