"""Durable executions in this process, for tests: AWS's own runner executes them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lambda_runtime.in_process import load

from ._result import FunctionError, InvocationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from aws_durable_execution_sdk_python_testing.runner import (
        DurableFunctionTestResult,
        Operation,
    )

    from ._function import Function

    Handler = Callable[[Any, Any], Any]

_POLL_SECONDS = 0.02  # between two looks for a callback


class DurableExecution:
    """A durable execution; made by the fixture ``durable_execution``.

    `value` and `error` wait for its end, and each raises an error if there is only the other one.
    """

    def __init__(
        self,
        handler: Handler | str,
        event: Any = None,
        *,
        function: Function,
        functions: Mapping[str, Handler],
        durable_functions: Mapping[str, Handler],
        skip_time: bool,
        wait: float,
    ) -> None:
        """Start an execution.

        Args:
            handler: The durable handler, or its name as ``"module.function"``.
            event: The event; anything that JSON has.
            function: The configuration of the function.
            functions: Handlers that it may invoke, by function name.
            durable_functions: The same of durable handlers.
            skip_time: True to skip waits and the time before retries.
            wait: The longest wait for a callback and for the end, in seconds.

        Raises:
            ImportError: AWS's runner is not installed.
            Fault: There is no handler of that name.
        """
        self._wait = wait
        self._ended: DurableFunctionTestResult | None = None
        try:
            from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestRunner
        except ImportError as error:
            message = "Durable executions need AWS's runner: pip install 'lambda-testing[durable]'."
            raise ImportError(message, name=error.name) from error

        self._runner = DurableFunctionTestRunner(
            load(handler) if isinstance(handler, str) else handler,
            poll_interval=_POLL_SECONDS,
            skip_time=skip_time,
            region=function.region,
        )
        for name, other in functions.items():
            self._runner.register_function(name, other)
        for name, other in durable_functions.items():
            self._runner.register_durable_function(name, other)
        self._arn = self._runner.run_async(json.dumps(event), function_name=function.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the runner, and with it an execution that has not ended."""
        self._runner.close()  # type: ignore[no-untyped-call]
        # Its scheduler leaves that to the garbage collector, which warns.
        self._runner._scheduler._loop.close()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    @property
    def status(self) -> str:
        """``SUCCEEDED`` or ``FAILED``, once it has ended.

        Raises:
            InvocationError: It has not ended in time.
        """
        return self._result().status.value

    @property
    def value(self) -> Any:
        """The value that the handler has returned, decoded.

        Raises:
            InvocationError: It has failed, or has not ended in time.
        """
        __tracebackhide__ = True
        result = self._result()
        if result.error is not None:
            raise InvocationError(f"the execution failed: {self.error}")
        return None if result.result is None else json.loads(str(result.result))

    @property
    def error(self) -> FunctionError:
        """The error that it ended with.

        Raises:
            InvocationError: It has not failed, or has not ended in time.
        """
        __tracebackhide__ = True
        error = self._result().error
        if error is None:
            raise InvocationError(f"the execution did not fail: it returned {self.value!r}")
        return FunctionError(
            type=error.type or "",
            message=error.message or "",
            stack_trace=tuple(error.stack_trace or ()),
            payload=error.to_dict(),
        )

    @property
    def operations(self) -> list[Operation]:
        """All steps, waits, callbacks and so on, once it has ended, as AWS's runner describes them.

        Raises:
            InvocationError: It has not ended in time.
        """
        return self._result().get_all_operations()

    def operation(self, name: str) -> Operation:
        """Return the operation of a name, once the execution has ended.

        Args:
            name: The name, such as that of a step's function.

        Raises:
            InvocationError: There is none, or the execution has not ended in time.
        """
        for operation in self.operations:
            if operation.name == name:
                return operation
        names = ", ".join(sorted(each.name for each in self.operations if each.name))
        raise InvocationError(f"there is no operation {name!r}: there are {names or 'none'}")

    def succeed(self, result: Any = None, *, callback: str | None = None) -> None:
        """Answer a callback, as soon as the execution has created it.

        Args:
            result: The result for the function: text as it is, all else as JSON.
            callback: The callback's name; by default, the last one that has not been answered.

        Raises:
            InvocationError: It is not created in time.
        """
        text = result if isinstance(result, str) else json.dumps(result)
        self._runner.send_callback_success(self._callback_id(callback), text.encode())

    def fail(self, message: str, *, error_type: str = "Error", callback: str | None = None) -> None:
        """Let a callback fail, as soon as the execution has created it.

        Args:
            message: The message of the error.
            error_type: The type.
            callback: The callback's name; by default, the last one that has not been answered.

        Raises:
            InvocationError: It is not created in time.
        """
        from aws_durable_execution_sdk_python.lambda_service import ErrorObject

        error = ErrorObject(message=message, type=error_type, data=None, stack_trace=None)
        self._runner.send_callback_failure(self._callback_id(callback), error)

    def heartbeat(self, *, callback: str | None = None) -> None:
        """Report that a callback is in progress, as soon as the execution has created it.

        Args:
            callback: The callback's name; by default, the last one that has not been answered.

        Raises:
            InvocationError: It is not created in time.
        """
        self._runner.send_callback_heartbeat(self._callback_id(callback))

    def _callback_id(self, name: str | None) -> str:
        with suppress(TimeoutError):
            return self._runner.wait_for_callback(self._arn, name, max(1, round(self._wait)))
        named = f" {name!r}" if name else ""
        raise InvocationError(f"there was no callback{named} within {self._wait:g} seconds")

    def _result(self) -> DurableFunctionTestResult:
        if self._ended is None:
            try:
                self._ended = self._runner.wait_for_result(self._arn, max(1, round(self._wait)))
            except TimeoutError:
                message = f"the execution did not end within {self._wait:g} seconds"
                raise InvocationError(message) from None
        return self._ended
