"""The Runtime API as data: the calls that a runtime makes, and what their answers mean.

Nothing here does I/O: the transports send a `Call` and return a `Response`, and the loops ask this
module what either means.

Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

from time import time

from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from typing import Any, Literal, Protocol, TypeAlias, TypeVar

    from lambda_logging import PlatformLog

    class Answer(Protocol):
        """What every transport returns for a call."""

        @property
        def status(self) -> int:
            """The HTTP status."""
            ...

        @property
        def headers(self) -> Mapping[str, str]:
            """The values by lower-case name."""
            ...

        @property
        def body(self) -> bytes:
            """The whole body."""
            ...

    class Upload(Protocol):
        """A call whose body is sent part by part, as it comes into being."""

        @property
        def answer(self) -> Answer | None:
            """What the server said before the end, if it did."""

        def send(self, data: bytes) -> None:
            """Send a part, which is not empty; OSError when nobody takes it."""

        def end(self, trailers: Iterable[tuple[str, str]]) -> Answer:
            """Send the end and return the answer; OSError when there is none."""
            ...

        def close(self) -> None:
            """Break off, unless it has ended."""

    class AsyncUpload(Protocol):
        """A call whose body is sent part by part, on the running event loop."""

        @property
        def answer(self) -> Answer | None:
            """What the server said before the end, if it did."""

        async def send(self, data: bytes) -> None:
            """Send a part, which is not empty, when there is room; OSError when nobody takes it."""

        async def end(self, trailers: Iterable[tuple[str, str]]) -> Answer:
            """Send the end and return the answer; OSError when there is none."""
            ...

        def close(self) -> None:
            """Break off, unless it has ended."""

    class Transport(Protocol):
        """Carries calls to the Runtime API, blocking until each is answered."""

        def call(self, call: Call) -> Answer:
            """Send a call once and return its answer; OSError when there is none."""
            ...

        def upload(self, call: Call) -> Upload:
            """Begin a call whose body comes in parts; OSError when there is no connection."""
            ...

        def close(self) -> None:
            """Close the connection."""

    class AsyncTransport(Protocol):
        """Carries calls to the Runtime API on the running event loop."""

        async def call(self, call: Call) -> Answer:
            """Send a call once and return its answer; OSError when there is none."""
            ...

        async def upload(self, call: Call) -> AsyncUpload:
            """Begin a call whose body comes in parts; OSError when there is no connection."""
            ...

        async def close(self) -> None:
            """Close the connections."""

    T = TypeVar("T")
    Exchange: TypeAlias = Generator[float, Answer | OSError, T]


_PREFIX = "/2018-06-01/runtime"
_ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
_ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What Lambda grants a function at most; it stands in for a deadline that was not told.
_LONGEST_INVOCATION_MS = 15 * 60 * 1000
# Up to the year 5138: beyond, neither a float nor a date could hold it.
_MAX_DEADLINE_DIGITS = 14


class Policy:
    """How patient a runtime is with the Runtime API, and what it takes as the end."""

    __slots__ = ("delays", "fatal")

    def __init__(self, delays: Sequence[float], *, fatal: bool) -> None:
        """Describe a policy.

        Args:
            delays: Seconds to wait before each attempt at a call; then it is given up.
            fatal: Whether status 500, and an answer that cannot be delivered, end the process.
        """
        self.delays = delays
        self.fatal = fatal


ALONE = Policy((0, 0.05, 0.25), fatal=True)
"""For the one process of an environment: a 500 says that the environment is lost."""
SHARED = Policy((0, 0.1, 0.2, 0.4, 0.8), fatal=False)
"""For Lambda Managed Instances, where what fails for one invocation is well for the others."""


class Call:
    """One request to the Runtime API."""

    __slots__ = ("body", "headers", "method", "path", "request_id", "subject")

    def __init__(
        self,
        method: Literal["GET", "POST"],
        path: str,
        subject: str,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        request_id: str = "",
    ) -> None:
        """Describe a request.

        Args:
            method: The HTTP method.
            path: The path, percent-encoded.
            subject: What the call is about, for messages.
            headers: Headers beside those of every request.
            body: The body, or None for a GET.
            request_id: The invocation that the call is about, if any.
        """
        self.method = method
        self.path = path
        self.subject = subject
        self.headers = headers
        self.body = body
        self.request_id = request_id


NEXT = Call("GET", f"{_PREFIX}/invocation/next", "the next invocation")


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
        "invocation_id",
        "over",
        "request_id",
        "tasks",
        "tenant_id",
        "trace_id",
    )

    after_response: (
        list[tuple[Callable[..., object], tuple[object, ...], dict[str, object]]] | tuple[()]
    )
    """What is to be done once the answer is delivered; a tuple holds no more."""
    over: bool
    """Whether all that belongs to it is done."""
    tasks: set[Task[Any]] | None
    """The asyncio tasks that the handler has started, and that are not done."""

    def __init__(self, headers: Mapping[str, str], body: bytes) -> None:
        """Read an answer of ``/invocation/next``.

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
        self.after_response = ()
        self.over = False
        self.tasks = None

    def remaining(self) -> float:
        """Return the seconds left before Lambda ends the invocation, never below 0."""
        return max(0.0, self.deadline_ms / 1000 - time())


