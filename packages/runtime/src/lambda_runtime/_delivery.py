"""Retries and refusals: how often a request is sent, and what its responses mean.

The rules are generators that do no I/O: each yields the seconds to wait before an attempt, and is
sent the response, or the OSError that came instead. The loops do the waiting and the sending.
"""

from __future__ import annotations

from time import sleep

from ._http1 import Request
from ._invocation import PREFIX, Invocation
from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import TypeAlias, TypeVar

    from lambda_logging import PlatformLog

    from ._transport import Response, Transport

    T = TypeVar("T")
    Attempts: TypeAlias = Generator[float, Response | OSError, T]


NEXT = Request("GET", f"{PREFIX}/invocation/next", "the next invocation")


class RetryPolicy:
    """Delivery: how often a request is sent, and which failures end the process."""

    def __init__(self, delays: Sequence[float], *, fatal: bool) -> None:
        """Describe a policy.

        Args:
            delays: Seconds to wait before each attempt; after the last one, the request has failed.
            fatal: True if status 500, and a result that cannot be delivered, end the process.
        """
        self.delays = delays
        self.fatal = fatal


ALONE = RetryPolicy((0, 0.05, 0.25), fatal=True)
"""For the one process of an environment: a 500 says that the environment is lost."""
SHARED = RetryPolicy((0, 0.1, 0.2, 0.4, 0.8), fatal=False)
"""For Lambda Managed Instances, where one invocation may fail and the others go on."""


def poll_next(
    policy: RetryPolicy = ALONE, first: Response | OSError | None = None
) -> Attempts[Invocation]:
    """Ask for the next invocation until there is one.

    Args:
        policy: The retry policy.
        first: The outcome of the first attempt, if it was made already.

    Yields:
        The seconds to wait before the next attempt; send its response, or its OSError, back.

    Returns:
        The invocation.

    Raises:
        RuntimeAPIError: There will be none: Lambda has given this environment up, or is gone.
    """
    problem = ""
    for delay in policy.delays:
        response, first = first or (yield delay), None
        if isinstance(response, OSError):
            problem = _unreachable(NEXT, response)
        elif response.status == 200 and response.headers.get("lambda-runtime-aws-request-id"):
            return Invocation(response.headers, response.body)
        else:
            problem = _refusal(NEXT, response)
            if response.status >= 500 and policy.fatal:
                break
    raise RuntimeAPIError(problem)


def deliver(
    request: Request,
    log: PlatformLog,
    policy: RetryPolicy = ALONE,
    first: Response | OSError | None = None,
) -> Attempts[RuntimeAPIError | None]:
    """Deliver a result or an error report.

    A refusal is logged, and nothing more can be done: Lambda has by then answered the caller itself
    (413), or given the invocation up (400, 403, 410).

    Args:
        request: The request.
        log: The log for a refusal.
        policy: The retry policy.
        first: The outcome of the first attempt, if it was made already.

    Yields:
        The seconds to wait before the next attempt; send its response, or its OSError, back.

    Returns:
        The refusal, or None when Lambda has taken it.

    Raises:
        RuntimeAPIError: Lambda has given this environment up, or is gone.
    """
    problem = ""
    for delay in policy.delays:
        response, first = first or (yield delay), None
        if isinstance(response, OSError):
            problem = _unreachable(request, response)
            continue
        # After a lost response, "not now" and "not this one" say that the first attempt arrived.
        if problem and response.status in (400, 403):
            return None
        return check_delivery(request, response, log, policy)
    if policy.fatal:
        raise RuntimeAPIError(problem)
    log.write("ERROR", problem, request.request_id)
    return RuntimeAPIError(problem)


def check_delivery(
    request: Request, response: Response, log: PlatformLog, policy: RetryPolicy
) -> RuntimeAPIError | None:
    """Judge the response to a result or to an error report.

    Args:
        request: The request that delivered it.
        response: Lambda's response.
        log: The log for a refusal.
        policy: The policy, which says if a 500 ends the process.

    Returns:
        The refusal, or None when Lambda has taken it.

    Raises:
        RuntimeAPIError: Lambda has given this environment up.
    """
    if response.status < 300:
        return None
    refusal = RuntimeAPIError(_refusal(request, response))
    if response.status >= 500 and policy.fatal:
        raise refusal
    log.write("ERROR", str(refusal), request.request_id)
    return refusal


def exchange(transport: Transport, request: Request, attempts: Attempts[T]) -> T:
    """Send a request until the rule has a result, and block.

    Args:
        transport: The way to the Runtime API.
        request: The request.
        attempts: The rule that judges the responses.

    Returns:
        The rule's result.

    Raises:
        RuntimeAPIError: It came to nothing.
    """
    response: Response | OSError | None = None
    while True:
        try:
            delay = attempts.send(response)  # type: ignore[arg-type] # None starts a generator
        except StopIteration as end:
            result: T = end.value
            return result
        if delay:
            sleep(delay)
        try:
            response = transport.round_trip(request)
        except OSError as error:
            response = error


_HINTS = {
    410: " The invocation had timed out, or no longer belongs to this environment.",
    413: " The caller was sent Function.ResponseSizeTooLarge: return less, or a link to the data.",
}


def _refusal(request: Request, response: Response) -> str:
    size = f" ({len(request.body)} bytes)" if request.body is not None else ""
    said = response.body[:500].decode("utf-8", "replace").strip()
    hint = _HINTS.get(response.status, "")
    return f"Lambda refused {request.subject}{size} with status {response.status}: {said}{hint}"


def _unreachable(request: Request, error: OSError) -> str:
    reason = str(error) or type(error).__name__
    return f"Lambda's Runtime API did not answer to {request.subject}: {reason}"
