"""Advice for a function that cannot start, by the reason."""

import json
import re

from lambda_testing.contract import exit_reason

from ._config import FunctionConfig
from ._platform import EnvironmentFailure

# The frame that raises KeyError for a variable that os.environ does not have.
_ENVIRON = re.compile(r'File "(?:<frozen os>|[^"\n]*\bos\.py)", line \d+, in __getitem__\n')


def explain_start(config: FunctionConfig, failure: EnvironmentFailure) -> str:
    """Return why a function cannot start, and what to do about it.

    Args:
        config: The function.
        failure: The failure of the start.
    """
    advice = start_advice(config, failure)
    return f"{failure}; {advice}" if advice else str(failure)


def start_advice(config: FunctionConfig, failure: EnvironmentFailure) -> str:
    """Return what to do about a failure that has a well-known reason; else nothing.

    Args:
        config: The function.
        failure: The failure of the start.
    """
    if failure.status == "timeout":
        return "do less at the start, or allow more seconds with --init-timeout."
    if failure.reason == exit_reason(0):
        from ._target_advice import advise_program

        return advise_program(config.program.source)
    if "No module named" in failure.reason:
        python = config.program.interpreter.executable
        return f"install it for {python}, or choose another Python with --python."
    if failure.error_type == "Runtime.HandlerNotFound":
        from ._target_advice import advise_handler

        return advise_handler(config.program.source, config.program.handler)
    if variable := _missing_variable(failure.report):
        return f"set the variable with --env {variable}=VALUE, or in a file with --env-file."
    return ""


def _missing_variable(report: bytes | None) -> str:
    """Return the environment variable that a start has looked up, and that is not set."""
    try:
        error = json.loads(report or b"{}")
        is_lookup = error["errorType"] == "KeyError" and _ENVIRON.search(error["stackTrace"][-1])
        return str(error["errorMessage"]).strip("'\"") if is_lookup else ""
    except (ValueError, LookupError, TypeError):
        return ""
