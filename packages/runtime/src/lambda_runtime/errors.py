"""Errors between a function and Lambda.

::

    LambdaRuntimeError
    ├── Fault             an invocation or a start failed for a reason that Lambda has a name for
    └── RuntimeAPIError   the Runtime API cannot be reached, or refused a call for good
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

INSTALL_TYPED = "`pip install 'lambda-runtime[typed]'`"
"""The way to what typed handlers need, for messages."""
INSTALL_AIOHTTP = (
    "`pip install aiohttp`, or take it out of the option `without` of hatch-lambda, if it is there"
)
"""The way to aiohttp, for messages."""


class LambdaRuntimeError(Exception):
    """The root of this package's errors."""


class Fault(LambdaRuntimeError):
    """A failure with an error type of Lambda's own, such as ``Runtime.HandlerNotFound``.

    A handler may raise it to choose the ``errorType`` that its caller sees.
    """

    def __init__(self, error_type: str, message: str, stack_trace: Sequence[str] = ()) -> None:
        """Name the failure.

        Args:
            error_type: The ``errorType`` of the error, ``Runtime.`` or ``Function.`` and a
                word in letters by Lambda's convention.
            message: The ``errorMessage`` of the error.
            stack_trace: The ``stackTrace`` of the error, one formatted frame an item, in
                place of where the error was raised.
        """
        super().__init__(error_type, message)
        self.error_type = error_type
        self.message = message
        self.stack_trace = list(stack_trace)

    def __str__(self) -> str:
        return self.message


class RuntimeAPIError(LambdaRuntimeError):
    """The Runtime API cannot be reached, or refuses to continue.

    The execution environment is then useless: the process ends with exit code 1, and Lambda
    starts another.
    """
