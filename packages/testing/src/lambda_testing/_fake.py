"""The Runtime API for tests: the real server, in a thread of its own."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar, Unpack

from ._closing import Closing
from ._controls import Controls
from ._function import Function
from ._server import ServerThread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from types import TracebackType

    from ._event import InvocationOptions
    from ._incoming import Request
    from ._outcome import Outcome

_T = TypeVar("_T")


class FakeRuntimeAPI(Controls, Closing):
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
        self._use(ServerThread({"": function or Function()}), "")

    def _use(self, server: ServerThread, prefix: str) -> None:
        super().__init__(server.served[prefix])
        self.address = server.address + prefix
        self._server = server
        self._variables = self.function.environment(self.address)

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
        server = ServerThread(by_prefix)
        try:
            fakes = tuple(cls.__new__(cls) for _ in functions)
            for fake, prefix in zip(fakes, by_prefix, strict=True):
                fake._use(server, prefix)  # noqa: SLF001 (it is this class)
            yield fakes
        finally:
            server.close()

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
        """The requests of the runtime, in the order of arrival."""
        return list(self._served.requests)

    def environment(self) -> dict[str, str]:
        """Return the variables that a process of the function needs, this server's address too.

        Returns:
            Values by variable name; the same ones at each call.
        """
        return dict(self._variables)

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
            keep_body: True to keep the bytes of a streamed response, False to only count them.
            **options: See `InvocationOptions`.

        Returns:
            The outcome.

        Raises:
            ConnectionAbortedError: This fake was closed.
            TimeoutError: No outcome came in time; the message has the last requests of the runtime.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        return self.enqueue(event, keep_body=keep_body, **options).wait(timeout)

    def wait_for_poll(self, timeout: float = 30) -> None:
        """Block until the runtime waits for an invocation, and none is left for it.

        Its extensions must wait for their events too.

        Args:
            timeout: The longest wait, in seconds.

        Raises:
            ConnectionAbortedError: This fake was closed.
            RuntimeError: The runtime has reported that it cannot start.
            TimeoutError: It did not poll in time; the message has its last requests.
        """
        self._wait(
            lambda: self._served.until_polls(1), timeout, "the runtime waits for no invocation"
        )

    def wait_for_polls(self, count: int, timeout: float = 30) -> None:
        """Block until the runtime waits for invocations with several polls, and none is left.

        Args:
            count: The number of polls, at least.
            timeout: The longest wait, in seconds.

        Raises:
            ConnectionAbortedError: This fake was closed.
            RuntimeError: The runtime has reported that it cannot start.
            TimeoutError: It did not poll in time; the message has its last requests.
        """
        problem = f"the runtime does not wait with {count} polls"
        self._wait(lambda: self._served.until_polls(count), timeout, problem)

    def wait_for_snapshot(self, timeout: float = 30) -> None:
        """Block until the runtime waits to be restored from a snapshot.

        Args:
            timeout: The longest wait, in seconds.

        Raises:
            ConnectionAbortedError: This fake was closed.
            RuntimeError: The runtime has reported that it cannot start.
            TimeoutError: It did not reach the snapshot in time; the message has its last requests.
        """
        problem = "the runtime waits for no restore"
        self._wait(self._served.until_snapshot, timeout, problem)

    def wait_for_init_error(self, timeout: float = 30) -> Outcome:
        """Block until the runtime reports that it cannot start.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            The report.

        Raises:
            ConnectionAbortedError: This fake was closed.
            TimeoutError: No report came in time; the message has the last requests of the runtime.
        """
        problem = "the runtime has reported no init error"
        return self._wait(self._served.until_init_error, timeout, problem)

    def wait_for_restore_error(self, timeout: float = 30) -> Outcome:
        """Block until the runtime reports that it cannot continue after its restore.

        Args:
            timeout: The longest wait, in seconds.

        Returns:
            The report.

        Raises:
            ConnectionAbortedError: This fake was closed.
            TimeoutError: No report came in time; the message has the last requests of the runtime.
        """
        problem = "the runtime has reported no restore error"
        return self._wait(self._served.until_restore_error, timeout, problem)

    def close(self) -> None:
        """End the server and its connections; pending waits raise an error.

        The others of `several` are served by the same server, and end with it.
        """
        self._server.close()

    def _on_loop(self, work: Callable[[], _T]) -> _T:
        async def call() -> _T:
            return work()

        return self._server.run(call)

    def _wait(self, wait: Callable[[], Awaitable[_T]], timeout: float, problem: str) -> _T:
        async def waiting() -> _T:
            async with asyncio.timeout(timeout):
                return await wait()

        try:
            return self._server.run(waiting)
        except TimeoutError:
            raise TimeoutError(
                f"{problem} after {timeout:g} s; {self._served.describe()}"
            ) from None
