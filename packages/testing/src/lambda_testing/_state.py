"""The state machine of one execution environment. No I/O, and no clock of its own."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Literal

from ._invocation import Invocation, Outcome
from ._wire import (
    INVALID_REQUEST_ID,
    INVOKE_TIMEOUT,
    Refused,
    error_payload,
    invalid_transition,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(Enum):
    """Where a runtime is; the values are the names that the Runtime API uses."""

    STARTED = "Started"
    READY = "Ready"
    RUNNING = "Running"
    RESPONSE = "InvocationResponse"
    ERROR_RESPONSE = "InvocationErrorResponse"
    RESPONSE_SENT = "RuntimeResponseSentState"
    INIT_ERROR = "InitError"


_FROM: Mapping[State, frozenset[State]] = {
    State.READY: frozenset({State.STARTED, State.READY, State.RUNNING, State.RESPONSE_SENT}),
    State.RESPONSE: frozenset({State.RUNNING}),
    State.ERROR_RESPONSE: frozenset({State.RUNNING}),
    State.INIT_ERROR: frozenset({State.STARTED}),
}
"""The states from which a request may lead to a state."""


class ExecutionEnvironment:
    """Invocations in a queue, at most one of them in flight, and the runtime's state.

    Attributes:
        state: The runtime's state.
        init_error: What the runtime told of a start that failed, or None.
        parked: How many polls wait for an invocation.
    """

    def __init__(self) -> None:
        self.state = State.STARTED
        self.init_error: Outcome | None = None
        self.parked = 0
        self._queue: deque[Invocation] = deque()
        self._current: Invocation | None = None

    @property
    def queued(self) -> int:
        """How many invocations the runtime has not got."""
        return len(self._queue)

    @property
    def idle(self) -> bool:
        """Whether the runtime waits, and there is nothing for it to do."""
        return self.state is State.READY and self.parked > 0 and not self._queue

    def enqueue(self, invocation: Invocation) -> None:
        """Put an invocation at the end of the queue; after an init error it fails at once.

        Args:
            invocation: A new one.
        """
        if self.init_error is None:
            self._queue.append(invocation)
        else:
            invocation.settle("init_error", self.init_error.body, self.init_error.headers)

    def poll(self) -> Invocation | None:
        """The runtime asks for an invocation.

        Returns:
            The one in flight if it is not answered: a runtime that lost it gets it again. None
            lets the runtime wait until `take` gives one.

        Raises:
            Refused: The runtime may not ask now.
        """
        self._expect(State.READY)
        if self.state is State.RUNNING:
            return self._current
        self.state, self._current = State.READY, None
        return None

    def take(self) -> Invocation | None:
        """Put the next invocation in flight for a runtime that waits.

        Returns:
            The invocation, or None if none is queued or the runtime is not waiting.
        """
        if self.state is not State.READY or not self._queue:
            return None
        self.state, self._current = State.RUNNING, self._queue.popleft()
        return self._current

    def begin_answer(
        self,
        request_id: str,
        invocation_id: str | None,
        target: Literal[State.RESPONSE, State.ERROR_RESPONSE],
    ) -> Invocation:
        """The runtime begins to send a response or an error.

        Args:
            request_id: The request id in its path.
            invocation_id: The nonce that it sent back, or None.
            target: Which of the two it is.

        Returns:
            The invocation that it answers.

        Raises:
            Refused: It is not for the invocation in flight, or too late, or out of order.
        """
        if self.state is State.INIT_ERROR:
            self._expect(target)
        current = self._current
        if current is None or current.request_id != request_id:
            raise Refused(INVALID_REQUEST_ID)
        stale = invocation_id is not None and current.invocation_id not in (None, invocation_id)
        if stale or (current.outcome and current.outcome.kind == "timeout"):
            raise Refused(INVOKE_TIMEOUT)
        self._expect(target)
        self.state = target
        return current

    def end_answer(
        self,
        invocation: Invocation,
        kind: Literal["response", "error"],
        body: bytes,
        headers: Mapping[str, str],
    ) -> bool:
        """The response or error is here, or is as good as it will get.

        Args:
            invocation: What `begin_answer` returned.
            kind: What the caller gets.
            body: Its bytes.
            headers: The headers of the runtime's request.

        Returns:
            Whether it came in time: an invocation that has failed in between keeps its outcome.
        """
        if invocation.state == "done":
            return False
        invocation.settle(kind, body, headers)
        self.state = State.RESPONSE_SENT
        return True

    def fail_init(self, body: bytes, headers: Mapping[str, str]) -> None:
        """The runtime could not start: all that wait for it fail alike.

        Args:
            body: What the runtime told.
            headers: The headers of its request.

        Raises:
            Refused: The runtime has polled, or has failed already.
        """
        self._expect(State.INIT_ERROR)
        self.state = State.INIT_ERROR
        self.init_error = Outcome(kind="init_error", body=body, headers=headers)
        while self._queue:
            self._queue.popleft().settle("init_error", body, headers)

    def fail(self, invocation: Invocation, kind: Literal["timeout", "exit"], body: bytes) -> None:
        """End an invocation without the runtime; what it may still answer is refused.

        Args:
            invocation: One that was queued here; nothing happens if it is done.
            kind: Why it ends.
            body: What the caller gets.
        """
        if invocation.state == "done":
            return
        if invocation is self._current:
            self.state = State.RESPONSE_SENT
        else:
            self._queue.remove(invocation)
        invocation.settle(kind, body)

    def exit(self, reason: str) -> None:
        """The runtime's process has ended, and another may start.

        The invocation in flight ends with it; if the process did not live to ask for one, the
        first in the queue does, for which it was started. The others stay queued.

        Args:
            reason: What ended the process, as ``Runtime exited with error: exit status 1``.
        """
        victim = self._current
        if self.state is State.STARTED and self._queue:
            victim = self._queue[0]
        if victim is not None:
            message = f"RequestId: {victim.request_id} Error: {reason}"
            self.fail(victim, "exit", error_payload("Runtime.ExitError", message))
        self.state, self._current, self.init_error = State.STARTED, None, None

    def abort(self, error: Exception) -> None:
        """Let everyone who waits for an outcome fail.

        Args:
            error: What is raised there.
        """
        for invocation in (self._current, *self._queue):
            if invocation is not None:
                invocation.abort(error)

    def _expect(self, target: State) -> None:
        if self.state not in _FROM[target]:
            raise Refused(invalid_transition(self.state.value, target.value))
