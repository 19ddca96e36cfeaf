"""The Runtime API of one execution environment, over HTTP."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Unpack, cast

from aiohttp import web

from . import _wire as wire
from ._connection import Runner
from ._dispatch import Answer, Dispatcher, Endpoint, Handler, take_away_headers
from ._event import InvocationOptions, event_headers
from ._extension_routes import ExtensionRoutes
from ._function import Function
from ._invocation import Invocation
from ._outcome import Outcome
from ._routes import RuntimeRoutes
from ._state import ExecutionEnvironment
from ._watch import Watch
from ._wire import Refused
from .faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._extensions import Extension
    from ._incoming import Incoming, Request
    from ._wire import Reply


class RuntimeAPI:
    """The Runtime API of one execution environment: the building block of servers.

    It belongs to the event loop that serves it, and is not safe for other threads; `FakeRuntimeAPI`
    is the same for tests, in a thread of its own. Serve `app` with `runner`, or put `routes` into
    an application of yours. One runtime process is served at a time: tell `process_exited` before
    the next one starts.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

    Attributes:
        function: The function that is run.
        requests: What the runtime has sent, in the order of arrival.
    """

    def __init__(self, *, function: Function | None = None, journal: int | None = None) -> None:
        """Begin with a runtime that has been started and has not yet polled.

        Args:
            function: The function that is run.
            journal: How many of the last requests `requests` keeps, with their bodies; None keeps
                all, which only suits a short life.
        """
        self.function = function or Function()
        self.requests: list[Request] = []
        self._journal = journal
        self._environment = ExecutionEnvironment(self.function.max_concurrency)
        self._watch = Watch()
        self._dispatcher = Dispatcher(self._record)
        self._closed: ConnectionAbortedError | None = None

    @property
    def state(self) -> str:
        """The runtime's state by the Runtime API's name, such as ``Ready``."""
        return self._environment.state.value

    @property
    def queued(self) -> int:
        """How many invocations the runtime has not got yet."""
        return self._environment.queued

    @property
    def polls(self) -> int:
        """How many polls of the runtime wait for an invocation."""
        return self._environment.parked

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """The extensions that have registered, in that order."""
        return self._environment.extensions.known

    @property
    def init_error(self) -> Outcome | None:
        """What the runtime or an extension told of a start that failed, or None."""
        return self._environment.init_error

    @property
    def restore_error(self) -> Outcome | None:
        """What the runtime told of a restore that failed, or None."""
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
            keep_body: Whether to keep the bytes of a streamed response, or only to count them.
            paused: Whether to leave a streamed response unread until `Invocation.resume`.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, to wait for.

        Raises:
            ConnectionAbortedError: This Runtime API was closed.
            TypeError: JSON has no such event.
            ValueError: A header holds a control character.
        """
        self._check_open()
        request_id = options.get("request_id") or str(uuid.uuid4())
        invocation_id = options.get("invocation_id", ...)
        if invocation_id is ...:
            invocation_id = str(uuid.uuid4())
        invocation = Invocation(
            request_id=request_id,
            invocation_id=invocation_id,
            event=event if isinstance(event, bytes) else wire.compact_json(event),
            headers=event_headers(self.function, request_id, invocation_id, options),
            timeout=self.function.timeout if timeout is None else timeout,
            report=self.describe,
            wake=self._watch.notify_from_anywhere,
            keep_body=keep_body,
            paused=paused,
        )
        self._environment.enqueue(invocation)
        self._watch.notify()
        return invocation

    def time_out(self, invocation: Invocation, body: bytes | None = None) -> None:
        """End an invocation that takes too long; what the runtime still answers gets 410.

        Args:
            invocation: One that was queued here; nothing happens if it is done.
            body: What its caller gets; the service's words by default.
        """
        if body is None:
            body = wire.error_payload(
                "Sandbox.Timedout",
                f"RequestId: {invocation.request_id} Error: "
                f"Task timed out after {invocation.timeout:.2f} seconds",
            )
        self._environment.fail(invocation, "timeout", body)
        self._watch.notify()

    def process_exited(self, reason: str = "Runtime exited without providing a reason") -> None:
        """Forget a runtime process that has ended, so that another can start.

        The invocation in flight, or the one that the process was started for, gets an outcome of
        kind ``exit``. What else is queued waits for the next process. With a `max_concurrency`,
        it is all processes together that have ended, and all that is in flight: a worker that dies
        alone only takes its poll along, and what it worked on stays in flight.

        Args:
            reason: What happened, as ``Runtime exited with error: exit status 1``.
        """
        self._environment.exit(reason)
        self._dispatcher.disconnect()
        self._watch.notify()

    def restore(self) -> None:
        """Let a runtime go on that waits to be restored from its snapshot.

        Raises:
            RuntimeError: It does not wait for that; `wait_for_snapshot` tells when it does.
        """
        try:
            self._environment.restore()
        except Refused:
            raise RuntimeError(
                "no runtime waits to be restored: wait_for_snapshot first; " + self.describe()
            ) from None
        self._watch.notify()

    def reply_with(self, endpoint: Endpoint, *replies: Reply) -> None:
        """Answer the next requests to an endpoint with these, past the state machine.

        Args:
            endpoint: The end of the path.
            *replies: One for each request.
        """
        self.fail_next(endpoint, *(Fault(reply=reply) for reply in replies))

    def fail_next(self, endpoint: Endpoint, *faults: Fault) -> None:
        """Let the next requests to an endpoint go wrong.

        Args:
            endpoint: The end of the path.
            *faults: One for each request; see `lambda_testing.faults`.
        """
        self._dispatcher.faults[endpoint].extend(faults)

    async def wait_for_poll(self) -> None:
        """Wait until the runtime waits for an invocation: it has started, or ended its last work.

        What is queued must have been taken, and the extensions must wait for their events too:
        that is when Lambda takes a start, or an invocation, for ended.

        Raises:
            RuntimeError: The runtime has told that it cannot start.
            ConnectionAbortedError: This Runtime API was closed.
        """
        await self.wait_for_polls(1)

    async def wait_for_polls(self, count: int) -> None:
        """Wait until the runtime waits for invocations with several polls.

        Args:
            count: How many, at least.

        Raises:
            RuntimeError: The runtime has told that it cannot start.
            ConnectionAbortedError: This Runtime API was closed.
        """
        await self._until_ready(lambda: self._environment.waits(count), "poll")

    async def wait_for_snapshot(self) -> None:
        """Wait until the runtime, and its extensions, wait to be restored from a snapshot.

        Raises:
            RuntimeError: The runtime has told that it cannot start.
            ConnectionAbortedError: This Runtime API was closed.
        """
        await self._until_ready(lambda: self._environment.has_snapshot, "wait to be restored")

    async def wait_for_init_error(self) -> Outcome:
        """Wait until the runtime tells that it cannot start.

        Returns:
            What it told.

        Raises:
            ConnectionAbortedError: This Runtime API was closed.
        """
        await self._until(lambda: self.init_error is not None)
        return cast(Outcome, self.init_error)

    async def wait_for_restore_error(self) -> Outcome:
        """Wait until the runtime tells that it cannot go on after its restore.

        Returns:
            What it told.

        Raises:
            ConnectionAbortedError: This Runtime API was closed.
        """
        await self._until(lambda: self.restore_error is not None)
        return cast(Outcome, self.restore_error)

    def describe(self) -> str:
        """Tell, for an error message, where the runtime is and what it last sent."""
        states = "".join(f", {it.name} is {it.state}" for it in self.extensions)
        last = ", ".join(f"{request.method} {request.path}" for request in self.requests[-5:])
        return (
            f"the runtime is in state {self.state}, {self.queued} queued, "
            f"{self.polls} polls waiting{states}; last requests: {last or 'none'}"
        )

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        """Return the routes of the Runtime API, the Extensions API and the Telemetry API.

        Args:
            prefix: What stands before each path, such as ``/orders``, where one server has several
                functions.

        Returns:
            Route definitions for an application. Only under `runner` HTTP trailers are seen.
        """
        environment, watch, dispatcher = self._environment, self._watch, self._dispatcher
        runtime = RuntimeRoutes(environment, watch, dispatcher)
        extensions = ExtensionRoutes(environment, self.function, watch, dispatcher)
        routes = [*runtime.routes(snap_start=self.function.snap_start), *extensions.routes()]
        # Each path is followed by what answers all other methods of it.
        return [
            web.RouteDef(method, prefix + route.path, handler, kwargs)
            for route in routes
            for method, handler, kwargs in (
                (route.method, route.handler, route.kwargs),
                ("*", self._dispatcher.handler(None, _wrong_method(route.method)), {}),
            )
        ]

    def app(self) -> web.Application:
        """Return an application that serves this and nothing else.

        Returns:
            The application; other paths are answered 404, and are in `requests` too.
        """
        return app_of({"": self})

    def runner(self) -> web.AppRunner:
        """Return a runner for `app` with what the Runtime API needs of an HTTP server.

        Large headers are read, trailers are seen, and a poll ends with its connection.

        Returns:
            The runner, to set up and to give sites to.
        """
        return runner_of({"": self})

    def unknown(self) -> Handler:
        """Return what answers the paths that are not in `routes`.

        Returns:
            A handler for aiohttp's router: it says 404, and writes the journal.
        """
        return self._dispatcher.handler(None, _not_found)

    def close(self) -> None:
        """Let all that wait fail: callers by an error, the runtime by a closed connection."""
        self._closed = ConnectionAbortedError("the Runtime API was closed; " + self.describe())
        self._environment.abort(self._closed)
        self._dispatcher.close()
        self._watch.notify()

    def _check_open(self) -> None:
        if self._closed is not None:
            raise self._closed

    async def _until_ready(self, done: Callable[[], bool], what: str) -> None:
        def failure() -> Outcome | None:
            return self.init_error or self.restore_error

        await self._until(lambda: done() or failure() is not None)
        if (told := failure()) is not None:
            phase = told.kind.removesuffix("_error")
            raise RuntimeError(f"the {phase} failed, and the runtime did not {what}: {told.body!r}")

    async def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            self._check_open()
            await self._watch.change()

    def _record(self, request: Request) -> None:
        self.requests.append(request)
        if self._journal is not None:
            del self.requests[: -self._journal or None]


