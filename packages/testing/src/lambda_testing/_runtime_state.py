"""The state of a runtime, and the invocations that it works on. No I/O.

A runtime works on one invocation at a time, or on several: on Lambda Managed Instances.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal, TypeAlias

from ._wire import (
    INTERNAL_ERROR,
    INVALID_REQUEST_ID,
    INVOKE_TIMEOUT,
    Refused,
    invalid_transition,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._invocation import Invocation


class State(Enum):
    """The state of a runtime; the values are the names that the Runtime API uses."""

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


ResponseState: TypeAlias = Literal[State.RESPONSE, State.ERROR_RESPONSE]
Reason: TypeAlias = Literal["timeout", "exit"]
"""The reasons that an invocation ends without the runtime."""

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


class _Runtime:
    """A runtime, as the Runtime API knows it.

    Attributes:
        state: The state.
    """

    def __init__(self) -> None:
        self.state = State.STARTED

    @property
    def has_failed(self) -> bool:
        """True if it has reported that it cannot start, or cannot be restored."""
        return self.state in (State.INIT_ERROR, State.RESTORE_ERROR)

    def expect(self, target: State) -> None:
        """Check that a request may lead to a state.

        Raises:
            Refused: It may not.
        """
        if self.state not in _FROM[target]:
            raise Refused(invalid_transition(self.state.value, target.value))

    def move(self, target: State) -> None:
        """Go to a state, if a request may lead there.

        Raises:
            Refused: It may not.
        """
        self.expect(target)
        self.state = target


class SequentialRuntime(_Runtime):
    """A runtime that works on one invocation at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._current: Invocation | None = None

    @property
    def in_flight(self) -> tuple[Invocation, ...]:
        """The invocations that it has and has not ended."""
        current = self._current
        return () if current is None or current.state == "done" else (current,)

    @property
    def waits(self) -> bool:
        """True if it has asked for an invocation and may be given one."""
        return self.state is State.READY

    def poll(self, _parked: int) -> Invocation | None:
        """Ask for an invocation: the one that it works on, if it has lost that, or the next.

        Raises:
            Refused: It may not ask now.
        """
        self.expect(State.READY)
        if self.state is State.RUNNING:
            return self._current
        self.state, self._current = State.READY, None
        return None

    def has_room(self, _invocation: Invocation) -> bool:
        """Return whether it may be given an invocation."""
        return self.waits

    def add(self, invocation: Invocation) -> None:
        """Give it an invocation for which it has room."""
        self.state, self._current = State.RUNNING, invocation

    def begin_response(
        self, request_id: str, invocation_id: str | None, target: ResponseState
    ) -> Invocation:
        """Begin a response, or the report of an error, and return its invocation.

        Raises:
            Refused: It is not for the invocation in flight, or too late, or out of order.
        """
        if self.has_failed:
            self.expect(target)
        current = self._current
        if current is None or current.request_id != request_id:
            raise Refused(INVALID_REQUEST_ID)
        late = current.outcome is not None and current.outcome.kind == "timeout"
        if late or current.is_stale(invocation_id):
            raise Refused(INVOKE_TIMEOUT)
        self.move(target)
        return current

    def end_response(self, _invocation: Invocation) -> None:
        """End a response that was begun."""
        self.state = State.RESPONSE_SENT

    def reject_response(self, _invocation: Invocation) -> None:
        """Refuse all requests from now on: a response that was begun has no known mode."""

    def abandon(self, _invocation: Invocation, _reason: Reason) -> None:
        """Take an invocation in flight from it; it may still send a response, which is refused."""
        self.state = State.RESPONSE_SENT

    def restart(self) -> None:
        """Start over: its process has ended, and nothing is in flight."""
        self.state, self._current = State.STARTED, None


class ConcurrentRuntime(_Runtime):
    """A runtime that works on several invocations, and responds to each by its request id.

    A worker process that dies is not noticed: what it worked on stays in flight until somebody
    responds, or until its time is up.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self._capacity = capacity
        self._in_flight: dict[str, Invocation] = {}
        self._responding: dict[str, State] = {}
        self._late: set[str] = set()

    @property
    def in_flight(self) -> tuple[Invocation, ...]:
        """The invocations that it has and has not ended."""
        return tuple(self._in_flight.values())

    @property
    def waits(self) -> bool:
        """True if it has asked for an invocation."""
        return self.state in (State.READY, State.RUNNING)

    def poll(self, parked: int) -> None:
        """Ask for an invocation; it never gets one again.

        Args:
            parked: The number of polls that wait already.

        Raises:
            Refused: It has failed, or has all the polls that it may have.
        """
        self.expect(State.READY)
        if parked >= self._capacity:
            raise Refused(INTERNAL_ERROR)
        self._update()

    def has_room(self, invocation: Invocation) -> bool:
        """Return whether it may be given an invocation: an id that is used twice has to wait."""
        is_full = len(self._in_flight) >= self._capacity
        return self.waits and not is_full and invocation.request_id not in self._in_flight

    def add(self, invocation: Invocation) -> None:
        """Give it an invocation for which it has room."""
        self._in_flight[invocation.request_id] = invocation
        self._late.discard(invocation.request_id)
        self._update()

    def begin_response(
        self, request_id: str, invocation_id: str | None, target: ResponseState
    ) -> Invocation:
        """Begin a response, or the report of an error, which may end a response.

        Raises:
            Refused: It is not for an invocation in flight, or too late, or not the first response.
        """
        if self.has_failed:
            self.expect(target)
        if request_id in self._late:
            raise Refused(INVOKE_TIMEOUT)
        invocation = self._in_flight.get(request_id)
        begun = self._responding.get(request_id)
        if invocation is None or begun in (target, State.ERROR_RESPONSE):
            raise Refused(INVALID_REQUEST_ID)
        if invocation.is_stale(invocation_id):
            raise Refused(INVOKE_TIMEOUT)
        self._responding[request_id] = target
        return invocation

    def end_response(self, invocation: Invocation) -> None:
        """End a response that was begun."""
        del self._in_flight[invocation.request_id]
        self._responding.pop(invocation.request_id, None)
        self._update()

    def reject_response(self, invocation: Invocation) -> None:
        """End a response that has no known mode; only its invocation ends by that."""
        self.end_response(invocation)

    def abandon(self, invocation: Invocation, reason: Reason) -> None:
        """Take an invocation in flight from it; it may still send a response, which is refused."""
        self.end_response(invocation)
        if reason == "timeout":
            self._late.add(invocation.request_id)

    def restart(self) -> None:
        """Start over: its processes have ended, and nothing is in flight."""
        self._in_flight.clear()
        self._responding.clear()
        self._late.clear()
        self.state = State.STARTED

    def _update(self) -> None:
        self.state = State.RUNNING if self._in_flight else State.READY
