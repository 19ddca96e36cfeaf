"""The records that Lambda writes about the start of a function, and about its restore.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

from collections.abc import Mapping
from time import time
from typing import Any

from lambda_testing import Function

from ._platform import (
    EnvironmentFailure,
    Phase,
    PlatformRecord,
    milliseconds,
    status_of,
    status_text,
)
from ._version import __version__


def init_start(
    function: Function, phase: Phase, log_stream: str, python_version: str
) -> PlatformRecord:
    """Return the record that a process is started.

    Args:
        function: The function.
        phase: ``"init"`` before the first invocation, ``"invoke"`` within another.
        log_stream: The name of the environment's log stream.
        python_version: The version of the Python that runs it.
    """
    record = {
        "initializationType": initialization_type(function),
        "phase": phase,
        **_instance(function, log_stream, python_version),
    }
    text = f"INIT_START {_runtime(record)}\n"
    return PlatformRecord("platform.initStart", record, text, time=time())


def init_ended(
    function: Function, phase: Phase, duration: float, failure: EnvironmentFailure | None
) -> tuple[PlatformRecord, PlatformRecord]:
    """Return the records that a start is over, and how long it took.

    Args:
        function: The function.
        phase: ``"init"`` before the first invocation, ``"invoke"`` within another.
        duration: The duration, in seconds.
        failure: The failure, or None.
    """
    ended = {
        "initializationType": initialization_type(function),
        "phase": phase,
        **status_of(failure),
    }
    metrics = {"durationMs": milliseconds(duration)}
    text = ""
    # A function with SnapStart starts when it is published, and no REPORT has that duration.
    logged = failure is not None or function.snap_start
    if logged:
        report = f"INIT_REPORT Init Duration: {duration * 1000:.2f} ms\tPhase: {phase}"
        text = f"{report}\n" if failure is None else f"{report}\t{status_text(failure)}\n"
    now = time()
    return (
        PlatformRecord("platform.initRuntimeDone", ended, logged=logged, time=now),
        PlatformRecord("platform.initReport", {**ended, "metrics": metrics}, text, logged, now),
    )


def restore_start(function: Function, log_stream: str, python_version: str) -> PlatformRecord:
    """Return the record that a process is restored from its snapshot.

    Args:
        function: The function.
        log_stream: The name of the environment's log stream.
        python_version: The version of the Python that runs it.
    """
    record = _instance(function, log_stream, python_version)
    text = f"RESTORE_START {_runtime(record)}\n"
    return PlatformRecord("platform.restoreStart", record, text, time=time())


def restore_ended(
    duration: float, failure: EnvironmentFailure | None
) -> tuple[PlatformRecord, PlatformRecord]:
    """Return the records that a restore is over, and how long it took.

    Args:
        duration: The duration, in seconds.
        failure: The failure, or None.
    """
    ended = status_of(failure)
    metrics = {"durationMs": milliseconds(duration)}
    report = f"RESTORE_REPORT Restore Duration: {duration * 1000:.2f} ms"
    text = f"{report}\n" if failure is None else f"{report}\t{status_text(failure)}\n"
    now = time()
    return (
        PlatformRecord("platform.restoreRuntimeDone", ended, logged=False, time=now),
        PlatformRecord("platform.restoreReport", {**ended, "metrics": metrics}, text, time=now),
    )


def initialization_type(function: Function) -> str:
    """Return Lambda's name for how a function's environments start.

    Args:
        function: The function.
    """
    if function.snap_start:
        return "snap-start"
    return "on-demand" if function.max_concurrency is None else "lambda-managed-instances"


def _instance(function: Function, log_stream: str, python_version: str) -> dict[str, Any]:
    return {
        "runtimeVersion": f"python:{python_version}.emulator.{__version__}",
        "runtimeVersionArn": f"arn:aws:lambda:{function.region}::runtime:lambda-emulator",
        "functionName": function.name,
        "functionVersion": function.version,
        "instanceId": log_stream,
        "instanceMaxMemory": function.memory_mb << 20,
    }


def _runtime(record: Mapping[str, Any]) -> str:
    return (
        f"Runtime Version: {record['runtimeVersion']}"
        f"\tRuntime Version ARN: {record['runtimeVersionArn']}"
    )
