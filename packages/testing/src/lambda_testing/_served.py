"""An execution environment behind a Runtime API: its requests, and waiting for its changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ._dispatch import Dispatcher
from ._state import ExecutionEnvironment
from ._watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._function import Function
    from ._incoming import Request
    from ._outcome import Outcome

_T = TypeVar("_T")


class ServedEnvironment:
    """An execution environment behind a Runtime API. It belongs to the event loop that serves it.

    Attributes:
        function: The function that is run.
        environment: The state machine.
        watch: Wakes those who wait for a change.
        dispatcher: Handles the requests.
        requests: The requests of the runtime, in the order of arrival.
    """

    def __init__(self, function: Function, journal: int | None = None) -> None:
        """Begin with a runtime that has been started and has not yet polled.

        Args:
            function: The function that is run.
            journal: The number of last requests to keep; None keeps all.
        """
        self.function = function
        self.environment = ExecutionEnvironment(function.max_concurrency)
        self.watch = Watch()
        self.dispatcher = Dispatcher(self._record)
        self.requests: list[Request] = []
        self._journal = journal
        self._closed: ConnectionAbortedError | None = None

    def describe(self) -> str:
        """Return, for an error message, the runtime's state and its last requests."""
        environment = self.environment
        states = "".join(f", {it.name} is {it.state}" for it in environment.extensions.known)
        last = ", ".join(f"{request.method} {request.path}" for request in self.requests[-5:])
        return (
            f"the runtime is in state {environment.state.value}, {environment.queued} queued, "
            f"{environment.parked} polls waiting{states}; last requests: {last or 'none'}"
        )

    def check_open(self) -> None:
        """Check that it was not closed.

        Raises:
            ConnectionAbortedError: It was.
        """
        if self._closed is not None:
            raise self._closed

    def close(self) -> None:
        """Let all that wait fail: callers by an error, the runtime by a closed connection."""
        self._closed = ConnectionAbortedError("the Runtime API was closed; " + self.describe())
        self.environment.abort(self._closed)
        self.dispatcher.close()
        self.watch.notify()

    async def until_polls(self, count: int) -> None:
        """Wait until the runtime waits for invocations with several polls.

        Raises:
            RuntimeError: The runtime has reported that it cannot start.
            ConnectionAbortedError: This was closed.
        """
        await self._until_ready(lambda: self.environment.waits(count), "poll")

    async def until_snapshot(self) -> None:
        """Wait until the runtime, and its extensions, wait to be restored from a snapshot.

        Raises:
            RuntimeError: The runtime has reported that it cannot start.
            ConnectionAbortedError: This was closed.
        """
        await self._until_ready(lambda: self.environment.has_snapshot, "wait to be restored")

    async def until_init_error(self) -> Outcome:
        """Wait for the report of a start that failed.

        Raises:
            ConnectionAbortedError: This was closed.
        """
        return await self._until(lambda: self.environment.init_error)

    async def until_restore_error(self) -> Outcome:
        """Wait for the report of a restore that failed.

        Raises:
            ConnectionAbortedError: This was closed.
        """
        return await self._until(lambda: self.environment.restore_error)

    async def _until_ready(self, is_ready: Callable[[], bool], what: str) -> None:
        environment = self.environment
        await self._until(lambda: is_ready() or environment.failure)
        if (failure := environment.failure) is not None:
            phase = failure.kind.removesuffix("_error")
            raise RuntimeError(
                f"the {phase} failed, and the runtime did not {what}: {failure.body!r}"
            )

    async def _until(self, find: Callable[[], _T | None]) -> _T:
        while not (found := find()):
            self.check_open()
            await self.watch.change()
        return found

    def _record(self, request: Request) -> None:
        self.requests.append(request)
        if self._journal is not None:
            del self.requests[: -self._journal or None]
