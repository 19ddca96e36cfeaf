"""The durable executions that there are, in memory."""

from collections.abc import Callable
from threading import RLock

from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.stores.base import BaseExecutionStore


class ExecutionStore(BaseExecutionStore):
    """Keeps executions for AWS's runner, which calls it in many threads.

    The runner's own names for executions are not ARNs, so an execution gets one when it comes.
    """

    def __init__(self, function_arn: Callable[[str], str], on_end: Callable[[str], object]) -> None:
        """Begin without executions.

        Args:
            function_arn: Returns the ARN of the function of a name, without a qualifier.
            on_end: Is called in any thread with the ARN of an execution that has ended, at least
                once.
        """
        self._function_arn = function_arn
        self._on_end = on_end
        self._executions: dict[str, Execution] = {}
        self._lock = RLock()

    def save(self, execution: Execution) -> None:
        """Keep an execution.

        Args:
            execution: The execution, which may be new.
        """
        if not execution.durable_execution_arn.startswith("arn:"):
            started = execution.start_input
            arn = f"{self._function_arn(started.function_name)}:{execution.executed_version()}"
            # The SDK finds the first operation by the last part, which is that one's id.
            name = f"{started.execution_name}/{started.invocation_id}"
            execution.durable_execution_arn = f"{arn}/durable-execution/{name}"
        with self._lock:
            self._executions[execution.durable_execution_arn] = execution
        if execution.is_complete:
            self._on_end(execution.durable_execution_arn)

    def update(self, execution: Execution) -> None:
        """Keep what has changed; see `save`.

        Args:
            execution: The execution.
        """
        self.save(execution)

    def load(self, execution_arn: str) -> Execution:
        """Return an execution.

        Args:
            execution_arn: The ARN.

        Raises:
            KeyError: There is none.
        """
        with self._lock:
            return self._executions[execution_arn]

    def list_all(self) -> list[Execution]:
        """Return all executions, the oldest first."""
        with self._lock:
            return list(self._executions.values())

    def find(self, function: str, name: str) -> Execution | None:
        """Return the execution of a function that has a name, or None.

        Args:
            function: The function's name.
            name: The execution's name, which a function has once.
        """
        for execution in self.list_all():
            started = execution.start_input
            if (started.function_name, started.execution_name) == (function, name):
                return execution
        return None

    def delete(self, execution_arn: str) -> None:
        """Forget an execution.

        Args:
            execution_arn: The ARN.

        Raises:
            KeyError: There is none.
        """
        with self._lock:
            del self._executions[execution_arn]
