"""An invocation as the emulator serves it: the response for its caller, and the report."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import NamedTuple

from lambda_testing import MAX_PAYLOAD_BYTES, Invocation, Outcome

from ._aws_error import NO_TENANT
from ._platform import EnvironmentFailure
from ._report import InvocationType, Reported
from ._time_limit import TimeLimit

_TOO_LARGE = "Function.ResponseSizeTooLarge"


class Throttled(Exception):
    """All environments that a function may have are busy."""


class MissingTenant(Exception):
    """An invocation names no tenant, and the function isolates tenants."""

    def __init__(self) -> None:
        super().__init__(NO_TENANT)


class ExecutionOptions(NamedTuple):
    """The options of a durable execution; other functions ignore them.

    Attributes:
        qualifier: The version or alias that is invoked; None for the function's own choice.
        name: The execution's name; None for one that no other has.
        max_seconds: The longest that it may take, if that is less than the function allows; or
            None.
    """

    qualifier: str | None = None
    name: str | None = None
    max_seconds: int | None = None


class StartedExecution(NamedTuple):
    """The durable execution that an invocation has started.

    Attributes:
        arn: The ARN.
        version: The version of the function that it runs.
        is_repeated: True if an earlier invocation with the same name had started it.
    """

    arn: str
    version: str
    is_repeated: bool


class EmulatedInvocation(Invocation):
    """An invocation, from when it is asked for until its report is written.

    Await it for the response; an error of the function is a response, too.

    Attributes:
        kind: The kind of the invocation.
        attempt: The number of attempts, this one included.
        buffered: True if the caller takes no more than fits into a buffered response.
        limit: The time for it, which runs; None until it begins.
        submitted: True once the Runtime API has it.
        failure: The failure of the environment during the invocation, or None.
        report: The numbers of the REPORT line; None until that is written.
        log_tail: The last 4096 bytes of the invocation's log; known with the report.
        execution: The durable execution that it has started, whose result is its response; None
            for an invocation of the handler.
    """

    kind: InvocationType = "RequestResponse"
    attempt: int = 1
    buffered: bool = True
    limit: TimeLimit | None = None
    submitted: bool = False
    failure: EnvironmentFailure | None = None
    report: Reported | None = None
    log_tail: bytes = b""
    execution: StartedExecution | None = None
    _aborted: Exception | None = None
    _ended: asyncio.Event | None = None

    @property
    def streamed(self) -> bool:
        """True if the response has begun and is streamed."""
        headers = self.response_headers or {}
        return headers.get("Lambda-Runtime-Function-Response-Mode") == "streaming"

    @property
    def content_type(self) -> str | None:
        """The media type that the function named for its response, or None."""
        return (self.response_headers or {}).get("Content-Type")

    @property
    def is_error(self) -> bool:
        """True if the function failed."""
        return self.error_type is not None

    @property
    def error_type(self) -> str | None:
        """The error's type; None if the function has not failed, or if that is not known yet."""
        outcome = self.outcome
        if outcome is None or outcome.kind == "response":
            return _TOO_LARGE if self._is_too_large(outcome) else None
        if outcome.kind == "stream_error":
            return outcome.stream_error.type if outcome.stream_error else "Runtime.Unknown"
        return _error_type_of(outcome.body) or outcome.error_type or "Runtime.Unknown"

    @property
    def payload(self) -> bytes:
        """The response, or the description of an error: JSON as a rule; empty until then."""
        outcome = self.outcome
        if outcome is None:
            return b""
        if outcome.kind == "stream_error":
            return _compact_json(outcome.stream_error and outcome.stream_error.body)
        if self._is_too_large(outcome):
            message = f"exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes)."
            return _compact_json(
                {"errorType": _TOO_LARGE, "errorMessage": f"Response payload size {message}"}
            )
        return outcome.body

    async def stream(self, *, hold: bool = True) -> AsyncIterator[bytes]:
        """Yield the pieces of the response as they come; a buffered one is one piece.

        A failure before the response yields its description. One within a streamed response ends
        it; `error_type` is known then.

        Args:
            hold: True to hold the function back until the caller has taken the piece.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        await self.head()
        if not self.streamed:
            await self
            yield self.payload
            return
        index = 0
        while True:
            try:
                chunk = await self.chunk(index)
            except EOFError:
                return
            index += 1
            if not hold:
                yield chunk.data
                continue
            self.pause()
            try:
                yield chunk.data
            finally:
                self.resume()

    async def wait_for_report(self) -> Reported:
        """Wait until the function has asked for its next invocation, or has ended.

        Returns:
            The numbers of the REPORT line.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        if self.report is None and self._aborted is None:
            if self._ended is None:
                self._ended = asyncio.Event()
            await self._ended.wait()
        if self.report is None:
            raise self._aborted or RuntimeError("the invocation has no report")
        return self.report

    def end(self, report: Reported, log_tail: bytes) -> None:
        """Note that the report is written.

        Args:
            report: The numbers of the REPORT line.
            log_tail: The end of its log.
        """
        self.report, self.log_tail = report, log_tail
        self._wake_reported()

    def abort(self, error: Exception) -> None:
        """Let all those who wait fail.

        Args:
            error: Is raised there.
        """
        super().abort(error)
        self._aborted = error
        self._wake_reported()

    def _wake_reported(self) -> None:
        if self._ended is not None:
            self._ended.set()

    def _is_too_large(self, outcome: Outcome | None) -> bool:
        if outcome is None or len(outcome.body) <= MAX_PAYLOAD_BYTES:
            return False
        return self.buffered and self.streamed and outcome.kind == "response"


def _compact_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _error_type_of(payload: bytes) -> str | None:
    """Return the error type that the description of an error names, or None."""
    try:
        return str(json.loads(payload)["errorType"]) or None
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
