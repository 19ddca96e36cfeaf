"""One invocation, from when it is created to its outcome, and how to wait for that."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from ._clock import monotonic, now
from ._event import InvocationOptions, event_headers
from ._outcome import NO_HEADERS, Chunk, Kind, Outcome
from ._waiters import END, HEADERS, Waiters
from ._wire import DEADLINE, compact_json

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from multidict import CIMultiDict

    from ._function import Function


class Invocation:
    """An invocation of a function. Await it, or wait for it, to get its `Outcome`.

    It is queued, then the runtime works on it, then it is done. Awaiting works on any asyncio
    event loop, whichever the server's is; cancelling a waiter does not affect the
    invocation. A streamed response can be watched while it comes.

    Attributes:
        request_id: The request's id.
        invocation_id: The nonce that the runtime must send back, or None.
        event: The body for the runtime.
        headers: The headers for the runtime; None stands for one to leave out.
        timeout: Seconds from delivery to the deadline, unless the headers name one.
        keep_body: True if the bytes of a streamed response are kept.
        delivered: The time at which the runtime first got the event, in seconds of
            `time.monotonic`; None until then.
        response_headers: The headers of the response, from when it begins; None until then.
        outcome: The outcome, or None as long as there is none.
    """

    def __init__(
        self,
        *,
        request_id: str,
        invocation_id: str | None,
        event: bytes,
        headers: CIMultiDict[str | None],
        timeout: float,
        report: Callable[[], str] | None = None,
        wake: Callable[[], object] | None = None,
        keep_body: bool = True,
        paused: bool = False,
    ) -> None:
        """Hold the event and the headers for the runtime.

        Args:
            request_id: The request's id.
            invocation_id: The nonce that the runtime must send back, or None.
            event: The body for the runtime.
            headers: The headers for the runtime; None stands for one to leave out.
            timeout: Seconds from delivery to the deadline, unless the headers name one.
            report: Describes what the server has seen, for errors; None as long as no server has
                it, and so for `wake`.
            wake: Lets the server look again at `paused`; safe for threads.
            keep_body: True if the bytes of a streamed response are kept.
            paused: True if a streamed response waits for `resume`.
        """
        self.request_id = request_id
        self.invocation_id = invocation_id
        self.event = event
        self.headers = headers
        self.timeout = timeout
        self.keep_body = keep_body
        self.delivered: float | None = None
        self.response_headers: Mapping[str, str] | None = None
        self.outcome: Outcome | None = None
        self._report = report
        self._wake = wake
        self._paused = paused
        # The server's thread writes all that follows; any thread may read and wait.
        self._waiters = Waiters()
        self._done = False
        self._error: Exception | None = None
        self._chunks: list[Chunk] = []

    @classmethod
    def create(
        cls,
        function: Function,
        event: object,
        *,
        timeout: float | None = None,
        keep_body: bool = True,
        paused: bool = False,
        **options: Unpack[InvocationOptions],
    ) -> Self:
        """Create an invocation for `RuntimeAPI.submit`.

        Args:
            function: The function that is invoked.
            event: The event: bytes are sent as they are, anything else as JSON.
            timeout: Seconds that it may take once the runtime has it; the function's by default.
            keep_body: True to keep the bytes of a streamed response, False to only count them.
            paused: True to leave a streamed response unread until `resume`.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, which no server has yet.

        Raises:
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        request_id = options.get("request_id") or str(uuid.uuid4())
        invocation_id = options.get("invocation_id", ...)
        if invocation_id is ...:
            invocation_id = str(uuid.uuid4())
        return cls(
            request_id=request_id,
            invocation_id=invocation_id,
            event=event if isinstance(event, bytes) else compact_json(event),
            headers=event_headers(function, request_id, invocation_id, options),
            timeout=function.timeout if timeout is None else timeout,
            keep_body=keep_body,
            paused=paused,
        )

    def attach(self, report: Callable[[], str], wake: Callable[[], object]) -> None:
        """Note which server has it.

        Args:
            report: Describes what the server has seen, for errors.
            wake: Lets the server look again at `paused`; safe for threads.
        """
        self._report = report
        self._wake = wake

    @property
    def state(self) -> Literal["queued", "running", "done"]:
        """The state: waiting for the runtime, in progress, or finished."""
        if self._done:
            return "done"
        return "queued" if self.delivered is None else "running"

    def when_done(self, callback: Callable[[], object]) -> None:
        """Call back when the outcome is known, or there will be none.

        Args:
            callback: Called once: by the server, on its event loop, or now if that was before.
        """
        if not self._waiters.add(END, callback):
            callback()

    def wait(self, timeout: float = 30) -> Outcome:
        """Block until the outcome is known. Not for the event loop that runs the server.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            The outcome.

        Raises:
            TimeoutError: No outcome came in time; the message says what the server has seen.
            ConnectionAbortedError: The server was closed first.
        """
        if not self._waiters.block(END, timeout):
            raise TimeoutError(self._overdue(timeout))
        return self._result()

    def _overdue(self, waited: float) -> str:
        return (
            f"invocation {self.request_id} is still {self.state} after {waited:g} s; "
            f"{self._described()}"
        )

    def _described(self) -> str:
        return "no Runtime API has it" if self._report is None else self._report()

    def __await__(self) -> Generator[Any, None, Outcome]:
        while not self._done and (waiter := self._waiters.future(END)) is not None:
            yield from waiter
        return self._result()

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The part of a streamed response that has arrived."""
        return tuple(self._chunks)

    def wait_for_chunk(self, index: int = 0, timeout: float = 30) -> Chunk:
        """Block until a chunk of the streamed response is here.

        Not for the event loop that runs the server.

        Args:
            index: The place in the response, from 0.
            timeout: The longest wait, in seconds.

        Returns:
            The chunk.

        Raises:
            EOFError: The response has ended with fewer chunks, or is not streamed.
            TimeoutError: It did not come in time; the message says what the server has seen.
            ConnectionAbortedError: The server was closed first.
        """
        if not self._waiters.block(index, timeout):
            raise TimeoutError(
                f"invocation {self.request_id} has {len(self.chunks)} chunks, and none at index "
                f"{index}, after {timeout:g} s; {self._described()}"
            )
        return self._chunk(index)

    async def head(self) -> Mapping[str, str]:
        """Wait until the response begins to come, on any asyncio event loop.

        Returns:
            Its headers; those of the outcome if that comes first.

        Raises:
            ConnectionAbortedError: The server was closed first.
        """
        while (waiter := self._waiters.future(HEADERS)) is not None:
            await waiter
        return self._result().headers if self.response_headers is None else self.response_headers

    async def chunk(self, index: int = 0) -> Chunk:
        """Wait for a chunk of the streamed response, on any asyncio event loop.

        Args:
            index: The place in the response, from 0.

        Returns:
            The chunk.

        Raises:
            EOFError: The response has ended with fewer chunks, or is not streamed.
            ConnectionAbortedError: The server was closed first.
        """
        while (waiter := self._waiters.future(index)) is not None:
            await waiter
        return self._chunk(index)

    @property
    def paused(self) -> bool:
        """True if the server leaves the streamed response unread."""
        return self._paused

    def pause(self) -> None:
        """Stop reading the streamed response, so that the runtime feels back-pressure.

        The kernel and the server buffer a few megabytes: a runtime is held back once that is full.
        While nothing is read, a broken connection goes unnoticed.
        """
        self._paused = True

    def resume(self) -> None:
        """Continue to read the streamed response."""
        self._paused = False
        if self._wake is not None:
            self._wake()

    def is_stale(self, invocation_id: str | None) -> bool:
        """Return whether an answer is for another delivery.

        Args:
            invocation_id: The nonce that the runtime sent back, or None.

        Returns:
            True if it is not this invocation's; a nonce that one of the two lacks is not compared.
        """
        return None not in (invocation_id, self.invocation_id) and (
            invocation_id != self.invocation_id
        )

    def start_clock(self) -> None:
        """Set the deadline, which is `timeout` seconds from now unless the headers name one."""
        deadline = math.floor((now() + self.timeout) * 1000)
        self.headers.setdefault(DEADLINE, str(deadline))

    def deliver(self) -> Mapping[str, str | None]:
        """Note that the runtime gets the event; the time of the first delivery counts.

        Returns:
            The headers for the runtime, the deadline among them.
        """
        if self.delivered is None:
            self.delivered = monotonic()
            self.start_clock()
        return self.headers

    def begin_response(self, headers: Mapping[str, str]) -> None:
        """Note that the runtime begins to send its response.

        Args:
            headers: The headers of its request.
        """
        self.response_headers = headers
        self._waiters.notify(HEADERS)

    def arrive(self, data: bytes, size: int) -> None:
        """Note that a chunk of the streamed response is here; one after the end is ignored.

        Args:
            data: The bytes; none if they are not kept.
            size: The size, in bytes.
        """
        if not self._done:
            self._chunks.append(Chunk(data, size, monotonic()))
            self._waiters.notify(len(self._chunks) - 1)

    def settle(
        self,
        kind: Kind,
        body: bytes,
        headers: Mapping[str, str] = NO_HEADERS,
        trailers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        """Set the outcome, once.

        Args:
            kind: The kind.
            body: The bytes for the caller.
            headers: The headers of the runtime's request.
            trailers: The trailers.
        """
        self.outcome = Outcome(
            kind=kind,
            body=body,
            headers=headers,
            trailers=trailers,
            chunks=tuple(self._chunks),
            delivered=self.delivered,
        )
        self._done = True
        self._waiters.notify(END)

    def abort(self, error: Exception) -> None:
        """Let those who wait fail: there will be no outcome.

        Args:
            error: Is raised there.
        """
        if not self._done:
            self._error = error
            self._done = True
            self._waiters.notify(END)

    def _result(self) -> Outcome:
        if self.outcome is None:
            raise self._error or RuntimeError("the invocation is not done")
        return self.outcome

    def _chunk(self, index: int) -> Chunk:
        if index < len(self._chunks):
            return self._chunks[index]
        kind = self._result().kind
        raise EOFError(
            f"invocation {self.request_id} ended as {kind} after {len(self._chunks)} chunks"
        )
