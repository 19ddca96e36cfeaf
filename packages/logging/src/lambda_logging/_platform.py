"""The runtime's own records, in the format and through the channel that Lambda asks for."""

from __future__ import annotations

from time import gmtime, strftime, time_ns

from ._settings import SEVERITY, settings
from ._sink import flush_streams, open_sink
from ._small_json import write as write_small

TYPE_CHECKING = False  # typing itself costs more to import than this module
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any

    from ._protocols import Sink
    from ._settings import Level


_START_WARNING = (
    "LAMBDA_WARNING: Unhandled exception. "
    "The most likely cause is an issue in the function code. "
    "However, in rare cases, a Lambda runtime update can cause unexpected function behavior. "
    "For functions using managed runtimes, runtime updates can be triggered by a function change, "
    "or can be applied automatically. "
    "To determine if the runtime has been updated, check the runtime version in the INIT_START "
    "log entry. "
    "If this error correlates with a change in the runtime version, you may be able to mitigate "
    "this error by temporarily rolling back to the previous runtime version. "
    "For more information, see "
    "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html\r"
)
"""The text of AWS's runtime, to the letter."""


class PlatformLog:
    r"""Writes records as the managed Python runtime does, so that Lambda's filters read them.

    Text records are ``[LEVEL]\ttime\trequest id\tmessage``; JSON records are one object with
    ``timestamp``, ``level``, ``message`` and ``requestId``. A record that cannot be written is
    dropped: no invocation fails because of one.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
    """

    def __init__(self, sink: Sink, *, json: bool = False, level: str = "TRACE") -> None:
        """Write to a sink.

        Args:
            sink: The destination of records.
            json: True if records are JSON objects, False if they are text.
            level: The lowest level that is written, by Lambda's name; an unknown one filters
                nothing.
        """
        self._sink = sink
        self._json = json
        self._threshold = SEVERITY.get(level, 0)

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
            message: The message; it may have several lines.
            request_id: The invocation that it belongs to, or empty outside of any.
        """
        if SEVERITY[level] < self._threshold:
            return
        if self._json:
            self._write_json(level, {"message": message, "requestId": request_id})
        else:
            from ._text import text_line

            now = time_ns()
            line = text_line(now, level, request_id, message, self._sink.line_end)
            self._sink.write(line, level, json=False, time_ns=now)

    def failure(self, error: Mapping[str, Any]) -> None:
        """Write the record of a failed invocation or of a failed start.

        Args:
            error: The error object that the Runtime API gets: ``errorMessage`` (str),
                ``errorType`` (str), ``requestId`` (str) and ``stackTrace`` (list of str); and
                ``errorNotes`` (list of str), ``errorGroup`` (a list of such objects) and
                ``errorCause`` (such an object), if there are any.
        """
        if SEVERITY["ERROR"] < self._threshold:
            return
        try:
            if self._json:
                self._write_json("ERROR", error)
            else:
                from ._cut import cut_text

                text = self._sink.line_end.join(_failure_lines(error))
                record = cut_text(text, settings.max_bytes)
                self._sink.write(record, "ERROR", json=False, time_ns=time_ns())
        except (ImportError, OSError):  # no file can be opened: what is loaded must do
            self._write_barely(error)

    def _write_barely(self, error: Mapping[str, Any]) -> None:
        text = self._sink.line_end.join(_failure_lines(error))
        if self._json:
            now = strftime("%Y-%m-%dT%H:%M:%S.000Z", gmtime())
            text = write_small({"timestamp": now, "level": "ERROR", **error})
        record = text.encode("utf-8", "backslashreplace")[: settings.max_bytes - 1] + b"\n"
        self._sink.write(record, "ERROR", json=self._json, time_ns=time_ns())

    def start_failure(self, error: Mapping[str, Any]) -> None:
        """Write the records of a failed start: the platform's warning, and the failure.

        The managed runtime's warning is the text that filters and alarms look for.

        Args:
            error: As for `failure`.
        """
        if SEVERITY["WARN"] >= self._threshold:
            self._warn_of_start()
        self.failure(error)

    def _warn_of_start(self) -> None:
        now = time_ns()
        if self._json:
            from ._record import encode, timestamp

            fields = {"message": _START_WARNING, "logger": "root", "requestId": ""}
            line = encode({"timestamp": timestamp(now), "level": "WARNING", **fields})
        else:
            from ._text import text_line

            line = text_line(now, "WARNING", "", _START_WARNING, self._sink.line_end)
        self._sink.write(line, "WARN", json=self._json, time_ns=now)

    def raw(self, text: str) -> None:
        """Write text as it is, without a level or a time.

        Args:
            text: The text; a line end is not added.
        """
        record = text.encode("utf-8", "backslashreplace")
        self._sink.write(record, None, json=False, time_ns=time_ns())

    def flush(self) -> None:
        """Write out what the function has printed, so that nothing is held back over a freeze."""
        flush_streams()

    def _write_json(self, level: Level, fields: Mapping[str, Any]) -> None:
        from ._record import encode, timestamp

        now = time_ns()
        if settings.more_fields is not None:
            fields = {**fields, **settings.more_fields()}
        record = encode({"timestamp": timestamp(now), "level": level, **fields})
        self._sink.write(record, level, json=True, time_ns=now)


def _failure_lines(error: Mapping[str, Any]) -> list[str]:
    heading = _heading(error)
    lines = f"[ERROR] {heading}".split("\n")
    lines += _notes(error)
    lines.append("Traceback (most recent call last):")
    lines += _frames(error)
    lines += _behind(error)
    return lines


def _heading(error: Mapping[str, Any]) -> str:
    return ": ".join(str(error[key]) for key in ("errorType", "errorMessage") if error[key])


def _notes(error: Mapping[str, Any]) -> list[str]:
    return [line for note in error.get("errorNotes", ()) for line in str(note).split("\n")]


def _frames(error: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for frame in error["stackTrace"]:
        for line in str(frame).splitlines():
            # CloudWatch's console trims leading spaces; it leaves no-break spaces alone.
            code = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(code)) + code)
    return lines


def _behind(error: Mapping[str, Any]) -> list[str]:
    """Return the lines of the exceptions in a group, and of what an exception was raised from."""
    parts = [(f"{number}. ", part) for number, part in enumerate(error.get("errorGroup", ()), 1)]
    if "errorCause" in error:
        parts.append(("Caused by ", error["errorCause"]))
    lines: list[str] = []
    for introduction, part in parts:
        lines += f"{introduction}{_heading(part)}".split("\n")
        lines += _notes(part)
        lines += _frames(part)
        lines += _behind(part)
    return lines
