"""The result of an invocation, for tests: the value or the error, the log and the duration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ._logs import parse_logs

if TYPE_CHECKING:
    from ._outcome import Chunk, Kind, Outcome

_SHOWN = 2000  # characters of a log, or of a body, in a message


class InvocationError(AssertionError):
    """An invocation did not end as the test expects; the message says how it ended."""


@dataclass(frozen=True, slots=True)
class FunctionError:
    """The error that the caller of a function gets.

    Attributes:
        type: The error type: the exception's class, or Lambda's own, as ``Runtime.ExitError``.
        message: The message of the error.
        stack_trace: The frames of the traceback; empty if they are not known.
        payload: The whole payload that the caller gets, decoded.
    """

    type: str
    message: str
    stack_trace: tuple[str, ...]
    payload: Any

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


class Result:
    """The result of an invocation of the function under test.

    `value` and `error` each raise an error with the whole story if there is only the other one, so
    a test asks for the one that it expects, and needs no check before.

    Attributes:
        outcome: The outcome, as the Runtime API has it.
        output: The function's standard output and standard error meanwhile.
        duration: The duration of the invocation, in seconds, from the delivery of the event.
        init_duration: The duration of the start, in seconds, if this was the first invocation of a
            process; else None.
    """

    def __init__(
        self,
        outcome: Outcome,
        output: str,
        *,
        duration: float,
        init_duration: float | None = None,
        raised: BaseException | None = None,
    ) -> None:
        """Make a result.

        Args:
            outcome: The outcome, as the Runtime API has it.
            output: The function's standard output and standard error.
            duration: The duration of the invocation, in seconds.
            init_duration: The duration of the start, in seconds.
            raised: The exception itself, if it is in this process.
        """
        self.outcome = outcome
        self.output = output
        self.duration = duration
        self.init_duration = init_duration
        self._raised = raised

    @property
    def ok(self) -> bool:
        """True if the function responded, and not with an error."""
        return self.outcome.kind == "response"

    @property
    def kind(self) -> Kind:
        """The kind of the outcome; see `Outcome`."""
        return self.outcome.kind

    @property
    def value(self) -> Any:
        """The function's return value: JSON is decoded; all else is bytes, without its prelude.

        Raises:
            InvocationError: The function failed; the message has the error and the log, and the
                exception itself, where it is known, is the cause.
            ValueError: The media type is JSON, and the body is not.
        """
        __tracebackhide__ = True
        if not self.ok:
            raise InvocationError(self._explanation()) from _without_runtime(self._raised)
        media_type = (self.outcome.content_type or "application/json").partition(";")[0].lower()
        if media_type == "application/json" or media_type.endswith("+json"):
            return self.outcome.json()
        return self.outcome.content

    @property
    def error(self) -> FunctionError:
        """The error that the caller gets.

        Raises:
            InvocationError: The function did not fail; the message has its value and the log.
        """
        __tracebackhide__ = True
        if self.ok:
            raise InvocationError(self._explanation())
        stream_error = self.outcome.stream_error
        payload = _decoded(self.outcome.body) if stream_error is None else stream_error.body
        fields = payload if isinstance(payload, dict) else {}
        error_type = self.outcome.error_type if stream_error is None else stream_error.type
        # Runtimes for Python have stackTrace, the one for Node.js has trace.
        trace = fields.get("stackTrace") or fields.get("trace") or ()
        return FunctionError(
            type=str(fields.get("errorType") or error_type or ""),
            message=str(fields.get("errorMessage", "")),
            stack_trace=tuple(map(str, trace)),
            payload=payload,
        )

    @property
    def logs(self) -> list[Any]:
        """The records that the function has logged: decoded if they are JSON, else text."""
        return parse_logs(self.output)

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The pieces of a streamed response, each with its time."""
        return self.outcome.chunks

    @property
    def content(self) -> bytes:
        """The response's bytes, without the prelude of an HTTP response; also of one broken off."""
        return self.outcome.content

    @property
    def prelude(self) -> Any:
        """The status, headers and cookies that a streamed HTTP response begins with, or None."""
        return self.outcome.prelude

    @property
    def mode(self) -> Literal["streaming", "buffered"]:
        """True if the response was streamed."""
        return self.outcome.mode

    def __repr__(self) -> str:
        said = repr(self.outcome.body[:100]) if self.ok else str(self.error)
        return f"<Result {self.kind} after {self.duration * 1000:.1f} ms: {said}>"

    def _explanation(self) -> str:
        if self.ok:
            said = self.outcome.content[:_SHOWN].decode("utf-8", "replace")
            lines = [f"the function did not fail: it returned {said}"]
        else:
            error = self.error
            # The exception itself, where there is one, comes with its own traceback.
            trace = () if self._raised is not None else error.stack_trace
            lines = [f"the function failed ({self.kind}): {error}", *trace]
        if self.output.strip():
            log = self.output.replace("\r", "\n").strip()
            lines += ["its log:", log[-_SHOWN:]]
        return "\n".join(line.rstrip("\n") for line in lines)


def _without_runtime(error: BaseException | None) -> BaseException | None:
    """Cut the runtime's frames off a traceback, so that it begins in the function."""
    if error is None:
        return None
    place = error.__traceback__
    while place is not None and place.tb_frame.f_globals.get("__package__") == "lambda_runtime":
        place = place.tb_next
    return error if place is None else error.with_traceback(place)


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
