"""The API that `RuntimeAPI` and `FakeRuntimeAPI` have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar, Unpack

from . import _wire as wire
from ._invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._dispatch import Endpoint
    from ._event import InvocationOptions
    from ._extensions import Extension
    from ._outcome import Outcome
    from ._served import ServedEnvironment
    from ._wire import Reply
    from .faults import Fault

_T = TypeVar("_T")


class Controls(ABC):
    """Queues invocations of an execution environment, shows its state and makes it fail."""

    def __init__(self, served: ServedEnvironment) -> None:
        self.function = served.function
        self._served = served
        self._environment = served.environment

    @property
    def state(self) -> str:
        """The runtime's state by the Runtime API's name, such as ``Ready``."""
        return self._environment.state.value

    @property
    def queued(self) -> int:
        """The number of invocations that the runtime has not received yet."""
        return self._environment.queued

    @property
    def polls(self) -> int:
        """The number of the runtime's polls that wait for an invocation."""
        return self._environment.parked

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """The extensions that have registered, in that order."""
        return self._environment.extensions.known

    @property
    def init_error(self) -> Outcome | None:
        """The report of the runtime or an extension that the start failed, or None."""
        return self._environment.init_error

    @property
    def restore_error(self) -> Outcome | None:
        """The runtime's report that the restore failed, or None."""
        return self._environment.restore_error

    def enqueue(
        self,
        event: object,
        *,
        timeout: float | None = None,
        keep_body: bool = True,
        paused: bool = False,
        **options: Unpack[InvocationOptions],
    ) -> Invocation:
        """Queue an invocation.

        Args:
            event: The event: bytes are sent as they are, anything else as JSON.
            timeout: Seconds that it may take once the runtime has it; the function's by default.
            keep_body: True to keep the bytes of a streamed response, False to only count them.
            paused: True to leave a streamed response unread until `Invocation.resume`.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, to wait for or to await.

        Raises:
            ConnectionAbortedError: The Runtime API was closed.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        invocation = Invocation.create(
            self.function, event, timeout=timeout, keep_body=keep_body, paused=paused, **options
        )
        self.submit(invocation)
        return invocation

    def submit(self, invocation: Invocation) -> None:
        """Queue an invocation that was created before.

        Args:
            invocation: A new one.

        Raises:
            ConnectionAbortedError: The Runtime API was closed.
        """
        invocation.attach(self._served.describe, self._served.watch.notify_threadsafe)

        def submit() -> None:
            self._served.check_open()
            self._environment.enqueue(invocation)

        self._change(submit)

    def time_out(self, invocation: Invocation, body: bytes | None = None) -> None:
        """End an invocation that takes too long; a response that still comes is refused with 410.

        Args:
            invocation: One that was queued here; nothing happens if it is done.
            body: The content for its caller; the service's words by default.

        Raises:
            ConnectionAbortedError: A `FakeRuntimeAPI` was closed.
        """
        if body is None:
            body = wire.error_payload(
                "Sandbox.Timedout",
                f"RequestId: {invocation.request_id} Error: "
                f"Task timed out after {invocation.timeout:.2f} seconds",
            )
        self._change(lambda: self._environment.fail(invocation, "timeout", body))

    def process_exited(self, reason: str = "Runtime exited without providing a reason") -> None:
        """Forget a runtime process that has ended, so that another can start.

        The invocation in flight, or the one that the process was started for, gets an outcome of
        kind ``exit``. The others in the queue wait for the next process. With a `max_concurrency`,
        all processes have ended together, and everything in flight with them: a worker that dies
        alone only takes its poll along, and what it worked on stays in flight.

        Args:
            reason: The reason, such as ``Runtime exited with error: exit status 1``.

        Raises:
            ConnectionAbortedError: A `FakeRuntimeAPI` was closed.
        """

        def exit_and_disconnect() -> None:
            self._environment.exit(reason)
            self._served.dispatcher.disconnect()

        self._change(exit_and_disconnect)

    def restore(self) -> None:
        """Let a runtime that waits to be restored from its snapshot continue.

        Raises:
            ConnectionAbortedError: A `FakeRuntimeAPI` was closed.
            RuntimeError: It does not wait for that; see `wait_for_snapshot`.
        """
        try:
            self._change(self._environment.restore)
        except wire.Refused:
            raise RuntimeError(
                "no runtime waits to be restored: wait_for_snapshot first; "
                + self._served.describe()
            ) from None

    def reply_with(self, endpoint: Endpoint, *replies: Reply) -> None:
        """Give the next requests to an endpoint these replies, past the state machine.

        Args:
            endpoint: The end of the path, such as ``next`` or ``response``.
            *replies: One for each request.

        Raises:
            ConnectionAbortedError: A `FakeRuntimeAPI` was closed.
        """
        from .faults import Fault

        self.fail_next(endpoint, *(Fault(reply=reply) for reply in replies))

    def fail_next(self, endpoint: Endpoint, *faults: Fault) -> None:
        """Let the next requests to an endpoint go wrong.

        Args:
            endpoint: The end of the path, such as ``next`` or ``response``.
            *faults: One for each request; see `lambda_testing.faults`.

        Raises:
            ConnectionAbortedError: A `FakeRuntimeAPI` was closed.
        """
        self._on_loop(lambda: self._served.dispatcher.faults[endpoint].extend(faults))

    @abstractmethod
    def _on_loop(self, work: Callable[[], _T]) -> _T:
        """Call a function on the event loop of the server, and return its result."""

    def _change(self, change: Callable[[], object]) -> None:
        """Change the environment, and wake all who wait for that."""

        def changed() -> None:
            change()
            self._served.watch.notify()

        self._on_loop(changed)
