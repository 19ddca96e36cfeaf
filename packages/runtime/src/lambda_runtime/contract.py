"""Facts of Lambda's contract that runtimes, test doubles and emulators share."""

from __future__ import annotations

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100
"""The largest response that Lambda takes in one piece, in bytes.

Contract: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

PRELUDE_CONTENT_TYPE = "application/vnd.awslambda.http-integration-response"
"""The media type that makes a front end of Lambda read the prelude of a streamed response."""

PRELUDE_END = bytes(8)
"""The bytes between a prelude and the body."""


def exit_reason(code: int, *, core_dumped: bool = False) -> str:
    """Describe the end of a runtime's process in Lambda's words.

    Args:
        code: The exit code, negative for a signal.
        core_dumped: True if a signal has left a core dump.

    Returns:
        Words such as ``Runtime exited with error: exit status 1``.
    """
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    from signal import strsignal

    name = (strsignal(-code) or str(-code)).partition(":")[0].lower()  # macOS: "Killed: 9"
    dumped = " (core dumped)" if core_dumped else ""
    return f"Runtime exited with error: signal: {name}{dumped}"
