"""The Runtime API of one execution environment, over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ._application import application_of, routes_of, runner_of, unknown_path
from ._controls import Controls
from ._function import Function
from ._served import ServedEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web
    from aiohttp.typedefs import Middleware

    from ._dispatch import WebHandler
    from ._outcome import Outcome

_T = TypeVar("_T")


class RuntimeAPI(Controls):
    """The Runtime API of one execution environment: the building block of servers.

    It belongs to the event loop that serves it, and is not safe for other threads; `FakeRuntimeAPI`
    is the same for tests, in a thread of its own. Serve `app` with `runner`, or put `routes` into
    an application of yours. One runtime process is served at a time: call `process_exited` before
    the next one starts.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

    Attributes:
        function: The function that is run.
        requests: The requests of the runtime, in the order of arrival.
    """

    def __init__(self, *, function: Function | None = None, journal: int | None = None) -> None:
        """Begin with a runtime that has been started and has not yet polled.

        Args:
            function: The function that is run.
            journal: The number of last requests that `requests` keeps, with their bodies; None
                keeps all, which only suits a short life.
        """
        super().__init__(ServedEnvironment(function or Function(), journal))
        self.requests = self._served.requests

    async def wait_for_poll(self) -> None:
        """Wait until the runtime waits for an invocation: it has started, or ended its last work.

        Queued invocations must have been taken, and the extensions must wait for their events too:
        that is when a start, or an invocation, has ended for Lambda.

        Raises:
            RuntimeError: The runtime has reported that it cannot start.
            ConnectionAbortedError: This Runtime API was closed.
        """
        await self._served.until_polls(1)

    async def wait_for_polls(self, count: int) -> None:
        """Wait until the runtime waits for invocations with several polls.

        Args:
            count: The number of polls, at least.

        Raises:
            RuntimeError: The runtime has reported that it cannot start.
            ConnectionAbortedError: This Runtime API was closed.
        """
        await self._served.until_polls(count)

    async def wait_for_snapshot(self) -> None:
        """Wait until the runtime, and its extensions, wait to be restored from a snapshot.

        Raises:
            RuntimeError: The runtime has reported that it cannot start.
            ConnectionAbortedError: This Runtime API was closed.
        """
        await self._served.until_snapshot()

    async def wait_for_init_error(self) -> Outcome:
        """Wait until the runtime reports that it cannot start.

        Returns:
            The report.

        Raises:
            ConnectionAbortedError: This Runtime API was closed.
        """
        return await self._served.until_init_error()

    async def wait_for_restore_error(self) -> Outcome:
        """Wait until the runtime reports that it cannot continue after its restore.

        Returns:
            The report.

        Raises:
            ConnectionAbortedError: This Runtime API was closed.
        """
        return await self._served.until_restore_error()

    def describe(self) -> str:
        """Return, for an error message, the runtime's state and its last requests."""
        return self._served.describe()

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        """Return the routes of the Runtime API, the Extensions API and the Telemetry API.

        Args:
            prefix: The prefix of each path, such as ``/orders``, where one server has several
                functions.

        Returns:
            Route definitions for an application. HTTP trailers are seen only under `runner`.
        """
        return routes_of(self._served, prefix)

    def app(self) -> web.Application:
        """Return an application that serves this and nothing else.

        Returns:
            The application; other paths are answered 404, and are in `requests` too.
        """
        return application_of({"": self._served})

    def runner(self, *middlewares: Middleware) -> web.AppRunner:
        """Return a runner for `app` with what the Runtime API needs of an HTTP server.

        Large headers are read, trailers are seen, and a poll ends with its connection.

        Args:
            *middlewares: Those before all else, the first one outermost. Without any, the requests
                of pages in a browser are refused.

        Returns:
            The runner, to set up and to give sites to.
        """
        return runner_of({"": self._served}, middlewares)

    def unknown(self) -> WebHandler:
        """Return the handler for the paths that are not in `routes`.

        Returns:
            A handler for aiohttp's router: it replies 404, and the request is in `requests` too.
        """
        return unknown_path(self._served)

    def close(self) -> None:
        """Let all that wait fail: callers by an error, the runtime by a closed connection."""
        self._served.close()

    def _on_loop(self, work: Callable[[], _T]) -> _T:
        return work()
