"""The state machine of an execution environment on Lambda Managed Instances. No I/O.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ._extensions import Extensions
from ._outcome import NO_HEADERS
from ._state import ExecutionEnvironment, State
from ._wire import INTERNAL_ERROR, INVALID_REQUEST_ID, INVOKE_TIMEOUT, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._invocation import Invocation


class ParallelEnvironment(ExecutionEnvironment):
    """Several invocations in flight, each answered by its request id, in any order.

    A worker process that dies is not noticed: what it worked on stays in flight until somebody
    answers, or until it is ended as timed out.
    """

    def __init__(self, limit: int) -> None:
        """Begin with nothing to do.

        Args:
            limit: How many invocations may be in flight, and how many polls may wait.
        """
        super().__init__()
        # Here an extension in a process of the runtime can only ask to be stopped with it.
        self.extensions = Extensions(events=())
        self._limit = limit
        self._in_flight: dict[str, Invocation] = {}
        self._answering: dict[str, State] = {}
        self._late: set[str] = set()

    @property
    def in_flight(self) -> tuple[Invocation, ...]:
        """What the runtime has got, and was not seen to end."""
        return tuple(self._in_flight.values())

    def poll(self) -> None:
        """A worker asks for an invocation; `take` gives it one.

        Raises:
            Refused: The runtime has failed, or has all the polls that it may have.
        """
        self._expect(State.READY)
        if self.parked >= self._limit:
            raise Refused(INTERNAL_ERROR)
        self.extensions.open = False
        self._update()

    def take(self) -> Invocation | None:
        """Put the next invocation in flight for a worker that waits.

        Returns:
            The invocation, or None if none is queued, or as many as may be are in flight.
        """
        full = len(self._in_flight) >= self._limit
        if not self._waits or full or not self._queue or not self.extensions.ready:
            return None
        if self._queue[0].request_id in self._in_flight:
            return None  # an id that is used twice is used one after the other
        invocation = self._queue.popleft()
        self._in_flight[invocation.request_id] = invocation
        self._late.discard(invocation.request_id)
        self._update()
        return invocation

    def begin_answer(
        self,
        request_id: str,
        invocation_id: str | None,
        target: Literal[State.RESPONSE, State.ERROR_RESPONSE],
    ) -> Invocation:
        """A worker begins to send a response or an error; the error may end a response.

        Args:
            request_id: The request id in its path.
            invocation_id: The nonce that it sent back, or None.
            target: Which of the two it is.

        Returns:
            The invocation that it answers.

        Raises:
            Refused: It is not for an invocation in flight, or too late, or not the first answer.
        """
        if self.state is State.INIT_ERROR:
            self._expect(target)
        if request_id in self._late:
            raise Refused(INVOKE_TIMEOUT)
        invocation = self._in_flight.get(request_id)
        begun = self._answering.get(request_id)
        if invocation is None or begun in (target, State.ERROR_RESPONSE):
            raise Refused(INVALID_REQUEST_ID)
        if invocation.is_stale(invocation_id):
            raise Refused(INVOKE_TIMEOUT)
        self._answering[request_id] = target
        return invocation

    def end_answer(
        self,
        invocation: Invocation,
        kind: Literal["response", "error", "stream_error"],
        body: bytes,
        headers: Mapping[str, str],
        trailers: Mapping[str, str] = NO_HEADERS,
    ) -> bool:
        """The response or error is here, or is as good as it will get.

        Args:
            invocation: What `begin_answer` returned.
            kind: What the caller gets.
            body: Its bytes.
            headers: The headers of the worker's request.
            trailers: Its trailers.

        Returns:
            Whether it came in time: an invocation that has failed in between keeps its outcome.
        """
        if invocation.state == "done":
            return False
        self._remove(invocation)
        invocation.settle(kind, body, headers, trailers)
        return True

    def spoil_answer(self, invocation: Invocation, body: bytes, headers: Mapping[str, str]) -> None:
        """The response is of a kind that there is not; only its invocation ends by that.

        Args:
            invocation: What `begin_answer` returned.
            body: What the caller gets.
            headers: The headers of the worker's request.
        """
        self.end_answer(invocation, "error", body, headers)

    def fail(self, invocation: Invocation, kind: Literal["timeout", "exit"], body: bytes) -> None:
        """End an invocation without the runtime; the process and all else goes on.

        Args:
            invocation: One that was queued here; nothing happens if it is done.
            kind: Why it ends.
            body: What the caller gets.
        """
        if invocation.state == "done":
            return
        if self._in_flight.get(invocation.request_id) is invocation:
            self._remove(invocation)
            if kind == "timeout":
                self._late.add(invocation.request_id)
        else:
            self._queue.remove(invocation)
        invocation.settle(kind, body)

    def exit(self, reason: str) -> None:
        """All processes of the runtime have ended, and others may start.

        Args:
            reason: What ended them, as ``Runtime exited with error: exit status 1``.
        """
        super().exit(reason)
        self._late.clear()

    @property
    def _waits(self) -> bool:
        return self.state in (State.READY, State.RUNNING)

    def _remove(self, invocation: Invocation) -> None:
        del self._in_flight[invocation.request_id]
        self._answering.pop(invocation.request_id, None)
        self._update()

    def _update(self) -> None:
        self.state = State.RUNNING if self._in_flight else State.READY
