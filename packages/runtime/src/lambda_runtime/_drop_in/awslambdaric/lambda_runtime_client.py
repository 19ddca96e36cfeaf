"""The client of the Runtime API, as far as agents patch it.

The runtime itself sends the requests, when these methods return: they are the places at which an
agent's code runs, with the arguments that it knows.
"""

from __future__ import annotations

from .lambda_runtime_marshaller import LambdaMarshaller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["BaseLambdaRuntimeClient", "LambdaMultiConcurrentRuntimeClient", "LambdaRuntimeClient"]


class BaseLambdaRuntimeClient:
    """The ends of an invocation and of a failed start, one method for each."""

    marshaller = LambdaMarshaller()

    def __init__(
        self, lambda_runtime_address: str, use_thread_for_polling_next: bool = False
    ) -> None:
        """Make a client.

        Args:
            lambda_runtime_address: The host and port of the Runtime API.
            use_thread_for_polling_next: Without a meaning here.
        """
        self.lambda_runtime_address = lambda_runtime_address
        self.use_thread_for_polling_next = use_thread_for_polling_next

    def post_init_error(
        self, error_response_data: dict[str, Any], error_type_override: str | None = None
    ) -> None:
        """Report that the function cannot start.

        Args:
            error_response_data: The error object.
            error_type_override: The type, if it is not the error object's.
        """

    def post_invocation_result(
        self,
        invoke_id: str,
        result_data: str | bytes,
        content_type: str = "application/json",
        invocation_id: str | None = None,
    ) -> None:
        """Deliver a result.

        Args:
            invoke_id: The request id.
            result_data: The result's JSON or bytes; empty for one that is sent part by part.
            content_type: The media type.
            invocation_id: The invocation's own id, if it has one besides the request's.
        """

    def post_invocation_error(
        self,
        invoke_id: str,
        error_response_data: str,
        xray_fault: str,
        invocation_id: str | None = None,
    ) -> None:
        """Report a failed invocation.

        Args:
            invoke_id: The request id.
            error_response_data: The error object's JSON.
            xray_fault: The X-Ray cause, in JSON.
            invocation_id: The invocation's own id, if it has one besides the request's.
        """


class LambdaRuntimeClient(BaseLambdaRuntimeClient):
    """The client of a process that serves one invocation after the other."""


class LambdaMultiConcurrentRuntimeClient(BaseLambdaRuntimeClient):
    """The client of a process of Managed Instances."""
