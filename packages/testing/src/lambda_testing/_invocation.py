"""One invocation: what the runtime gets, and how to wait for what becomes of it."""

from __future__ import annotations

import asyncio
import math
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal

from ._chunks import ChunkLog
from ._outcome import NO_HEADERS, Chunk, Kind, Outcome
from ._wire import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from multidict import CIMultiDict


class Invocation:
    """An invocation that was queued. Await it, or wait for it, to get its `Outcome`.

    Awaiting works on any asyncio event loop, whichever the server's is; cancelling one who waits
    does nothing to the invocation. A streamed response can be watched while it comes.
    """

    def __init__(
        self,
        *,
        request_id: str,
        invocation_id: str | None,
        event: bytes,
        headers: CIMultiDict[str | None],
        timeout: float,
        report: Callable[[], str],
        wake: Callable[[], None],
        keep_body: bool = True,
        paused: bool = False,
    ) -> None:
        """Hold what the runtime will get.

        Args:
            request_id: The request's id.
            invocation_id: The nonce that the runtime must send back, or None.
            event: The body for the runtime.
            headers: The headers for the runtime; None stands for one to leave out.
            timeout: Seconds from delivery to the deadline, unless the headers name one.
            report: Tells what the server has seen, for errors.
            wake: Lets the server look again at `paused`; safe for threads.
            keep_body: Whether the bytes of a streamed response are kept.
            paused: Whether a streamed response waits for `resume`.
        """
        self.request_id = request_id
        self.invocation_id = invocation_id
        self.event = event
        self.timeout = timeout
        self.keep_body = keep_body
        self.delivered: float | None = None
        self._headers = headers
        self._report = report
        self._wake = wake
        self._paused = paused
        self._chunks = ChunkLog()
        self._outcome: Future[Outcome] = Future()

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, or None as long as there is none."""
        known = self._outcome.done() and self._outcome.exception() is None
        return self._outcome.result() if known else None

    @property
    def state(self) -> Literal["queued", "running", "done"]:
        """Whether the runtime has yet to get it, works on it, or nothing more can come of it."""
        if self._outcome.done():
            return "done"
        return "queued" if self.delivered is None else "running"

    def when_done(self, callback: Callable[[], object]) -> None:
        """Call back when the outcome is known, or there will be none.

        Args:
            callback: Called once: by the server, on its event loop, or now if that was before.
        """
        self._outcome.add_done_callback(lambda _: callback())

    def wait(self, timeout: float = 30) -> Outcome:
        """Block until the outcome is known. Not for the event loop that runs the server.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            The outcome.

        Raises:
            TimeoutError: No outcome came in time; the message tells what the server has seen.
            ConnectionAbortedError: The server was closed first.
        """
        try:
            return self._outcome.result(timeout)
        except TimeoutError:
            raise TimeoutError(self._overdue(timeout)) from None

    def _overdue(self, waited: float) -> str:
        """Say that there is no outcome yet, and what the server has seen.

        Args:
            waited: How long it was waited for, in seconds.
        """
        return (
            f"invocation {self.request_id} is still {self.state} after {waited:g} s; "
            f"{self._report()}"
        )

    def __await__(self) -> Generator[Any, None, Outcome]:
        if self._outcome.done():  # no round of the event loop for what is known
            return self._outcome.result()
        # Shielded: a caller who gives up must not take the outcome from the others.
        return (yield from asyncio.shield(asyncio.wrap_future(self._outcome)).__await__())

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """What has come of a streamed response."""
        return self._chunks.seen

    def wait_for_chunk(self, index: int = 0, timeout: float = 30) -> Chunk:
        """Block until a chunk of the streamed response is here.

        Not for the event loop that runs the server.

        Args:
            index: Its place in the response, from 0.
            timeout: The longest wait, in seconds.

        Returns:
            The chunk.

        Raises:
            EOFError: The response has ended with fewer chunks, or is none that is streamed.
            TimeoutError: It did not come in time; the message tells what the server has seen.
            ConnectionAbortedError: The server was closed first.
        """
        try:
            return self._chunks.get(index).result(timeout)
        except TimeoutError:
            raise TimeoutError(
                f"invocation {self.request_id} has {len(self.chunks)} chunks, and none at index "
                f"{index}, after {timeout:g} s; {self._report()}"
            ) from None

    async def chunk(self, index: int = 0) -> Chunk:
        """Wait for a chunk of the streamed response, on any asyncio event loop.

        Args:
            index: Its place in the response, from 0.

        Returns:
            The chunk.

        Raises:
            EOFError: The response has ended with fewer chunks, or is none that is streamed.
            ConnectionAbortedError: The server was closed first.
        """
        return await asyncio.wrap_future(self._chunks.get(index))

    @property
    def paused(self) -> bool:
        """Whether the server leaves the streamed response unread."""
        return self._paused

    def pause(self) -> None:
        """Stop to read the streamed response, so that the runtime feels back-pressure.

        What the kernel and the server had buffered is theirs: a runtime is held back once that is
        full, after a few megabytes. As long as nothing is read, it goes unnoticed that a
        connection breaks.
        """
        self._paused = True

    def resume(self) -> None:
        """Go on to read the streamed response."""
        self._paused = False
        self._wake()

    def arrive(self, data: bytes, size: int) -> None:
        """Note that a chunk of the streamed response is here.

        Args:
            data: Its bytes; none if they are not kept.
            size: How many bytes it has.
        """
        self._chunks.add(data, size)

    def is_stale(self, invocation_id: str | None) -> bool:
        """Tell whether an answer is for another delivery.

        Args:
            invocation_id: The nonce that the runtime sent back, or None.

        Returns:
            Whether it is not this invocation's; a nonce that one of the two lacks is not compared.
        """
        return None not in (invocation_id, self.invocation_id) and (
            invocation_id != self.invocation_id
        )

    def deliver(self) -> Mapping[str, str | None]:
        """Note that the runtime gets the event; the time of the first delivery counts.

        Returns:
            The headers for the runtime, the deadline among them.
        """
        if self.delivered is None:
            self.delivered = time.monotonic()
            deadline = math.floor((time.time() + self.timeout) * 1000)
            self._headers.setdefault(DEADLINE, str(deadline))
        return self._headers

    def settle(
        self,
        kind: Kind,
        body: bytes,
        headers: Mapping[str, str] = NO_HEADERS,
        trailers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        """Set the outcome, once.

        Args:
            kind: What it is.
            body: What the caller gets.
            headers: The headers of the runtime's request.
            trailers: Its trailers.
        """
        chunks = self.chunks
        self._outcome.set_result(
            Outcome(
                kind=kind,
                body=body,
                headers=headers,
                trailers=trailers,
                chunks=chunks,
                delivered=self.delivered,
            )
        )
        self._chunks.end(
            EOFError(f"invocation {self.request_id} ended as {kind} after {len(chunks)} chunks")
        )

    def abort(self, error: Exception) -> None:
        """Let who waits fail: there will be no outcome.

        Args:
            error: What is raised there.
        """
        if not self._outcome.done():
            self._outcome.set_exception(error)
            self._chunks.end(error)
