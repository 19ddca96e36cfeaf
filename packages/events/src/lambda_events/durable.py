"""AWS Lambda durable functions: what one gets and returns for the service's sake.

https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures


class DurableErrorObject(Model, case="pascal"):
    """An error, as the service keeps it.

    https://docs.aws.amazon.com/lambda/latest/api/API_ErrorObject.html

    Attributes:
        error_type: The type.
        error_message: The text.
        error_data: Further data on the error, as text.
        stack_trace: The frames.
    """

    error_type: str | None = None
    error_message: str | None = None
    error_data: str | None = None
    stack_trace: list[str] | None = None


class DurableExecutionDetails(Model, case="pascal"):
    """The execution's start.

    Attributes:
        input_payload: The event that the execution was started with, as JSON text.
    """

    input_payload: str | None = None


class DurableStepDetails(Model, case="pascal"):
    """A step.

    Attributes:
        attempt: The number of the attempt, from 1.
        next_attempt_timestamp: The time of the next attempt, in milliseconds of Unix time.
        result: The result, as text.
        error: The last try's error.
    """

    attempt: int | None = None
    next_attempt_timestamp: int | None = None
    result: str | None = None
    error: DurableErrorObject | None = None

    @property
    def next_attempt_timestamp_utc(self) -> datetime | None:
        """`next_attempt_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.next_attempt_timestamp)


class DurableWaitDetails(Model, case="pascal"):
    """A wait.

    Attributes:
        scheduled_end_timestamp: The end of the wait, in milliseconds of Unix time.
    """

    scheduled_end_timestamp: int | None = None

    @property
    def scheduled_end_timestamp_utc(self) -> datetime | None:
        """`scheduled_end_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.scheduled_end_timestamp)


class DurableCallbackDetails(Model, case="pascal"):
    """A wait for somebody else.

    Attributes:
        callback_id: The id by which an external system completes the callback.
        result: The callback's result, as text.
        error: The error that the other side reported.
    """

    callback_id: str | None = None
    result: str | None = None
    error: DurableErrorObject | None = None


class DurableOutcome(Model, case="pascal"):
    """An invocation of another function, or a child context.

    Attributes:
        result: The result, as text.
        error: The error.
        replay_children: True if a replay runs the child context's operations again to compute its
            result.
    """

    result: str | None = None
    error: DurableErrorObject | None = None
    replay_children: bool | None = None


class DurableOperation(Model, case="pascal"):
    """An operation of an execution: done, or pending.

    https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html

    Attributes:
        id: The operation's id.
        parent_id: The operation that it is a part of.
        name: The name that the function gave it.
        type: ``EXECUTION``, ``CONTEXT``, ``STEP``, ``WAIT``, ``CALLBACK`` or ``CHAINED_INVOKE``.
        sub_type: The SDK's kind of the operation, such as ``Parallel`` or ``Map``.
        start_timestamp: The start of the operation, in milliseconds of Unix time.
        end_timestamp: The end of the operation, in milliseconds of Unix time.
        status: ``STARTED``, ``PENDING``, ``READY``, ``SUCCEEDED``, ``FAILED``, ``CANCELLED``,
            ``TIMED_OUT`` or ``STOPPED``.
        execution_details: For ``EXECUTION``.
        context_details: For ``CONTEXT``.
        step_details: For ``STEP``.
        wait_details: For ``WAIT``.
        callback_details: For ``CALLBACK``.
        chained_invoke_details: For ``CHAINED_INVOKE``.
    """

    id: str
    parent_id: str | None = None
    name: str | None = None
    type: str
    sub_type: str | None = None
    start_timestamp: int | None = None
    end_timestamp: int | None = None
    status: str
    execution_details: DurableExecutionDetails | None = None
    context_details: DurableOutcome | None = None
    step_details: DurableStepDetails | None = None
    wait_details: DurableWaitDetails | None = None
    callback_details: DurableCallbackDetails | None = None
    chained_invoke_details: DurableOutcome | None = None

    @property
    def start_timestamp_utc(self) -> datetime | None:
        """`start_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.start_timestamp)

    @property
    def end_timestamp_utc(self) -> datetime | None:
        """`end_timestamp` as an aware datetime."""
        from ._data import milliseconds_of

        return milliseconds_of(self.end_timestamp)


class DurableExecutionState(Model, case="pascal"):
    """The state of an execution before this invocation.

    Attributes:
        operations: The operations in their order; the first is the execution itself.
        next_marker: The marker to pass to ``GetDurableExecutionState`` for more operations; None or
            empty if there are no more.
    """

    operations: list[DurableOperation] = EMPTY
    next_marker: str | None = None


class DurableExecutionInvocationInput(
    Model, Generic[T], case="pascal", expects={"DurableExecutionArn": str}
):
    """An invocation of a durable function.

    https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html

    Attributes:
        durable_execution_arn: The execution.
        checkpoint_token: The token to pass to the next ``CheckpointDurableExecution``.
        initial_execution_state: The operations of the execution until now.
    """

    durable_execution_arn: ARN
    checkpoint_token: str | None = field("CheckpointToken", default=None, secret=True)
    initial_execution_state: DurableExecutionState = EMPTY

    @property
    def payload(self) -> T | None:
        """The event that the execution was started with, as the type that was asked for.

        ``DurableExecutionInvocationInput[Order]`` asks for one; without it, its JSON. None if the
        execution was started without an event.

        Raises:
            EventDecodeError: The event is not of that type.
        """
        from ._payload import payload

        path = "InitialExecutionState.Operations.ExecutionDetails.InputPayload"
        for operation in self.initial_execution_state.operations:
            if operation.type == "EXECUTION" and operation.execution_details is not None:
                text = operation.execution_details.input_payload
                return payload(self, path, text or None)  # type: ignore[no-any-return]
        return None


class DurableExecutionInvocationOutput(Model, case="pascal"):
    """The result of a durable function.

    https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html

    Attributes:
        status: ``SUCCEEDED``, ``FAILED``, or ``PENDING`` for an execution that goes on later.
        result: The execution's result, as JSON text.
        error: The error of a failed execution.
    """

    status: str
    result: str | None = None
    error: DurableErrorObject | None = None

    @classmethod
    def succeeded(cls, result: Any = None) -> Self:
        """Say that the execution is done.

        Args:
            result: The execution's result: JSON, or any value that `lambda_events.dumps` takes.
        """
        from ._codec import dumps

        return cls(status="SUCCEEDED", result=dumps(result).decode())

    @classmethod
    def pending(cls) -> Self:
        """Say that the execution goes on when what it waits for has come."""
        return cls(status="PENDING")

    @classmethod
    def failed(cls, error: BaseException) -> Self:
        """Say that the execution failed for good.

        Args:
            error: The error that failed the execution.
        """
        from traceback import format_tb

        kind = type(error)
        module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
        described = DurableErrorObject(
            error_type=f"{module}{kind.__qualname__}",
            error_message=str(error),
            stack_trace=format_tb(error.__traceback__),
        )
        return cls(status="FAILED", error=described)


DETECT: Signatures = {
    "DurableExecutionInvocationInput": {"DurableExecutionArn": str, "InitialExecutionState": dict},
    "DurableExecutionInvocationInput#2": {"DurableExecutionArn": str, "CheckpointToken": str},
}