def _deadline_ms(value: str) -> int:
    if value.isdecimal() and len(value) <= _MAX_DEADLINE_DIGITS:
        return int(value)
    return int(time() * 1000) + _LONGEST_INVOCATION_MS


def response_call(invocation: Invocation, body: bytes, content_type: str) -> Call:
    """Return the call that delivers a result.

    Args:
        invocation: What was asked.
        body: The result's bytes.
        content_type: Their media type.

    Returns:
        The call.
    """
    headers = [("Content-Type", content_type)]
    return _invocation_call(invocation, "response", headers, body)


def stream_call(invocation: Invocation, content_type: str) -> Call:
    """Return the call that delivers a result part by part.

    Args:
        invocation: What was asked.
        content_type: The media type of the result.

    Returns:
        The call, without a body.
    """
    headers = [
        ("Content-Type", content_type),
        ("Lambda-Runtime-Function-Response-Mode", "streaming"),
        ("Transfer-Encoding", "chunked"),
        ("Trailer", f"{_ERROR_TYPE}, {_ERROR_BODY}"),
    ]
    return _invocation_call(invocation, "response", headers, None)


def error_trailers(body: bytes, error_type: str) -> tuple[tuple[str, str], ...]:
    """Return what ends a response that failed when its first part was already sent.

    Args:
        body: The error object's JSON, at most `MAX_TRAILER_BODY_BYTES`.
        error_type: The error type for Lambda's metrics.

    Returns:
        Names and values.
    """
    from binascii import b2a_base64

    encoded = b2a_base64(body, newline=False).decode("ascii")
    return ((_ERROR_TYPE, error_type), (_ERROR_BODY, encoded))


def error_call(invocation: Invocation, body: bytes, error_type: str, cause: str) -> Call:
    """Return the call that reports a failed invocation.

    Args:
        invocation: What was asked.
        body: The error object's JSON.
        error_type: The error type for Lambda's metrics.
        cause: The X-Ray cause, JSON in ASCII.

    Returns:
        The call.
    """
    headers = [
        ("Content-Type", "application/json"),
        (_ERROR_TYPE, error_type),
        ("Lambda-Runtime-Function-XRay-Error-Cause", cause),
    ]
    return _invocation_call(invocation, "error", headers, body)


def init_error_call(body: bytes, error_type: str) -> Call:
    """Return the call that reports a function that cannot start.

    Args:
        body: The error object's JSON.
        error_type: The error type for Lambda's metrics.

    Returns:
        The call.
    """
    headers = (
        ("Content-Type", "application/json"),
        (_ERROR_TYPE, error_type),
    )
    return Call("POST", f"{_PREFIX}/init/error", "the report of a failed start", headers, body)


RESTORE_NEXT = Call("GET", f"{_PREFIX}/restore/next", "the restoration of the snapshot")


