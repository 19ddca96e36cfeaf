"""The records that Lambda itself writes to a function's log, as text and as JSON.

https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

import json
import math
from datetime import UTC, datetime
from time import time
from typing import Any, Literal, NamedTuple

from lambda_testing import Function

from ._config import LogFormat

Phase = Literal["init", "invoke"]


class EnvironmentFailure(NamedTuple):
    """The failure after which a function's process can serve no longer.

    Attributes:
        status: ``error`` if something went wrong, ``timeout`` if it took too long.
        error_type: Lambda's name for it.
        reason: A description of it.
        location: The file and the line of the function's code; empty if that is not known.
        report: The error that the runtime has reported, as JSON; None if it has not.
        restoring: True if the process could not be restored from its snapshot.
    """

    status: Literal["error", "timeout"]
    error_type: str
    reason: str
    location: str = ""
    report: bytes | None = None
    restoring: bool = False

    def __str__(self) -> str:
        """Return the reason, and where it is."""
        if not self.location or self.reason.endswith(f"({self.location})"):
            return self.reason
        return f"{self.reason} ({self.location})"

    def payload(self, request_id: str) -> bytes:
        """Return the payload for the caller of an invocation that has failed so.

        Args:
            request_id: The invocation's id.
        """
        if self.report is not None:
            return self.report
        message = f"RequestId: {request_id} Error: {self.reason}"
        error = {"errorType": self.error_type, "errorMessage": message}
        return json.dumps(error, separators=(",", ":")).encode()


class Usage(NamedTuple):
    """The resources that an invocation has used.

    Attributes:
        duration: Seconds from the invocation's start until the function asked for another.
        memory_size: The memory of the function, in MB.
        peak_memory: The most memory that its process has used, in MB.
        init_duration: Seconds of the init phase, when this is the first invocation after it.
        restore_duration: Seconds of the restore from a snapshot, when this is the first invocation
            after it.
    """

    duration: float
    memory_size: int
    peak_memory: int
    init_duration: float | None
    restore_duration: float | None = None

    @property
    def billed_ms(self) -> int:
        """The milliseconds that Lambda would bill: the init phase too, since August 2025."""
        before = (self.init_duration or 0) + (self.restore_duration or 0)
        return math.ceil((self.duration + before) * 1000)


class PlatformRecord(NamedTuple):
    """A record of Lambda itself about a function.

    Attributes:
        type: The name in the Telemetry API, as ``platform.start``.
        record: The fields, as JSON has them.
        text: The lines in the text format; may be empty.
        logged: True if a log in JSON includes it, at the level INFO.
        time: The time of the record, in seconds of Unix time.
    """

    type: str
    record: dict[str, Any]
    text: str = ""
    logged: bool = True
    time: float = 0.0

    def render(self, log_format: LogFormat) -> bytes:
        """Return its lines for the log; may be empty.

        Args:
            log_format: The log's format.
        """
        if log_format == "text":
            return self.text.encode()
        return (
            f"{json.dumps(self.as_json(), separators=(',', ':'))}\n".encode()
            if self.logged
            else b""
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as the Telemetry API sends it."""
        return {"time": timestamp(self.time), "type": self.type, "record": self.record}


def timestamp(seconds: float) -> str:
    """Return a time as Lambda writes it.

    Args:
        seconds: The time, in seconds of Unix time.
    """
    text = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return f"{text.isoformat(timespec='milliseconds')}Z"


def now() -> str:
    """Return the time now as Lambda writes it."""
    return timestamp(time())


def start(function: Function, request_id: str) -> PlatformRecord:
    """Return the record that begins an invocation.

    Args:
        function: The function that is invoked.
        request_id: The invocation's id.
    """
    record = {"requestId": request_id, "functionArn": function.arn, "version": function.version}
    text = f"START RequestId: {request_id} Version: {function.version}\n"
    return PlatformRecord("platform.start", record, text, time=time())


def runtime_done(
    request_id: str, duration: float, size: int, status: str, failure: EnvironmentFailure | None
) -> PlatformRecord:
    """Return the record that the runtime has done with an invocation.

    Args:
        request_id: The invocation's id.
        duration: The duration, in seconds.
        size: The bytes that it has produced.
        status: The outcome.
        failure: The reason that the function's process ended with it, or None.
    """
    record = {
        "requestId": request_id,
        **status_of(failure),
        "status": status,
        "metrics": {"durationMs": milliseconds(duration), "producedBytes": size},
    }
    text = "" if failure is None else _cause(request_id, failure)
    return PlatformRecord("platform.runtimeDone", record, text, status != "success", time())


