"""The lifespan of an application: its startup, its state and its shutdown.

Contract: https://asgi.readthedocs.io/en/latest/specs/lifespan.html
"""

from __future__ import annotations

import asyncio
from contextvars import Context, copy_context

from ._scope import LIFESPAN_VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Literal, TypeAlias

    from ._exchange import Application, Message

    Mode: TypeAlias = Literal["auto", "on", "off"]

_MISSING: Any = object()


class LifespanError(RuntimeError):
    """The startup of an application failed."""


class Lifespan:
    """An async context manager around all requests, for the lifespan of an application."""

    def __init__(
        self,
        application: Application,
        mode: Mode,
        publish: Callable[[dict[str, Any] | None], object],
    ) -> None:
        """Prepare a lifespan; nothing is called yet.

        Args:
            application: The application.
            mode: ``"auto"`` for an application that may have no lifespan, ``"on"`` for one that
                has to have one.
            publish: Is given the state that the application's startup has filled, and None at the
                end.
        """
        self._application = application
        self._mode = mode
        self._publish = publish
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._answered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._has_received = False  # an application that fails before has no lifespan
        self._is_up = False  # and has not received the shutdown yet
        self._has_started = False
        self._sent: Message | None = None
        self._error: BaseException | None = None

    async def __aenter__(self) -> dict[str, Any]:
        """Start the application up.

        Returns:
            Its state.

        Raises:
            LifespanError: It says that its startup has failed, or raises, or has no lifespan and
                has to have one.
        """
        state: dict[str, Any] = {}
        scope = {"type": "lifespan", "asgi": LIFESPAN_VERSIONS.copy(), "state": state}
        variables = copy_context()
        loop = asyncio.get_running_loop()
        # By itself, and not by the event loop's factory: nobody waits for what only waits for the
        # shutdown.
        self._task = asyncio.Task(self._run(scope), loop=loop, context=variables)
        self._messages.put_nowait({"type": "lifespan.startup"})
        try:
            await self._answered.wait()
            await self._judge_startup()
        except BaseException:
            await self._end()
            raise
        for variable, value in variables.items():  # what the startup has set is there for requests
            if variable.get(_MISSING) is not value:
                variable.set(value)
        self._publish(state)
        return state

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Shut the application down; its failure is logged."""
        self._publish(None)
        task = self._task
        if task is None:
            return
        if not task.done():
            if self._is_up:
                self._request_shutdown()
            await self._answered.wait()
        await self._end()

    async def _judge_startup(self) -> None:
        sent, error = self._sent, self._error
        if sent is not None and sent["type"] == "lifespan.startup.complete":
            return
        if sent is not None:
            await self._end()  # an application raises what it has reported
            error = self._error
            reason = sent.get("message") or error or "it does not say why"
            if error is not None and "Traceback (most" in str(reason):  # as Starlette sends
                reason = repr(error)
            raise LifespanError(f"The application's startup failed: {reason}") from error
        if isinstance(error, TypeError) and _is_of_the_call(error):
            raise LifespanError(
                f"The application cannot be called as those of ASGI are: {error}. If it is one of "
                "WSGI, use WsgiHandler(app)."
            ) from error
        if error is not None and self._has_received and not isinstance(error, _OtherProtocol):
            raise LifespanError(
                f"The application's startup failed: {error!r}. If the application has no lifespan, "
                'say so: AsgiHandler(app, lifespan="off").'
            ) from error
        if self._mode == "on":
            raise LifespanError(
                'The application has no lifespan, and lifespan="on" asks for one.'
            ) from error
        self._error = None

    async def _end(self) -> None:
        """Wait for the application to end; cancel it if that takes too long."""
        task = self._task
        if task is not None and not task.done():
            await asyncio.wait([task], timeout=_SECONDS_TO_END)
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._application(scope, self._receive, self._send)
        except BaseException as error:
            self._error = error
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self._answered.set()
            if self._has_started:
                self._log_failure()

    def _log_failure(self) -> None:
        """Log the failure of a shutdown, or of a lifespan that ends before that."""
        error, sent = self._error, self._sent
        if error is not None and not isinstance(error, asyncio.CancelledError):
            message = "The application's lifespan failed"
        elif sent is not None and sent["type"] == "lifespan.shutdown.failed":
            message, error = f"The application's shutdown failed: {sent.get('message', '')}", None
        else:
            return
        from ._failures import log_failure  # which few need

        log_failure(message, error)

    def _request_shutdown(self) -> None:
        self._answered.clear()
        self._messages.put_nowait({"type": "lifespan.shutdown"})

    async def _receive(self) -> Message:
        try:
            message = await self._messages.get()
        except asyncio.CancelledError:
            if not self._is_up:
                raise
            # The event loop ends, and cancels all tasks: the application is to shut down in order.
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            if self._messages.empty():
                self._request_shutdown()
            message = self._messages.get_nowait()
        self._has_received = True
        self._is_up = False
        return message

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if kind not in _ANSWERS:
            raise _OtherProtocol(f"The application sent {kind!r} to its lifespan.")
        self._sent = message
        self._is_up = kind == "lifespan.startup.complete"
        self._has_started = self._has_started or self._is_up
        self._answered.set()


class LateStartup:
    """A startup that requests wait for.

    Attributes:
        loop: The event loop, whose end is the application's shutdown.
    """

    def __init__(self, lifespan: Lifespan, loop: asyncio.AbstractEventLoop) -> None:
        """Begin.

        Args:
            lifespan: The lifespan.
            loop: The event loop, which is running.
        """
        self.loop = loop
        self._lifespan = lifespan  # the event loop holds no task that only waits
        # Without the context variables of a request: what it starts is not that request's.
        self._task = asyncio.Task(lifespan.__aenter__(), loop=loop, context=Context())

    async def wait(self) -> None:
        """Wait until the application is up.

        Raises:
            LifespanError: The startup has failed.
        """
        await asyncio.shield(self._task)


class _OtherProtocol(RuntimeError):
    """An application takes its lifespan for a request: it does not know lifespans."""


def _is_of_the_call(error: TypeError) -> bool:
    """Return True if the application did not raise an error, and could not be called."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is None


_ANSWERS = frozenset(
    (
        "lifespan.startup.complete",
        "lifespan.startup.failed",
        "lifespan.shutdown.complete",
        "lifespan.shutdown.failed",
    )
)
_SECONDS_TO_END = 1
