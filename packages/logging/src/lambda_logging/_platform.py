"""Records of the runtime's own, in the format and through the channel that Lambda asks for."""

from __future__ import annotations

import time

from ._sink import flush_streams, open_sink

TYPE_CHECKING = False  # typing itself costs more to import than this module
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any, Literal

    from ._sink import Sink

    Level = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]

_SEVERITY = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "FATAL": 50}


class PlatformLog:
    r"""Writes records as the managed Python runtime does, so that Lambda's filters read them.

    Text records are ``[LEVEL]\ttime\trequest id\tmessage``; JSON records are one object with
    ``timestamp``, ``level``, ``message`` and ``requestId``. No method ever raises: a log line that
    cannot be written is not worth an invocation.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    """

    def __init__(self, sink: Sink, *, json: bool = False, level: str = "TRACE") -> None:
        """Write to a sink.

        Args:
            sink: Where records go.
            json: Whether records are JSON objects (text otherwise).
            level: The lowest level written, by Lambda's names; an unknown name filters nothing.
        """
        self._sink = sink
        self._json = json
        self._threshold = _SEVERITY.get(level, 0)

    @classmethod
    def from_environment(cls, environ: MutableMapping[str, str]) -> PlatformLog:
        """Set the log up as the environment says.

        Args:
            environ: ``AWS_LAMBDA_LOG_FORMAT`` (``JSON`` or ``Text``, in any case),
                ``AWS_LAMBDA_LOG_LEVEL`` and ``_LAMBDA_TELEMETRY_LOG_FD`` are read; the last is
                removed, so that no child process writes frames into the same channel.

        Returns:
            The log.
        """
        return cls(
            open_sink(environ),
            json=environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON",
            level=environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper(),
        )

    def write(self, level: Level, message: str, request_id: str = "") -> None:
        """Write one record.

        Args:
            level: TRACE, DEBUG, INFO, WARN, ERROR or FATAL.
            message: What happened; it may have several lines.
            request_id: The invocation that it belongs to, or empty outside of any.
        """
        if _SEVERITY[level] < self._threshold:
            return
        if self._json:
            self._write_json(level, {"message": message, "requestId": request_id})
        else:
            line = f"[{level}]\t{_timestamp()}\t{request_id}\t{message}"
            self._sink.write_text(level, line.split("\n"))

    def failure(self, error: Mapping[str, Any]) -> None:
        """Write the record of a failed invocation or of a failed start.

        Args:
            error: The error object that the Runtime API is told: ``errorMessage`` (str),
                ``errorType`` (str), ``requestId`` (str) and ``stackTrace`` (list of str).
        """
        if _SEVERITY["ERROR"] < self._threshold:
            return
        if self._json:
            self._write_json("ERROR", error)
        else:
            self._sink.write_text("ERROR", _failure_lines(error))

    def raw(self, text: str) -> None:
        """Write text as it is, without a level or a time.

        Args:
            text: What ``context.log`` was given.
        """
        self._sink.write(None, text, json=False)

    def flush(self) -> None:
        """Write out what the function has printed, so that it is not kept over a freeze."""
        flush_streams()

    def _write_json(self, level: Level, fields: Mapping[str, Any]) -> None:
        from ujson import dumps

        record = {"timestamp": _timestamp(), "level": level, **fields}
        text = dumps(record, ensure_ascii=False, escape_forward_slashes=False)
        self._sink.write(level, text + "\n", json=True)


def _failure_lines(error: Mapping[str, Any]) -> list[str]:
    heading = ": ".join(str(error[key]) for key in ("errorType", "errorMessage") if error[key])
    lines = f"[ERROR] {heading}".split("\n")
    lines.append("Traceback (most recent call last):")
    for frame in error["stackTrace"]:
        for line in str(frame).splitlines():
            # CloudWatch's console trims leading spaces; it leaves no-break spaces alone.
            code = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(code)) + code)
    return lines


def _timestamp() -> str:
    """Return the time as RFC 3339 with milliseconds, the only form the platform filters by."""
    now = time.time_ns() // 1_000_000
    seconds, milliseconds = divmod(now, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{milliseconds:03d}Z"
