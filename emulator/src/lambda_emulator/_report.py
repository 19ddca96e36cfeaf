"""The lines that Lambda itself writes to a function's log, in its text format.

Fields are parted by tabs, as the tools expect that read them.
https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal


@dataclass(frozen=True)
class Failure:
    """Why a function's process can serve no more.

    Attributes:
        status: Whether something went wrong or took too long.
        error_type: Lambda's name for it.
        reason: What happened.
    """

    status: Literal["error", "timeout"]
    error_type: str
    reason: str


@dataclass(frozen=True)
class Usage:
    """What an invocation took.

    Attributes:
        duration: Seconds from the invocation's start until the function asked for another.
        memory_size: The memory of the function, in MB.
        peak_memory: The most memory that its process has used, in MB.
        init_duration: Seconds of the init phase, when this is the first invocation after it.
    """

    duration: float
    memory_size: int
    peak_memory: int
    init_duration: float | None


def start(request_id: str, version: str) -> str:
    """Return the line that begins an invocation.

    Args:
        request_id: The invocation's id.
        version: The function's version.
    """
    return f"START RequestId: {request_id} Version: {version}\n"


def end(request_id: str, usage: Usage, failure: Failure | None = None) -> str:
    """Return the lines that end an invocation.

    Args:
        request_id: The invocation's id.
        usage: What it took.
        failure: What ended the function's process with it, if anything did.
    """
    billed = math.ceil((usage.duration + (usage.init_duration or 0)) * 1000)
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {_milliseconds(usage.duration)}",
        f"Billed Duration: {billed} ms",
        f"Memory Size: {usage.memory_size} MB",
        f"Max Memory Used: {usage.peak_memory} MB",
    ]
    if usage.init_duration is not None:
        fields.append(f"Init Duration: {_milliseconds(usage.init_duration)}")
    # Nothing after the last tab is how Lambda says that all is well.
    fields.append("" if failure is None else _status(failure))
    return f"{_cause(request_id, failure)}END RequestId: {request_id}\n" + "\t".join(fields) + "\n"


def init_failed(duration: float, phase: Literal["init", "invoke"], failure: Failure) -> str:
    """Return the line that tells of a start that failed.

    Args:
        duration: How long it took, in seconds.
        phase: ``"init"`` before the first invocation, ``"invoke"`` within another.
        failure: What happened.
    """
    return (
        f"INIT_REPORT Init Duration: {_milliseconds(duration)}\t"
        f"Phase: {phase}\t{_status(failure)}\n"
    )


def _cause(request_id: str, failure: Failure | None) -> str:
    """Return what Lambda says of a process that ended; an init error it tells itself."""
    if failure is None:
        return ""
    if failure.status == "timeout":
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return f"{now.removesuffix('+00:00')}Z {request_id} {failure.reason}\n\n"
    if failure.error_type == "Runtime.ExitError":
        return f"RequestId: {request_id} Error: {failure.reason}\n{failure.error_type}\n"
    return ""


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _status(failure: Failure) -> str:
    if failure.status == "timeout":
        return "Status: timeout"
    return f"Status: error\tError Type: {failure.error_type}"