def app_of(apis: Mapping[str, RuntimeAPI]) -> web.Application:
    """Return an application with several Runtime APIs.

    Args:
        apis: Each by the prefix of its paths, such as ``/orders``; the empty one takes what is left.

    Returns:
        The application.
    """
    app = web.Application()
    for prefix, api in apis.items():
        app.add_routes(api.routes(prefix))
        app.router.add_route("*", prefix + "/{path:.*}", api.unknown())
    app.on_response_prepare.append(take_away_headers)
    return app


def runner_of(apis: Mapping[str, RuntimeAPI]) -> web.AppRunner:
    """Return a runner for several Runtime APIs; see `RuntimeAPI.runner`.

    Args:
        apis: Each by the prefix of its paths.

    Returns:
        The runner, to set up and to give sites to.
    """
    return Runner(
        app_of(apis),
        access_log=None,
        handler_cancellation=True,
        max_line_size=wire.MAX_HEAD_BYTES,
        max_field_size=wire.MAX_HEAD_BYTES,
        shutdown_timeout=0.1,
    )


def _wrong_method(allowed: str) -> Answer:
    async def answer(incoming: Incoming) -> Reply:
        await incoming.read()
        return wire.wrong_method(allowed)

    return answer


async def _not_found(incoming: Incoming) -> Reply:
    await incoming.read()
    return wire.NOT_FOUND
