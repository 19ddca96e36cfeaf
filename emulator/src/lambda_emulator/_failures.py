"""The reasons for the end of a function's process, in Lambda's words."""

from pathlib import Path

from lambda_testing import Outcome
from lambda_testing.contract import exit_reason

from ._failure_location import location_in_report, location_in_text
from ._platform import EnvironmentFailure


def reported(error: Outcome, root: Path) -> EnvironmentFailure:
    """Return the failure of a runtime that has reported why it cannot start, or be restored.

    Args:
        error: The report.
        root: The directory of the function's code.
    """
    error_type = error.error_type or "Runtime.Unknown"
    location = location_in_report(error.body, root)
    return EnvironmentFailure("error", error_type, _describe(error), location, error.body)


def exited(exit_code: int, printed: bytes, root: Path) -> EnvironmentFailure:
    """Return the failure of a process that has ended.

    Args:
        exit_code: The exit code; negative for a signal.
        printed: The end of its log.
        root: The directory of the function's code.
    """
    location = location_in_text(printed.decode(errors="replace"), root)
    return EnvironmentFailure("error", "Runtime.ExitError", exit_reason(exit_code), location)


def timed_out(seconds: float) -> EnvironmentFailure:
    """Return the failure of a process that has taken too long.

    Args:
        seconds: The seconds that it was allowed to take.
    """
    reason = f"Task timed out after {seconds:.2f} seconds"
    return EnvironmentFailure("timeout", "Sandbox.Timedout", reason)


def out_of_memory(held: int, limit: int) -> EnvironmentFailure:
    """Return the failure of a process that has held too much memory.

    Args:
        held: The memory that it held, in MB.
        limit: The memory that it may hold, in MB.
    """
    reason = (
        "Runtime exited with error: signal: killed"
        f" (it held {held} MB of memory, and may hold {limit} MB: raise --memory, or memory_mb)"
    )
    return EnvironmentFailure("error", "Runtime.OutOfMemory", reason)


def _describe(error: Outcome) -> str:
    """Return what a runtime reported of its failure, for people."""
    try:
        reported = error.json()
        return f"{reported['errorType']}: {reported['errorMessage']}"
    except (ValueError, LookupError, TypeError):
        return error.body.decode(errors="replace")
