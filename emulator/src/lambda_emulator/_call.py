"""An invocation as its caller sees it: pieces of a response, the answer, the report."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from lambda_testing import MAX_PAYLOAD_BYTES, Invocation, InvocationOptions, Outcome

from ._bus import Kind, Reported

_T = TypeVar("_T")


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
        loop = asyncio.get_running_loop()
        self.event = event
        self.kind: Kind = kind
        self.request_id = options.get("request_id") or str(uuid.uuid4())
        self.options: InvocationOptions = {**options, "request_id": self.request_id}
        self.attempt = attempt
        self._buffered = buffered
        self._invocation: Invocation | None = None
        self._head: asyncio.Future[Head] = loop.create_future()
        self._answer: asyncio.Future[Answer] = loop.create_future()
        self._report: asyncio.Future[tuple[Reported, bytes]] = loop.create_future()

    async def head(self) -> Head:
        """Wait for the beginning of the response.

        Returns:
            How it begins; a failure before it is not streamed.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        return await _result(self._head)

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
        if not head.streamed or self._invocation is None:
            yield (await self.answer()).payload
            return
        index = 0
        while True:
            try:
                chunk = await self._invocation.chunk(index)
            except EOFError:
                return
            index += 1
            if not hold:
                yield chunk.data
                continue
            self._invocation.pause()
            try:
                yield chunk.data
            finally:
                self._invocation.resume()

    async def answer(self) -> Answer:
        """Wait for the answer.

        Returns:
            The answer. Whatever the function does wrong becomes one.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        return await _result(self._answer)

    async def report(self) -> Reported:
        """Wait until the function has asked for its next invocation, or has ended.

        Returns:
            What the invocation took.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        return (await _result(self._report))[0]

    async def log_tail(self) -> bytes:
        """Wait for the report.

        Returns:
            The last 4096 bytes of the invocation's log.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        return (await _result(self._report))[1]

    @property
    def answered(self) -> bool:
        """Whether there is an answer."""
        return self._answer.done()

    def when_answered(self, callback: Callable[[], object]) -> None:
        """Call back when there is an answer, or will be none.

        Args:
            callback: Called once.
        """
        self._answer.add_done_callback(lambda _: callback())

    def run_as(self, invocation: Invocation) -> None:
        """Note what the Runtime API knows of it: its outcome becomes the answer.

        Args:
            invocation: Of the same request id.
        """
        self._invocation = invocation
        invocation.when_done(lambda: self._settle(invocation.outcome))

    def begin(self, head: Head) -> None:
        """The runtime begins to send its response.

        Args:
            head: How it begins.
        """
        if not self._head.done():
            self._head.set_result(head)

    def end(self, report: Reported, tail: bytes) -> None:
        """The report is written.

        Args:
            report: What the invocation took.
            tail: The end of its log.
        """
        self._report.set_result((report, tail))

    def abort(self, error: Exception) -> None:
        """Let all that wait fail.

        Args:
            error: What is raised there.
        """
        futures: tuple[asyncio.Future[Any], ...] = (self._head, self._answer, self._report)
        for future in futures:
            if not future.done():
                future.set_exception(error)
                future.exception()  # whether anyone waits is their business

    async def ended(self, seconds: float) -> None:
        """Wait for the report, but not for long.

        Args:
            seconds: The longest wait.
        """
        await asyncio.wait({self._report}, timeout=seconds)

    def _settle(self, outcome: Outcome | None) -> None:
        """Answer at once, not a few rounds of the event loop later: the caller waits for it."""
        if outcome is not None and not self._answer.done():
            streamed = self._head.done() and self._head.result().streamed
            answer = _answer(outcome, streamed=streamed, buffered=self._buffered)
            self.begin(Head(streamed=False, content_type=answer.content_type))
            self._answer.set_result(answer)


async def _result(future: asyncio.Future[_T]) -> _T:
    """Wait for what several may wait for; what is there costs no round of the event loop."""
    return future.result() if future.done() else await asyncio.shield(future)


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
