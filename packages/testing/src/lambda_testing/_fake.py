"""The Runtime API for tests: the real server, in a thread of its own."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from ._function import Function
from ._server import Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from types import TracebackType

    from ._dispatch import Endpoint
    from ._event import InvocationOptions
    from ._extensions import Extension
    from ._incoming import Request
    from ._invocation import Invocation
    from ._outcome import Outcome
    from ._wire import Reply
    from .faults import Fault

_T = TypeVar("_T")


class FakeRuntimeAPI:
    """A Runtime API on a free port of the loopback interface, from creation until it is closed.

    It runs in a daemon thread with an event loop of its own, so the same object serves tests
    without an event loop and tests on any. Every method may be called from every thread. Those
    that wait block their thread: where the runtime under test runs on the test's own event loop,
    await what `enqueue` returns, and call the others with `asyncio.to_thread`.

    Attributes:
        function: The function that is run.
        address: ``host:port``, the value for ``AWS_LAMBDA_RUNTIME_API``.
    """

    def __init__(self, *, function: Function | None = None) -> None:
        """Start the server, and return when it listens.

        Args:
            function: The function that is run.

        Raises:
            OSError: The server cannot listen.
        """
        self._attach(Server({"": function or Function()}), "")

    def _attach(self, server: Server, prefix: str) -> None:
        self._server = server
        self._api = server.apis[prefix]
        self.function = self._api.function
        self.address = server.address + prefix
        self._environment = self.function.environment(self.address)

    @classmethod
    @contextmanager
    def several(cls, *functions: Function) -> Generator[tuple[Self, ...]]:
        """Serve several functions on one port, each below its name.

        Their addresses have a path, as ``127.0.0.1:12345/orders``. That is for runtimes which put
        ``AWS_LAMBDA_RUNTIME_API`` before their paths as it is, as AWS's do.

        Args:
            *functions: The functions; their names differ.

        Yields:
            For each, what a `FakeRuntimeAPI` of its own would be.

        Raises:
            OSError: The server cannot listen.
            ValueError: Two functions have the same name.
        """
        by_prefix = {f"/{function.name}": function for function in functions}
        if len(by_prefix) < len(functions):
            names = [function.name for function in functions]
            raise ValueError(f"each function is served below its name, and two share one: {names}")
        server = Server(by_prefix)
        try:
            fakes = tuple(cls.__new__(cls) for _ in functions)
            for fake, prefix in zip(fakes, by_prefix, strict=True):
                fake._attach(server, prefix)  # noqa: SLF001 (it is this class)
            yield fakes
        finally:
            server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Blocks for a moment, and in exchange cannot be cancelled half-way.
        self.close()

    @property
    def requests(self) -> list[Request]:
        """All that the runtime has sent, in the order of arrival."""
        return list(self._api.requests)

    @property
    def state(self) -> str:
        """The runtime's state by the Runtime API's name, such as ``Ready``."""
        return self._api.state

    @property
    def queued(self) -> int:
        """How many invocations the runtime has not got yet."""
        return self._api.queued

    @property
    def polls(self) -> int:
        """How many polls of the runtime wait for an invocation."""
        return self._api.polls

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """The extensions that have registered, in that order."""
        return self._api.extensions

    @property
    def init_error(self) -> Outcome | None:
        """What the runtime or an extension told of a start that failed, or None."""
        return self._api.init_error

    @property
    def restore_error(self) -> Outcome | None:
        """What the runtime told of a restore that failed, or None."""
        return self._api.restore_error

    def environment(self) -> dict[str, str]:
        """Return the variables that a process of the function needs, this server's address too.

        Returns:
            Values by variable name; the same ones at each call.
        """
        return dict(self._environment)

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
            keep_body: Whether to keep the bytes of a streamed response, or only to count them.
            paused: Whether to leave a streamed response unread until `Invocation.resume`.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, to wait for or to await.

        Raises:
            ConnectionAbortedError: This fake was closed.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        return self._call(
            lambda: self._api.enqueue(
                event, timeout=timeout, keep_body=keep_body, paused=paused, **options
            )
        )

    def invoke(
        self,
        event: object,
        *,
        timeout: float = 30,
        keep_body: bool = True,
        **options: Unpack[InvocationOptions],
    ) -> Outcome:
        """Queue an invocation, and wait for its outcome.

        Args:
            event: The event: bytes are sent as they are, anything else as JSON.
            timeout: The longest wait, in seconds; it changes nothing about the deadline.
            keep_body: Whether to keep the bytes of a streamed response, or only to count them.
            **options: See `InvocationOptions`.

        Returns:
            The outcome.

        Raises:
            ConnectionAbortedError: This fake was closed.
            TimeoutError: No outcome came in time; the message tells what the runtime has sent.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        return self.enqueue(event, keep_body=keep_body, **options).wait(timeout)

    def time_out(self, invocation: Invocation, body: bytes | None = None) -> None:
        """End an invocation that takes too long; what the runtime still answers gets 410.

        Args:
            invocation: One that was queued here; nothing happens if it is done.
            body: What its caller gets; the service's words by default.

        Raises:
            ConnectionAbortedError: This fake was closed.
        """
        self._call(lambda: self._api.time_out(invocation, body))

    def reply_with(self, endpoint: Endpoint, *replies: Reply) -> None:
        """Give the next requests to an endpoint these replies, past the state machine.

        Args:
            endpoint: The end of the path.
            *replies: One for each request.

        Raises:
            ConnectionAbortedError: This fake was closed.
        """
        self._call(lambda: self._api.reply_with(endpoint, *replies))

    def fail_next(self, endpoint: Endpoint, *faults: Fault) -> None:
        """Let the next requests to an endpoint go wrong.

        Args:
            endpoint: The end of the path, such as ``next`` or ``response``.
            *faults: One for each request; see `lambda_testing.faults`.

        Raises:
            ConnectionAbortedError: This fake was closed.
        """
        self._call(lambda: self._api.fail_next(endpoint, *faults))

    def process_exited(self, reason: str = "Runtime exited without providing a reason") -> None:
        """Forget a runtime process that has ended, so that another can start.

        With a `max_concurrency`, it is all processes together that have ended. A worker that dies
        alone only takes its poll along, and what it worked on stays in flight.

        Args:
            reason: What happened. The invocation that ends with the process reports it.

        Raises:
            ConnectionAbortedError: This fake was closed.
        """
        self._call(lambda: self._api.process_exited(reason))

    def wait_for_poll(self, timeout: float = 30) -> None:
        """Block until the runtime waits for an invocation, and none is left for it.

        Its extensions must wait for their events too.

        Args:
            timeout: The longest wait, in seconds.

        Raises:
            ConnectionAbortedError: This fake was closed.
            RuntimeError: The runtime has told that it cannot start.
            TimeoutError: It did not poll in time; the message tells what it has sent.
        """
        self._wait(self._api.wait_for_poll, timeout, "the runtime waits for no invocation")

    def wait_for_polls(self, count: int, timeout: float = 30) -> None:
        """Block until the runtime waits for invocations with several polls, and none is left.

        Args:
            count: How many polls, at least.
            timeout: The longest wait, in seconds.

        Raises:
            ConnectionAbortedError: This fake was closed.
            RuntimeError: The runtime has told that it cannot start.
            TimeoutError: It did not poll in time; the message tells what it has sent.
        """
        complaint = f"the runtime does not wait with {count} polls"
        self._wait(lambda: self._api.wait_for_polls(count), timeout, complaint)

    def wait_for_snapshot(self, timeout: float = 30) -> None:
        """Block until the runtime waits to be restored from a snapshot.

        Args:
            timeout: The longest wait, in seconds.

        Raises:
            ConnectionAbortedError: This fake was closed.
            RuntimeError: The runtime has told that it cannot start.
            TimeoutError: It came not so far in time; the message tells what it has sent.
        """
        self._wait(self._api.wait_for_snapshot, timeout, "the runtime waits for no restore")

    def restore(self) -> None:
        """Let a runtime go on that waits to be restored from its snapshot.

        Raises:
            ConnectionAbortedError: This fake was closed.
            RuntimeError: It does not wait for that; `wait_for_snapshot` tells when it does.
        """
        self._call(self._api.restore)

    def wait_for_init_error(self, timeout: float = 30) -> Outcome:
        """Block until the runtime tells that it cannot start.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            What it told.

        Raises:
            ConnectionAbortedError: This fake was closed.
            TimeoutError: It told nothing in time; the message tells what it has sent.
        """
        return self._wait(
            self._api.wait_for_init_error, timeout, "the runtime has reported no init error"
        )

    def wait_for_restore_error(self, timeout: float = 30) -> Outcome:
        """Block until the runtime tells that it cannot go on after its restore.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            What it told.

        Raises:
            ConnectionAbortedError: This fake was closed.
            TimeoutError: It told nothing in time; the message tells what it has sent.
        """
        return self._wait(
            self._api.wait_for_restore_error, timeout, "the runtime has reported no restore error"
        )

    def close(self) -> None:
        """End the server and its connections; who still waits for something gets an error.

        The others of `several` are served by the same server, and end with it.
        """
        self._server.close()

    def _call(self, function: Callable[[], _T]) -> _T:
        async def call() -> _T:
            return function()

        return self._server.run(call)

    def _wait(self, wait: Callable[[], Awaitable[_T]], timeout: float, complaint: str) -> _T:
        async def waiting() -> _T:
            async with asyncio.timeout(timeout):
                return await wait()

        try:
            return self._server.run(waiting)
        except TimeoutError:
            raise TimeoutError(f"{complaint} after {timeout:g} s; {self._api.describe()}") from None
