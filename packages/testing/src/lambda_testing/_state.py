"""The state machine of one execution environment. No I/O, and no clock of its own."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal

from ._extensions import InternalExtensions
from ._outcome import NO_HEADERS, Outcome
from ._runtime_state import ConcurrentRuntime, SequentialRuntime, State
from ._wire import error_payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._invocation import Invocation
    from ._runtime_state import Reason, ResponseState

_BEFORE_THE_FIRST_POLL = frozenset({State.STARTED, State.RESTORE_READY, State.RESTORING})


class ExecutionEnvironment:
    """Invocations in a queue, and the runtime that works on them.

    Attributes:
        init_error: The report of a start that failed, from the runtime or an extension, or None.
        restore_error: The runtime's report of a restore that failed, or None.
        extensions: The extensions, for which the next invocation waits too.
        parked: The number of polls that wait for an invocation.
    """

    def __init__(self, capacity: int | None = None) -> None:
        """Begin with nothing to do.

        Args:
            capacity: The number of invocations that may be in flight, and of polls that may wait,
                on Lambda Managed Instances; None for an environment that works on one at a time.
        """
        self.init_error: Outcome | None = None
        self.restore_error: Outcome | None = None
        # On Managed Instances an extension can only ask to be stopped with the runtime's process.
        self.extensions = InternalExtensions(events=("INVOKE",) if capacity is None else ())
        self.parked = 0
        self._queue: deque[Invocation] = deque()
        self._runtime = SequentialRuntime() if capacity is None else ConcurrentRuntime(capacity)

    @property
    def state(self) -> State:
        """The runtime's state."""
        return self._runtime.state

    @property
    def queued(self) -> int:
        """The number of invocations that the runtime has not received."""
        return len(self._queue)

    @property
    def failure(self) -> Outcome | None:
        """The report of a failed start or restore, or None."""
        return self.init_error or self.restore_error

    @property
    def in_flight(self) -> tuple[Invocation, ...]:
        """The invocations that the runtime has received and not finished."""
        return self._runtime.in_flight

    def waits(self, polls: int) -> bool:
        """Return True if the runtime waits, and there is nothing for it to do.

        Args:
            polls: With how many polls it waits, at least.

        Returns:
            True if it does, and its extensions wait too.
        """
        waits = self._runtime.waits and self.parked >= polls
        return waits and not self._queue and self.extensions.ready

    @property
    def has_snapshot(self) -> bool:
        """True if the runtime has started and waits to be restored."""
        return self.state is State.RESTORE_READY and self.extensions.ready

    def enqueue(self, invocation: Invocation) -> None:
        """Put an invocation at the end of the queue; after a failed start it fails at once.

        Args:
            invocation: A new one.
        """
        if (failure := self.failure) is None:
            self._queue.append(invocation)
        else:
            invocation.settle(failure.kind, failure.body, failure.headers)

    def poll(self) -> Invocation | None:
        """The runtime asks for an invocation.

        Returns:
            The one in flight if a runtime that works on one at a time has lost it. None lets the
            runtime wait until `take` gives one.

        Raises:
            Refused: The runtime may not ask now, or has all the polls that it may have.
        """
        invocation = self._runtime.poll(self.parked)
        self.extensions.open = False
        return invocation

    def take(self) -> Invocation | None:
        """Put the next invocation in flight for a runtime that waits.

        Returns:
            The invocation, or None if none is queued, or the runtime has no room for it, or an
            extension does not wait for it.
        """
        if not self._queue or not self.extensions.ready:
            return None
        if not self._runtime.has_room(self._queue[0]):
            return None
        invocation = self._queue.popleft()
        self._runtime.add(invocation)
        return invocation

    def begin_response(
        self, request_id: str, invocation_id: str | None, target: ResponseState
    ) -> Invocation:
        """The runtime begins to send a response or an error.

        Args:
            request_id: The request id in its path.
            invocation_id: The nonce that it sent back, or None.
            target: The state that the invocation enters, for a response or for an error.

        Returns:
            The invocation that it is for.

        Raises:
            Refused: It is not for an invocation in flight, or too late, or out of order.
        """
        return self._runtime.begin_response(request_id, invocation_id, target)

    def end_response(
        self,
        invocation: Invocation,
        kind: Literal["response", "error", "stream_error"],
        body: bytes,
        headers: Mapping[str, str],
        trailers: Mapping[str, str] = NO_HEADERS,
    ) -> bool:
        """The response or error is here, or is as good as it will get.

        Args:
            invocation: The invocation that `begin_response` returned.
            kind: The kind of the outcome.
            body: The bytes.
            headers: The headers of the runtime's request.
            trailers: The trailers.

        Returns:
            True if it came in time: an invocation that has failed in between keeps its outcome.
        """
        if invocation.state == "done":
            return False
        self._runtime.end_response(invocation)
        invocation.settle(kind, body, headers, trailers)
        return True

    def reject_response(
        self, invocation: Invocation, body: bytes, headers: Mapping[str, str]
    ) -> None:
        """The response has no known mode.

        A runtime that works on one invocation at a time is refused all that it asks for from then
        on, until its process has ended.

        Args:
            invocation: The invocation that `begin_response` returned.
            body: The content for the caller.
            headers: The headers of the runtime's request.
        """
        if invocation.state != "done":
            self._runtime.reject_response(invocation)
            invocation.settle("error", body, headers)

    def fail_init(self, body: bytes, headers: Mapping[str, str]) -> None:
        """The runtime could not start: all that wait for it fail alike.

        Args:
            body: The runtime's report.
            headers: The headers of its request.

        Raises:
            Refused: The runtime has polled, or has failed already.
        """
        self._runtime.move(State.INIT_ERROR)
        self.init_error = Outcome(kind="init_error", body=body, headers=headers)
        self._fail_queue(self.init_error)

    def fail_extension(self, body: bytes, headers: Mapping[str, str]) -> None:
        """An extension failed, and the environment with it; only the first failure counts.

        Args:
            body: The content for the callers.
            headers: The headers of the extension's request.
        """
        if self.init_error is not None:
            return
        for invocation in self.in_flight:
            self.fail(invocation, "exit", body)
        self._runtime.state = State.INIT_ERROR
        self.init_error = Outcome(kind="init_error", body=body, headers=headers)
        self._fail_queue(self.init_error)

    def prepare_restore(self) -> None:
        """The runtime has started, and waits for its snapshot to be restored.

        Raises:
            Refused: It has polled, or has failed.
        """
        self._runtime.move(State.RESTORE_READY)
        self.extensions.open = False

    def abandon_restore(self) -> None:
        """The runtime that waited to be restored does not wait any more."""
        if self.state is State.RESTORE_READY:
            self._runtime.state = State.STARTED

    def restore(self) -> None:
        """Let the runtime that waits to be restored continue.

        Raises:
            Refused: It does not wait for that.
        """
        self._runtime.move(State.RESTORING)

    def fail_restore(self, body: bytes, headers: Mapping[str, str]) -> None:
        """The runtime could not go on after its restore: all that wait for it fail alike.

        Args:
            body: The runtime's report.
            headers: The headers of its request.

        Raises:
            Refused: It is not being restored.
        """
        self._runtime.move(State.RESTORE_ERROR)
        self.restore_error = Outcome(kind="restore_error", body=body, headers=headers)
        self._fail_queue(self.restore_error)

    def fail(self, invocation: Invocation, kind: Reason, body: bytes) -> None:
        """End an invocation without the runtime; what it may still answer is refused.

        Args:
            invocation: One that was queued here; nothing happens if it is done.
            kind: The reason that it ends.
            body: The content for the caller.
        """
        if invocation.state == "done":
            return
        if invocation in self.in_flight:
            self._runtime.abandon(invocation, kind)
        else:
            self._queue.remove(invocation)
        invocation.settle(kind, body)

    def exit(self, reason: str) -> None:
        """The runtime's processes have ended, and others may start.

        The invocations in flight end with them; if the runtime did not live to ask for one, the
        first in the queue does, for which it was started. The others stay queued.

        Args:
            reason: The reason that the process ended, such as ``Runtime exited with error: exit
                status 1``.
        """
        victims = self.in_flight
        if self.state in _BEFORE_THE_FIRST_POLL and self._queue:
            victims = (self._queue[0],)
        for victim in victims:
            message = f"RequestId: {victim.request_id} Error: {reason}"
            self.fail(victim, "exit", error_payload("Runtime.ExitError", message))
        self._runtime.restart()
        self.init_error = self.restore_error = None
        self.extensions.clear()

    def abort(self, error: Exception) -> None:
        """Let everyone who waits for an outcome fail.

        Args:
            error: The exception to raise there.
        """
        for invocation in (*self.in_flight, *self._queue):
            invocation.abort(error)

    def _fail_queue(self, failure: Outcome) -> None:
        while self._queue:
            self._queue.popleft().settle(failure.kind, failure.body, failure.headers)
