"""One invocation as data: the event, its metadata, and the requests that answer it.

Nothing here does I/O.

Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

from time import time

from ._http1 import Request
from ._json import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable, Mapping
    from typing import Any

    from ._failure import Failure
    from ._outcome import Outcome

PREFIX = "/2018-06-01/runtime"
_PACKAGE = __file__.rpartition("/")[0] + "/"
ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
_ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# The longest timeout that Lambda grants; it stands in for a deadline that was not sent.
_LONGEST_INVOCATION_MS = 15 * 60 * 1000
# Up to the year 5138: beyond, neither a float nor a date could hold it.
_MAX_DEADLINE_DIGITS = 14


class Invocation:
    """One event, with what Lambda says about it."""

    __slots__ = (
        "after_response",
        "arn",
        "body",
        "client_context",
        "cognito_identity",
        "content_type",
        "deadline_ms",
        "document",
        "invocation_id",
        "over",
        "request_id",
        "tasks",
        "tell_observers",
        "tenant_id",
        "trace_id",
    )

    after_response: (
        list[tuple[Callable[..., object], tuple[object, ...], dict[str, object]]] | tuple[()]
    )
    """The work for the time after the response; a tuple until there is some."""
    tell_observers: Callable[[Outcome], None] | None
    """Notifies the observers of its end, if there are any."""
    document: Any
    """The event as JSON has it, for observers; None if it was not kept, or no longer."""
    over: bool
    """True if all of its work is done."""
    tasks: set[Task[Any]] | None
    """The asyncio tasks that the handler has started, and that are not done."""

    def __init__(self, headers: Mapping[str, str], body: bytes) -> None:
        """Read a response of ``/invocation/next``.

        Args:
            headers: Values by lower-case name. Lambda Managed Instances send some of them empty
                instead of leaving them out: both mean that there is none.
            body: The event's bytes.
        """
        get = headers.get
        self.request_id = get("lambda-runtime-aws-request-id", "")
        self.arn = get("lambda-runtime-invoked-function-arn") or None
        self.trace_id = get("lambda-runtime-trace-id") or None
        self.client_context = get("lambda-runtime-client-context") or None
        self.cognito_identity = get("lambda-runtime-cognito-identity") or None
        self.tenant_id = get("lambda-runtime-aws-tenant-id") or None
        self.invocation_id = get("lambda-runtime-invocation-id") or None
        self.content_type = get("content-type") or ""
        self.deadline_ms = _deadline_ms(get("lambda-runtime-deadline-ms", ""))
        self.body = body
        self.document = None
        self.after_response = ()
        self.over = False
        self.tasks = None
        self.tell_observers = None

    def remaining(self) -> float:
        """Return the seconds left before Lambda ends the invocation, never below 0."""
        return max(0.0, self.deadline_ms / 1000 - time())


def _deadline_ms(value: str) -> int:
    if value.isdecimal() and len(value) <= _MAX_DEADLINE_DIGITS:
        return int(value)
    return int(time() * 1000) + _LONGEST_INVOCATION_MS


def response_request(invocation: Invocation, body: bytes, content_type: str) -> Request:
    """Return the request that delivers a result.

    Args:
        invocation: The invocation.
        body: The result's bytes.
        content_type: Their media type.
    """
    return _request(invocation, "response", (("Content-Type", content_type),), body)


def stream_request(invocation: Invocation, content_type: str) -> Request:
    """Return the request that delivers a result part by part; it has no body yet.

    Args:
        invocation: The invocation.
        content_type: The media type of the result.
    """
    headers = (
        ("Content-Type", content_type),
        ("Lambda-Runtime-Function-Response-Mode", "streaming"),
        ("Transfer-Encoding", "chunked"),
        ("Trailer", f"{ERROR_TYPE}, {_ERROR_BODY}"),
    )
    return _request(invocation, "response", headers, None)


def error_trailers(body: bytes, error_type: str) -> tuple[tuple[str, str], ...]:
    """Return the trailers of a response that failed after its first part was sent.

    Args:
        body: The error object's JSON, short enough for a trailer.
        error_type: The error type for Lambda's metrics.

    Returns:
        Names and values.
    """
    try:
        from binascii import b2a_base64
    except Exception:  # noqa: BLE001 (no file can be opened: the type must do)
        return ((ERROR_TYPE, error_type),)
    encoded = b2a_base64(body, newline=False).decode("ascii")
    return ((ERROR_TYPE, error_type), (_ERROR_BODY, encoded))


def failure_of(error: BaseException, request_id: str = "") -> Failure | BareFailure:
    """Describe an exception, also where nothing can be loaded any more.

    Args:
        error: The exception.
        request_id: The invocation that failed, or empty for a failed start.
    """
    try:
        from ._failure import Failure

        return Failure(error, request_id)
    except BaseException:  # noqa: BLE001 (no file can be opened, or no memory is left)
        return BareFailure(error, request_id)


class BareFailure:
    """As much of a `Failure` as takes no import and no file: the message and the frames."""

    error_type = "Function.Unknown"
    cause = ""

    def __init__(self, error: BaseException, request_id: str) -> None:
        name = type(error).__name__
        try:
            message = str(error)
        except BaseException:  # noqa: BLE001 (whatever a user's __str__ raises)
            message = f"<{name} whose str() raises>"
        if name.isascii() and name.isalpha() and len(name) > 1:
            self.error_type = f"Function.{name}"
        frames, trace = [], error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f'  File "{code.co_filename}", line {trace.tb_lineno}, in {code.co_name}')
            trace = trace.tb_next
        self.error = {
            "errorMessage": message[:2000],
            "errorType": getattr(error, "error_type", name),
            "requestId": request_id,
            "stackTrace": [f"{frame}\n" for frame in frames[-100:] if _PACKAGE not in frame],
        }
        self.body = encode(self.error)
        self.short_body = encode({**self.error, "stackTrace": [], "errorMessage": message[:500]})


def error_request(invocation: Invocation, body: bytes, error_type: str, cause: str) -> Request:
    """Return the request that reports a failed invocation.

    Args:
        invocation: The invocation.
        body: The error object's JSON.
        error_type: The error type for Lambda's metrics.
        cause: The X-Ray cause, JSON in ASCII.
    """
    headers = (
        ("Content-Type", "application/json"),
        (ERROR_TYPE, error_type),
        ("Lambda-Runtime-Function-XRay-Error-Cause", cause),
    )
    return _request(invocation, "error", headers, body)


def _request(
    invocation: Invocation, end: str, headers: tuple[tuple[str, str], ...], body: bytes | None
) -> Request:
    request_id = invocation.request_id
    # Callers may choose it, and it becomes a path; Lambda's own are letters, digits and hyphens.
    characters = request_id.encode("utf-8", "surrogateescape")
    if not characters.replace(b"-", b"").isalnum():
        request_id = "".join(
            chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in characters
        )
    if invocation.invocation_id is not None:
        headers = (*headers, ("Lambda-Runtime-Invocation-Id", invocation.invocation_id))
    path = f"{PREFIX}/invocation/{request_id}/{end}"
    return Request("POST", path, end, headers, body, invocation.request_id)
