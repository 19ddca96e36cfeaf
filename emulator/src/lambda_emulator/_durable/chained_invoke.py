"""Functions that a durable function invokes: others of the emulator, durable or not."""

import uuid
from collections.abc import Mapping
from functools import partial

from aws_durable_execution_sdk_python.lambda_service import ErrorObject
from aws_durable_execution_sdk_python_testing.child_dispatcher import (
    ChainedInvokeRequest,
    ChildOutcome,
    DispatchResult,
    FunctionTarget,
    RunInvocation,
    StartChild,
    failed_to_start,
    function_not_found,
    result_outcome,
)
from aws_durable_execution_sdk_python_testing.model import StartDurableExecutionInput

from lambda_emulator._aws_error import UNQUALIFIED
from lambda_emulator._config import DurableConfig
from lambda_emulator._service import FunctionService
from lambda_testing import InvocationOptions

from .invoker import ServiceInvoker, error_of


class ServiceDispatcher:
    """Decides how AWS's runner starts a function that an execution invokes."""

    def __init__(self, functions: Mapping[str, FunctionService], invoker: ServiceInvoker) -> None:
        """Dispatch to functions.

        Args:
            functions: The functions by name.
            invoker: Invokes those that are not durable.
        """
        self._functions = functions
        self._invoker = invoker

    def preflight(self, target: FunctionTarget) -> ChildOutcome | None:
        """Return why a function cannot be invoked, or None.

        Args:
            target: The function.
        """
        if target.name not in self._functions:
            return function_not_found(target.name).outcome
        if self._functions[target.name].config.durable and target.qualifier is None:
            return failed_to_start(UNQUALIFIED, "InvalidParameterValueException").outcome
        return None

    def dispatch(self, request: ChainedInvokeRequest) -> DispatchResult:
        """Return what the runner is to do.

        Args:
            request: The request of the execution.
        """
        service = self._functions.get(request.function_name)
        if service is None:
            return function_not_found(request.function_name)
        durable = service.config.durable
        if durable is None:
            return RunInvocation(partial(self._run, request))
        return StartChild(
            start_input(
                service,
                durable,
                request.child_qualifier(),
                name=str(uuid.uuid4()),
                event=request.payload or "{}",
                tenant_id=request.tenant_id,
                trace_fields=request.trace_fields,
            )
        )

    def _run(self, request: ChainedInvokeRequest) -> ChildOutcome:
        event = (request.payload or "{}").encode()
        trace = (request.trace_fields or {}).get("TraceHeader")
        options = InvocationOptions(tenant_id=request.tenant_id, trace_id=trace)
        invocation = self._invoker.run(request.invoke_identifier(), event, options)
        if not invocation.is_error:
            return result_outcome(invocation.payload.decode(errors="replace"))
        error = error_of(invocation)
        return ChildOutcome(
            error=ErrorObject(
                message=error.get("errorMessage"),
                type=error.get("errorType"),
                data=error.get("errorData"),
                stack_trace=error.get("stackTrace"),
            )
        )


def start_input(
    service: FunctionService,
    durable: DurableConfig,
    qualifier: str,
    *,
    name: str,
    event: str,
    tenant_id: str | None,
    trace_fields: dict[str, str] | None,
    invocation_id: str | None = None,
    max_seconds: int | None = None,
) -> StartDurableExecutionInput:
    """Return what AWS's runner starts an execution with.

    Args:
        service: The function.
        durable: The settings of durable executions.
        qualifier: The version or alias that is invoked.
        name: The execution's name.
        event: The caller's event, as JSON.
        tenant_id: The tenant that it is for, or None.
        trace_fields: The trace that it belongs to, as ``TraceHeader``, or None.
        invocation_id: The id of its first invocation; None for a new one.
        max_seconds: The longest that it may take, if the function allows more; or None.
    """
    timeout = durable.execution_timeout
    return StartDurableExecutionInput(
        account_id=service.function.arn.split(":")[4],
        function_name=service.function.name,
        function_qualifier=durable.version(qualifier),  # which all of the execution runs
        execution_name=name,
        execution_timeout_seconds=timeout if max_seconds is None else min(timeout, max_seconds),
        execution_retention_period_days=durable.retention_days,
        invocation_id=invocation_id,
        trace_fields=trace_fields,
        tenant_id=tenant_id,
        input=event,
    )