def report(
    request_id: str,
    usage: Usage,
    status: str,
    failure: EnvironmentFailure | None,
    *,
    managed: bool = False,
) -> PlatformRecord:
    """Return the record that ends an invocation.

    Args:
        request_id: The invocation's id.
        usage: The resources that it has used.
        status: The outcome.
        failure: The reason that the function's process ended with it, or None.
        managed: True for one of several invocations of an environment, whose memory is shared.
    """
    metrics: dict[str, Any] = {"durationMs": milliseconds(usage.duration)}
    fields = [f"REPORT RequestId: {request_id}", f"Duration: {usage.duration * 1000:.2f} ms"]
    if not managed:
        metrics |= {
            "billedDurationMs": usage.billed_ms,
            "memorySizeMB": usage.memory_size,
            "maxMemoryUsedMB": usage.peak_memory,
        }
        fields += [
            f"Billed Duration: {usage.billed_ms} ms",
            f"Memory Size: {usage.memory_size} MB",
            f"Max Memory Used: {usage.peak_memory} MB",
        ]
    if usage.init_duration is not None:
        metrics["initDurationMs"] = milliseconds(usage.init_duration)
        fields.append(f"Init Duration: {usage.init_duration * 1000:.2f} ms")
    if (restore := usage.restore_duration) is not None:
        billed = math.ceil(restore * 1000)
        metrics |= {"restoreDurationMs": milliseconds(restore), "billedRestoreDurationMs": billed}
        fields.append(f"Restore Duration: {restore * 1000:.2f} ms")
        fields.append(f"Billed Restore Duration: {billed} ms")
    # Nothing after the last tab is how Lambda says that all is well.
    fields.append("" if failure is None else status_text(failure))
    record = {"requestId": request_id, "metrics": metrics, **status_of(failure), "status": status}
    text = f"END RequestId: {request_id}\n" + "\t".join(fields) + "\n"
    return PlatformRecord("platform.report", record, text, time=time())


def extension(name: str, state: str, events: tuple[str, ...]) -> PlatformRecord:
    """Return the record that an extension has started, or has failed to.

    Args:
        name: The extension's name.
        state: Such as ``Ready``.
        events: The events that it asked for.
    """
    record = {"name": name, "state": state, "events": list(events)}
    text = f"EXTENSION\tName: {name}\tState: {state}\tEvents: [{', '.join(events)}]\n"
    return PlatformRecord("platform.extension", record, text, time=time())


def telemetry_subscription(name: str, types: list[str]) -> PlatformRecord:
    """Return the record that an extension has asked for telemetry.

    Args:
        name: The extension's name.
        types: The types of telemetry that it asked for.
    """
    record = {"name": name, "state": "Subscribed", "types": types}
    shown = ", ".join(kind.capitalize() for kind in types)
    text = f"TELEMETRY\tName: {name}\tState: Subscribed\tTypes: [{shown}]\n"
    return PlatformRecord("platform.telemetrySubscription", record, text, time=time())


def malformed_response(request_id: str, front_end: str, reason: str) -> PlatformRecord:
    """Return the record that a front end cannot send a function's response to its client.

    Lambda itself writes none: on AWS it is in the front end's own log, where it has one.

    Args:
        request_id: The invocation's id.
        front_end: The front end.
        reason: The reason why the response cannot be sent.
    """
    message = f"{front_end} cannot send the response: {reason}."
    record = {"requestId": request_id, "errorType": "MalformedResponse", "errorMessage": message}
    text = f"RequestId: {request_id} Error: {message}\n"
    return PlatformRecord("emulator.malformedResponse", record, text, time=time())


def _cause(request_id: str, failure: EnvironmentFailure) -> str:
    """Return Lambda's lines about a process that ended; an init error has its own."""
    if failure.status == "timeout":
        return f"{now()} {request_id} {failure.reason}\n\n"
    if failure.error_type in {"Runtime.ExitError", "Runtime.OutOfMemory"}:
        return f"RequestId: {request_id} Error: {failure.reason}\nRuntime.ExitError\n"
    return ""


def milliseconds(seconds: float) -> float:
    """Return a duration as records have it.

    Args:
        seconds: The duration.
    """
    return round(seconds * 1000, 3)


def status_of(failure: EnvironmentFailure | None) -> dict[str, str]:
    """Return the fields of a record that say how something ended.

    Args:
        failure: The failure, or None.
    """
    if failure is None:
        return {"status": "success"}
    if failure.status == "timeout":
        return {"status": "timeout"}
    return {"status": "error", "errorType": failure.error_type}


def status_text(failure: EnvironmentFailure) -> str:
    """Return the same for a line of text.

    Args:
        failure: The failure.
    """
    if failure.status == "timeout":
        return "Status: timeout"
    return f"Status: error\tError Type: {failure.error_type}"