def restore_error_call(body: bytes, error_type: str) -> Call:
    """Return the call that reports a snapshot that cannot be restored.

    Args:
        body: The error object's JSON.
        error_type: The error type for Lambda's metrics.

    Returns:
        The call.
    """
    headers = (("Content-Type", "application/json"), (_ERROR_TYPE, error_type))
    return Call("POST", f"{_PREFIX}/restore/error", "the report of a failed restore", headers, body)


def _invocation_call(
    invocation: Invocation, end: str, headers: list[tuple[str, str]], body: bytes | None
) -> Call:
    request_id = invocation.request_id
    if not _UNRESERVED.issuperset(request_id):  # callers may choose it, and it becomes a path
        request_id = "".join(
            chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}"
            for byte in request_id.encode("utf-8", "surrogateescape")
        )
    if invocation.invocation_id is not None:
        headers.append(("Lambda-Runtime-Invocation-Id", invocation.invocation_id))
    path = f"{_PREFIX}/invocation/{request_id}/{end}"
    subject = f"the {end} of invocation {invocation.request_id}"
    return Call("POST", path, subject, headers, body, invocation.request_id)


def polling(policy: Policy = ALONE) -> Exchange[Invocation]:
    """Try `NEXT` until there is an invocation.

    Args:
        policy: How often it is tried.

    Yields:
        How many seconds to wait before the next attempt; send its answer, or its OSError, back.

    Returns:
        The invocation.

    Raises:
        RuntimeAPIError: There will be none: Lambda has given this environment up, or is gone.
    """
    problem = ""
    for delay in policy.delays:
        answer = yield delay
        if isinstance(answer, OSError):
            problem = _unreachable(NEXT, answer)
        elif answer.status == 200 and answer.headers.get("lambda-runtime-aws-request-id"):
            return Invocation(answer.headers, answer.body)
        else:
            problem = _refusal(NEXT, answer)
            if answer.status >= 500 and policy.fatal:
                break
    raise RuntimeAPIError(problem)


def delivering(call: Call, log: PlatformLog, policy: Policy = ALONE) -> Exchange[None]:
    """Try to deliver a result or an error report.

    Nothing can be done about a refusal but to say so and to go on: Lambda has by then answered the
    caller itself (413), or given the invocation up (400, 403, 410).

    Args:
        call: What to send.
        log: Where a refusal is told.
        policy: How often it is tried.

    Yields:
        How many seconds to wait before the next attempt; send its answer, or its OSError, back.

    Raises:
        RuntimeAPIError: Lambda has given this environment up, or is gone.
    """
    problem = ""
    for delay in policy.delays:
        answer = yield delay
        if isinstance(answer, OSError):
            problem = _unreachable(call, answer)
            continue
        # After a lost answer, "not now" and "not this one" say that the first attempt arrived.
        if not (problem and answer.status in (400, 403)):
            delivered(call, answer, log, policy)
        return
    if policy.fatal:
        raise RuntimeAPIError(problem)
    log.write("ERROR", problem, call.request_id)


def delivered(call: Call, answer: Answer, log: PlatformLog, policy: Policy = ALONE) -> None:
    """Judge the answer to a result or to an error report.

    Args:
        call: What was sent.
        answer: What Lambda said to it.
        log: Where a refusal is told.
        policy: What ends the process.

    Raises:
        RuntimeAPIError: Lambda has given this environment up.
    """
    if answer.status >= 500 and policy.fatal:
        raise RuntimeAPIError(_refusal(call, answer))
    if answer.status >= 300:
        log.write("ERROR", _refusal(call, answer), call.request_id)


_HINTS = {
    410: " The invocation had timed out, or is no longer this environment's.",
    413: " The caller was told Function.ResponseSizeTooLarge: return less, or a link to the data.",
}


def _refusal(call: Call, answer: Answer) -> str:
    size = f" ({len(call.body)} bytes)" if call.body is not None else ""
    said = answer.body[:500].decode("utf-8", "replace").strip()
    hint = _HINTS.get(answer.status, "")
    return f"Lambda refused {call.subject}{size} with status {answer.status}: {said}{hint}"


def _unreachable(call: Call, error: OSError) -> str:
    reason = str(error) or type(error).__name__
    return f"Lambda's Runtime API did not answer to {call.subject}: {reason}"
