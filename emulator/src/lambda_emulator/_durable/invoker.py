"""The functions of the emulator, as AWS's runner of durable executions invokes them."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from aws_durable_execution_sdk_python.execution import (
    DurableExecutionInvocationInput,
    InitialExecutionState,
)
from aws_durable_execution_sdk_python_testing.checkpoint.processor import (
    DEFAULT_MAX_INVOCATION_PAGE_BYTES,
)
from aws_durable_execution_sdk_python_testing.exceptions import DurableFunctionsTestError
from aws_durable_execution_sdk_python_testing.execution import Execution, OperationPaginatorState
from aws_durable_execution_sdk_python_testing.invoker import Invoker, InvokeResponse

from lambda_emulator._invocation import EmulatedInvocation, Throttled
from lambda_emulator._service import FunctionService
from lambda_testing import InvocationOptions


class ServiceInvoker(Invoker):
    """Invokes functions of the emulator, from threads of AWS's runner.

    Attributes:
        active: The ARNs of the executions whose function runs right now.
    """

    def __init__(
        self,
        functions: Mapping[str, FunctionService],
        load: Callable[[str], Execution],
    ) -> None:
        """Invoke functions in the running event loop.

        Args:
            functions: The functions by name.
            load: Returns the execution of an ARN.
        """
        self.active: set[str] = set()
        self._functions = functions
        self._load = load
        self._loop = asyncio.get_running_loop()

    def create_invocation_input(self, execution: Execution) -> DurableExecutionInvocationInput:
        """Return the event for the next invocation of an execution.

        Args:
            execution: The execution.
        """
        pages = OperationPaginatorState.pin(execution)
        operations, marker = pages.page(None, DEFAULT_MAX_INVOCATION_PAGE_BYTES)
        return DurableExecutionInvocationInput(
            durable_execution_arn=execution.durable_execution_arn,
            checkpoint_token=execution.get_new_checkpoint_token(),
            initial_execution_state=InitialExecutionState(operations, marker or ""),
            updated_operation_ids=list(execution.updated_operation_ids),
        )

    def invoke(
        self,
        function_name: str,
        input: DurableExecutionInvocationInput,  # noqa: A002 (the name is AWS's)
        endpoint_url: str | None = None,  # noqa: ARG002
        tenant_id: str | None = None,
        account_id: str | None = None,  # noqa: ARG002
        region_name: str | None = None,  # noqa: ARG002
    ) -> InvokeResponse:
        """Invoke the function of an execution.

        Args:
            function_name: The function's name, with a qualifier after a colon or without.
            input: The event.
            endpoint_url: Is not looked at: the function is here.
            tenant_id: The tenant that it is for, or None.
            account_id: Is not looked at.
            region_name: Is not looked at.

        Returns:
            The function's answer.

        Raises:
            DurableFunctionsTestError: The function has failed: the runner tries again.
        """
        arn = input.durable_execution_arn
        execution = self._load(arn)
        started = execution.start_input
        options = InvocationOptions(
            tenant_id=tenant_id, trace_id=(started.trace_fields or {}).get("TraceHeader")
        )
        if started.invocation_id and not execution.invocation_completions:
            options["request_id"] = started.invocation_id  # the caller knows it
        event = json.dumps(input.to_json_dict()).encode()
        self.active.add(arn)
        try:
            invocation = self.run(function_name, event, options)
        finally:
            self.active.discard(arn)
        if invocation.is_error:
            raise _failure(invocation)
        return InvokeResponse.from_payload(invocation.payload, invocation.request_id)

    def run(
        self, function_name: str, event: bytes, options: InvocationOptions
    ) -> EmulatedInvocation:
        """Invoke any handler once, as soon as there is room, and wait for its end.

        Args:
            function_name: The function's name, with a qualifier after a colon or without.
            event: The event, as JSON.
            options: See `InvocationOptions`.
        """
        name, _, qualifier = function_name.partition(":")
        service = self._functions[name]
        if qualifier:
            arn = f"{service.function.arn}:{qualifier}"
            options["headers"] = {"Lambda-Runtime-Invoked-Function-Arn": arn}
        return self._wait(_invoke(service, event, options))

    def update_endpoint(self, endpoint_url: str, region_name: str) -> None:
        """Do nothing: all functions are here."""

    def inherit_endpoint(self, child_execution_arn: str, parent_execution_arn: str) -> None:
        """Do nothing: all functions are here."""

    def _wait(self, invocation: Coroutine[Any, Any, EmulatedInvocation]) -> EmulatedInvocation:
        return asyncio.run_coroutine_threadsafe(invocation, self._loop).result()


async def _invoke(
    service: FunctionService, event: bytes, options: InvocationOptions
) -> EmulatedInvocation:
    while True:
        await service.wait_for_room(options.get("tenant_id"))
        try:
            invocation = service.invoke_handler(event, **options)
        except Throttled:
            continue  # another one was faster
        await invocation
        return invocation


def error_of(invocation: EmulatedInvocation) -> Mapping[str, Any]:
    """Return the error of an invocation that has failed, as the runtime reports it.

    Args:
        invocation: The invocation.
    """
    try:
        error: object = json.loads(invocation.payload)
    except ValueError:
        error = None
    if isinstance(error, dict):
        return error  # pyright: ignore[reportUnknownVariableType] # of JSON
    return {"errorMessage": invocation.payload.decode(errors="replace")}


def _failure(invocation: EmulatedInvocation) -> Exception:
    """Return an exception that the runner reports by the function's own name for its type."""
    kind = invocation.error_type or "Unhandled"
    message = error_of(invocation).get("errorMessage") or kind
    # Only names of built-in exceptions go without their module.
    named = type(kind, (DurableFunctionsTestError,), {"__module__": "builtins"})
    failure: Exception = named(str(message))
    return failure
