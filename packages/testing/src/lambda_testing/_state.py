"""The state machine of one execution environment. No I/O, and no clock of its own.

This one works on an invocation at a time; `_parallel` is for those that work on several.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Literal

from ._extensions import Extensions
from ._outcome import NO_HEADERS, Outcome
from ._wire import (
    INVALID_REQUEST_ID,
    INVOKE_TIMEOUT,
    Refused,
    error_payload,
    invalid_transition,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._invocation import Invocation


class State(Enum):
    """Where a runtime is; the values are the names that the Runtime API uses."""

    STARTED = "Started"
    RESTORE_READY = "RestoreReady"
    RESTORING = "Restoring"
    READY = "Ready"
    RUNNING = "Running"
    RESPONSE = "InvocationResponse"
    ERROR_RESPONSE = "InvocationErrorResponse"
    RESPONSE_SENT = "RuntimeResponseSentState"
    INIT_ERROR = "InitError"
    RESTORE_ERROR = "RuntimeRestoreErrorState"


_FROM: Mapping[State, frozenset[State]] = {
    State.READY: frozenset(
        {State.STARTED, State.RESTORING, State.READY, State.RUNNING, State.RESPONSE_SENT}
    ),
    State.RESTORE_READY: frozenset({State.STARTED}),
    State.RESTORING: frozenset({State.RESTORE_READY}),
    State.RESPONSE: frozenset({State.RUNNING}),
    State.ERROR_RESPONSE: frozenset({State.RUNNING}),
    State.INIT_ERROR: frozenset({State.STARTED}),
    State.RESTORE_ERROR: frozenset({State.RESTORING}),
}
"""The states from which a request may lead to a state."""
_BEFORE_THE_FIRST_POLL = frozenset({State.STARTED, State.RESTORE_READY, State.RESTORING})


class ExecutionEnvironment:
    """Invocations in a queue, at most one of them in flight, and the runtime's state.

    Attributes:
        state: The runtime's state.
        init_error: What the runtime or an extension told of a start that failed, or None.
        restore_error: What the runtime told of a restore that failed, or None.
        extensions: The extensions, for which the next invocation waits too.
        parked: How many polls wait for an invocation.
    """

    def __init__(self) -> None:
        self.state = State.STARTED
        self.init_error: Outcome | None = None
        self.restore_error: Outcome | None = None
        self.extensions = Extensions(events=("INVOKE",))
        self.parked = 0
        self._queue: deque[Invocation] = deque()
        self._current: Invocation | None = None

    @property
    def queued(self) -> int:
        """How many invocations the runtime has not got."""
        return len(self._queue)

    @property
    def in_flight(self) -> tuple[Invocation, ...]:
        """What the runtime has got, and was not seen to end."""
        current = self._current
        return () if current is None or current.state == "done" else (current,)

    def waits(self, polls: int) -> bool:
        """Tell whether the runtime waits, and there is nothing for it to do.

        Args:
            polls: With how many polls it waits, at least.

        Returns:
            Whether it does, and its extensions wait too.
        """
        return self._waits and self.parked >= polls and not self._queue and self.extensions.ready

    @property
    def has_snapshot(self) -> bool:
        """Whether the runtime has started, and waits to be restored."""
        return self.state is State.RESTORE_READY and self.extensions.ready

    def enqueue(self, invocation: Invocation) -> None:
        """Put an invocation at the end of the queue; after a failed start it fails at once.

        Args:
            invocation: A new one.
        """
        failure = self.init_error or self.restore_error
        if failure is None:
            self._queue.append(invocation)
        else:
            invocation.settle(failure.kind, failure.body, failure.headers)

    def poll(self) -> Invocation | None:
        """The runtime asks for an invocation.

        Returns:
            The one in flight if it is not answered: a runtime that lost it gets it again. None
            lets the runtime wait until `take` gives one.

        Raises:
            Refused: The runtime may not ask now.
        """
        self._expect(State.READY)
        self.extensions.open = False
        if self.state is State.RUNNING:
            return self._current
        self.state, self._current = State.READY, None
        return None

    def take(self) -> Invocation | None:
        """Put the next invocation in flight for a runtime that waits.

        Returns:
            The invocation, or None if none is queued or who must wait for it does not.
        """
        if self.state is not State.READY or not self._queue or not self.extensions.ready:
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
        if self.state in (State.INIT_ERROR, State.RESTORE_ERROR):
            self._expect(target)
        current = self._current
        if current is None or current.request_id != request_id:
            raise Refused(INVALID_REQUEST_ID)
        late = current.outcome is not None and current.outcome.kind == "timeout"
        if late or current.is_stale(invocation_id):
            raise Refused(INVOKE_TIMEOUT)
        self._expect(target)
        self.state = target
        return current

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
            headers: The headers of the runtime's request.
            trailers: Its trailers.

        Returns:
            Whether it came in time: an invocation that has failed in between keeps its outcome.
        """
        if invocation.state == "done":
            return False
        invocation.settle(kind, body, headers, trailers)
        self.state = State.RESPONSE_SENT
        return True

    def spoil_answer(self, invocation: Invocation, body: bytes, headers: Mapping[str, str]) -> None:
        """The response is of a kind that there is not: it has begun, and never comes to an end.

        The runtime is refused all that it asks for from then on, until its process has ended.

        Args:
            invocation: What `begin_answer` returned.
            body: What the caller gets.
            headers: The headers of the runtime's request.
        """
        if invocation.state != "done":
            invocation.settle("error", body, headers)

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
        self._fail_queue(self.init_error)

    def fail_extension(self, body: bytes, headers: Mapping[str, str]) -> None:
        """An extension failed, and the environment with it; only the first failure counts.

        Args:
            body: What callers get.
            headers: The headers of the extension's request.
        """
        if self.init_error is not None:
            return
        for invocation in self.in_flight:
            self.fail(invocation, "exit", body)
        self.state = State.INIT_ERROR
        self.init_error = Outcome(kind="init_error", body=body, headers=headers)
        self._fail_queue(self.init_error)

    def prepare_restore(self) -> None:
        """The runtime has started, and waits for its snapshot to be restored.

        Raises:
            Refused: It has polled, or has failed.
        """
        self._expect(State.RESTORE_READY)
        self.extensions.open = False
        self.state = State.RESTORE_READY

    def abandon_restore(self) -> None:
        """The runtime that waited to be restored does not wait any more."""
        if self.state is State.RESTORE_READY:
            self.state = State.STARTED

    def restore(self) -> None:
        """Let the runtime go on that waits to be restored.

        Raises:
            Refused: It does not wait for that.
        """
        self._expect(State.RESTORING)
        self.state = State.RESTORING

    def fail_restore(self, body: bytes, headers: Mapping[str, str]) -> None:
        """The runtime could not go on after its restore: all that wait for it fail alike.

        Args:
            body: What the runtime told.
            headers: The headers of its request.

        Raises:
            Refused: It is not being restored.
        """
        self._expect(State.RESTORE_ERROR)
        self.state = State.RESTORE_ERROR
        self.restore_error = Outcome(kind="restore_error", body=body, headers=headers)
        self._fail_queue(self.restore_error)

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
        victims = self.in_flight
        if self.state in _BEFORE_THE_FIRST_POLL and self._queue:
            victims = (self._queue[0],)
        for victim in victims:
            message = f"RequestId: {victim.request_id} Error: {reason}"
            self.fail(victim, "exit", error_payload("Runtime.ExitError", message))
        self.state, self._current = State.STARTED, None
        self.init_error = self.restore_error = None
        self.extensions.clear()

    def abort(self, error: Exception) -> None:
        """Let everyone who waits for an outcome fail.

        Args:
            error: What is raised there.
        """
        for invocation in (*self.in_flight, *self._queue):
            invocation.abort(error)

    @property
    def _waits(self) -> bool:
        return self.state is State.READY

    def _fail_queue(self, failure: Outcome) -> None:
        while self._queue:
            self._queue.popleft().settle(failure.kind, failure.body, failure.headers)

    def _expect(self, target: State) -> None:
        if self.state not in _FROM[target]:
            raise Refused(invalid_transition(self.state.value, target.value))
