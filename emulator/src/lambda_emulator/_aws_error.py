"""Errors of Lambda itself, in the form in which AWS sends them."""

import json
from collections.abc import Mapping

from aiohttp import web

_SERVED = (
    "Invoke, InvokeAsync, InvokeWithResponseStream, GetFunction, GetFunctionConfiguration,"
    " ListFunctions and GetAccountSettings"
)
NO_TENANT = (
    "The invoked function is enabled with tenancy configuration."
    " Add a valid tenant ID in your request and try again."
)
"""The refusal of an invocation without a tenant, for a function that isolates tenants."""
UNQUALIFIED = "You cannot invoke a durable function using an unqualified ARN."
"""The refusal of an invocation of a durable function without a version or an alias."""


class Refusal(Exception):
    """A request that is not served.

    Attributes:
        status: The HTTP status.
        error_type: The name of the error.
        body: The fields, as JSON has them.
        headers: More headers of the answer.
    """

    def __init__(
        self,
        status: int,
        error_type: str,
        body: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the answer.

        Args:
            status: The HTTP status.
            error_type: The name of the error.
            body: The fields, as JSON has them.
            headers: More headers of the answer.
        """
        super().__init__(error_type)
        self.status = status
        self.error_type = error_type
        self.body = body
        self.headers = headers or {}

    def response(self, request_id: str) -> web.Response:
        """Return the answer.

        Args:
            request_id: The request's id.
        """
        return web.Response(
            status=self.status,
            body=json.dumps(self.body).encode(),
            content_type="application/json",
            headers={
                **self.headers,
                "x-amzn-RequestId": request_id,
                "x-amzn-ErrorType": self.error_type,
            },
        )


def invalid_content(message: str) -> Refusal:
    """Return the refusal of an event or a client context that is not JSON.

    Args:
        message: The reason.
    """
    body = {"Type": "User", "message": message}
    return Refusal(400, "InvalidRequestContentException", body)


def invalid_parameter(message: str) -> Refusal:
    """Return the refusal of a header that has no such value.

    Args:
        message: The reason.
    """
    body = {"Type": "User", "message": message}
    return Refusal(400, "InvalidParameterValueException", body)


def invalid(member: str, value: str, constraint: str) -> Refusal:
    """Return the refusal of a value that AWS's model of the API does not allow.

    Args:
        member: The member's name in the model.
        value: The value.
        constraint: The constraint, such as ``have length greater than or equal to 1``.
    """
    error = f"Value '{value}' at '{member}' failed to satisfy constraint: Member must {constraint}"
    message = f"1 validation error detected: {error}"
    return Refusal(400, "ValidationException", {"message": message})


def unsupported_media_type(media_type: str) -> Refusal:
    """Return the refusal of an event whose media type is not JSON's.

    Args:
        media_type: The media type.
    """
    message = f"The content type of the Invoke request body is not JSON: {media_type}"
    return Refusal(415, "UnsupportedMediaTypeException", {"Type": "User", "message": message})


def not_found(arn: str) -> Refusal:
    """Return the refusal of a function that is not here.

    Args:
        arn: The ARN with the qualifier.
    """
    body = {"Type": "User", "Message": f"Function not found: {arn}"}
    return Refusal(404, "ResourceNotFoundException", body)


def unknown_operation(method: str, path: str) -> Refusal:
    """Return the refusal of an operation that is not served.

    Args:
        method: The method.
        path: The path.
    """
    message = f"lambda-emulator does not serve {method} {path}. It serves {_SERVED}."
    return Refusal(404, "UnknownOperationException", {"Type": "User", "Message": message})


def too_large(limit: int, operation: str) -> Refusal:
    """Return the refusal of an event that is too large.

    Args:
        limit: The most bytes that it may have.
        operation: The operation that was asked for, as ``InvokeFunction``.
    """
    message = f"Request must be smaller than {limit} bytes for the {operation} operation"
    body = {"Type": "User", "message": message}
    return Refusal(413, "RequestEntityTooLargeException", body)


def throttled(reason: str = "ReservedFunctionConcurrentInvocationLimitExceeded") -> Refusal:
    """Return the refusal of an invocation that there is no room for.

    Args:
        reason: The reason in the answer; by default, all environments of the function are busy.
    """
    body = {"Reason": reason, "Type": "User", "message": "Rate Exceeded."}
    return Refusal(429, "TooManyRequestsException", body, {"Retry-After": "1"})


def not_restored(status: str, reason: str) -> Refusal:
    """Return the refusal of an invocation whose function was not restored from its snapshot.

    Args:
        status: ``timeout`` if it took too long; else a hook has failed.
        reason: A description of it.
    """
    body = {"Type": "User", "Message": f"The function could not be restored: {reason}"}
    if status == "timeout":
        return Refusal(408, "SnapStartTimeoutException", body)
    return Refusal(400, "SnapStartException", body)


def stopped(error: ConnectionAbortedError) -> Refusal:
    """Return the refusal of an invocation that the emulator cannot end any more.

    Args:
        error: The error that stopped the function.
    """
    reason = str(error)
    body = {"Type": "Service", "message": f"{reason[:1].upper()}{reason[1:]}."}
    return Refusal(503, "ServiceException", body)
