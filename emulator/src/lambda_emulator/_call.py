"""An invocation as its caller sees it: pieces of a response, the answer, the report."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambda_testing import MAX_PAYLOAD_BYTES, Invocation, InvocationOptions, Outcome

from ._bus import Kind, Reported
from ._promise import Promise

if TYPE_CHECKING:
    from ._wait import Limit


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller of a function gets.

    Attributes:
        payload: The response, or the description of an error; JSON as a rule.
        error_type: What went wrong, or None.
        content_type: The media type that the function named, or None.
        streamed: Whether the function streamed it.
    """

    payload: bytes
    error_type: str | None = None
    content_type: str | None = None
    streamed: bool = False

    @property
    def is_error(self) -> bool:
        """Whether the function failed."""
        return self.error_type is not None


@dataclass(frozen=True, slots=True)
class Head:
    """How a response begins.

    Attributes:
        streamed: Whether its pieces come one by one.
        content_type: The media type that the function named, or None.
    """

    streamed: bool
    content_type: str | None


class Call:
    """An invocation, from when it is asked for until its report is written.

    Attributes:
        event: The event, as JSON.
        kind: How it was asked for.
        options: What else is known of it.
        request_id: Its id.
        attempt: How often it was tried, this time included.
        invocation: What the Runtime API knows of it; None until the function is to have it.
        limit: The time for it, which runs; None until it begins.
    """

    def __init__(
        self,
        event: bytes,
        kind: Kind,
        options: InvocationOptions,
        *,
        attempt: int = 1,
        buffered: bool = True,
    ) -> None:
        """Begin a call, on the running event loop.

        Args:
            event: The event, as JSON.
            kind: How it was asked for.
            options: What else is known of it.
            attempt: How often it was tried, this time included.
            buffered: Whether the caller takes no more than fits into a buffered response.
        """
        self.event = event
        self.kind: Kind = kind
        self.request_id = options.get("request_id") or str(uuid.uuid4())
        self.options: InvocationOptions = {**options, "request_id": self.request_id}
        self.attempt = attempt
        self._buffered = buffered
        self.invocation: Invocation | None = None
        self.limit: Limit | None = None
        self._head: Promise[Head] = Promise()
        self._answer: Promise[Answer] = Promise()
        self._report: Promise[tuple[Reported, bytes]] = Promise()
        self._streamed = False

    async def head(self) -> Head:
        """Wait for the beginning of the response.

        Returns:
            How it begins; a failure before it is not streamed.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        return await self._head.value()

    async def chunks(self, *, hold: bool = True) -> AsyncIterator[bytes]:
        """Yield the pieces of the response as they come; a buffered one is one piece.

        A failure before the response yields its description. One within a streamed response ends
        it; `answer` tells then.

        Args:
            hold: Whether the function is held back while a piece is not taken.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        head = await self.head()
        if not head.streamed or self.invocation is None:
            yield (await self.answer()).payload
            return
        index = 0
        while True:
            try:
                chunk = await self.invocation.chunk(index)
            except EOFError:
                return
            index += 1
            if not hold:
                yield chunk.data
                continue
            self.invocation.pause()
            try:
                yield chunk.data
            finally:
                self.invocation.resume()

    async def answer(self) -> Answer:
        """Wait for the answer.

        Returns:
            The answer. Whatever the function does wrong becomes one.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        return await self._answer.value()

    async def report(self) -> Reported:
        """Wait until the function has asked for its next invocation, or has ended.

        Returns:
            What the invocation took.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        return (await self._report.value())[0]

    async def log_tail(self) -> bytes:
        """Wait for the report.

        Returns:
            The last 4096 bytes of the invocation's log.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        return (await self._report.value())[1]

    @property
    def answered(self) -> bool:
        """Whether there is an answer."""
        return self._answer.kept

    def when_answered(self, callback: Callable[[], object]) -> None:
        """Call back when there is an answer, or will be none.

        Args:
            callback: Called once.
        """
        self._answer.when_kept(callback)

    def run_as(self, invocation: Invocation) -> None:
        """Note what the Runtime API knows of it: its outcome becomes the answer.

        Args:
            invocation: Of the same request id.
        """
        self.invocation = invocation
        invocation.when_done(lambda: self._settle(invocation.outcome))

    def begin(self, head: Head) -> None:
        """The runtime begins to send its response.

        Args:
            head: How it begins.
        """
        if not self._head.kept:
            self._streamed = head.streamed
            self._head.keep(head)

    def end(self, report: Reported, tail: bytes) -> None:
        """The report is written.

        Args:
            report: What the invocation took.
            tail: The end of its log.
        """
        self._report.keep((report, tail))

    def abort(self, error: Exception) -> None:
        """Let all that wait fail.

        Args:
            error: What is raised there.
        """
        self._head.fail(error)
        self._answer.fail(error)
        self._report.fail(error)

    async def ended(self, seconds: float) -> None:
        """Wait for the report, but not for long.

        Args:
            seconds: The longest wait.
        """
        with suppress(TimeoutError, ConnectionAbortedError):
            async with asyncio.timeout(seconds):
                await self._report.value()

    def _settle(self, outcome: Outcome | None) -> None:
        """Answer at once, not a few rounds of the event loop later: the caller waits for it."""
        if outcome is not None:
            answer = _answer(outcome, streamed=self._streamed, buffered=self._buffered)
            self.begin(Head(streamed=False, content_type=answer.content_type))
            self._answer.keep(answer)


def _answer(outcome: Outcome, *, streamed: bool, buffered: bool) -> Answer:
    if outcome.kind == "response":
        if buffered and streamed and len(outcome.body) > MAX_PAYLOAD_BYTES:
            return _too_large()
        return Answer(outcome.body, None, outcome.content_type, streamed)
    body = outcome.body
    if outcome.kind == "stream_error":
        told = outcome.stream_error
        error_type = told.type if told else "Runtime.Unknown"
        body = json.dumps(told.body if told else None, separators=(",", ":")).encode()
        return Answer(body, error_type, "application/json", streamed)
    return Answer(
        body, error_type_of(body) or outcome.error_type or "Runtime.Unknown", None, streamed
    )


def _too_large() -> Answer:
    error_type = "Function.ResponseSizeTooLarge"
    message = f"exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes)."
    told = {"errorType": error_type, "errorMessage": f"Response payload size {message}"}
    return Answer(json.dumps(told, separators=(",", ":")).encode(), error_type)


def error_type_of(payload: bytes) -> str | None:
    """Return the error type that the description of an error names, or None.

    Args:
        payload: JSON, as a rule.
    """
    try:
        told = json.loads(payload)
        return str(told["errorType"]) or None
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
