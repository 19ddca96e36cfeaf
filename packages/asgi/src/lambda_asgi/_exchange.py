"""Exchanges: a request and its response, between an application and the front end.

The application runs in a task of its own. It waits in its last ``send`` until the response is
delivered, and then goes on: what it does from there on, nobody waits for.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import MutableMapping

from ._response import ResponseTooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, TypeAlias

    Message: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[Message]]
    Send: TypeAlias = Callable[[Message], Awaitable[None]]
    # Frameworks have types of their own for what an application takes.
    Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


# Python 3.12 can begin a task without a turn of the event loop.
_AT_ONCE: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}


class Disconnected(ConnectionError):
    """Nobody takes the response any more."""


class ProtocolError(RuntimeError):
    """An application does not do what ASGI asks of it."""


class Exchange:
    """The protocol of one request, from ``http.request`` to ``http.disconnect``.

    Attributes:
        error: What the application has raised, or None.
        headers: The response's header fields.
        status: The response's status; None before ``http.response.start``.
        has_response: Whether there is a response to send: its beginning, if it is streamed.
        is_whole: Whether the application has sent the whole response.
    """

    def __init__(
        self, application: Application, scope: dict[str, Any], body: bytes, limit: int | None
    ) -> None:
        """Prepare an exchange.

        Args:
            application: The application.
            scope: The scope of the request.
            body: The body of the request.
            limit: Bytes that the response may have, if it is gathered; None if it is streamed.
        """
        self.error: BaseException | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.status: int | None = None
        self.has_response = False
        self.is_whole = False
        self._application = application
        self._scope = scope
        self._body: bytes | None = body
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._loop = asyncio.get_running_loop()
        self._closed = asyncio.Event()  # the response is delivered, or nobody takes it
        self._is_gone = False
        self._progress = self._loop.create_future()  # the front end waits for it
        self._room: asyncio.Future[None] | None = None  # for another part of a streamed response
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Run the application until its response begins; a gathered one, until it is whole."""
        # Not by the event loop's factory: the runtime blocks the loop while it sends a response,
        # if it knows of no task that could use it. This one waits for just that response.
        self._task = asyncio.Task(self._run(), loop=self._loop, **_AT_ONCE)
        await self._until(self._progress)

    def body(self) -> bytes:
        """Return the body of a gathered response."""
        return b"".join(self._parts)

    async def take(self) -> list[bytes]:
        """Return the next parts of a streamed response; none at its end.

        Raises:
            BaseException: Whatever the application raises.
        """
        while not (self._parts or self.is_whole):
            if self.error is not None:
                raise self.error
            self._progress = self._loop.create_future()
            self._make_room()
            await self._until(self._progress)
        parts, self._parts = self._parts, []
        return parts

    @property
    def is_done(self) -> bool:
        """True if the application has returned."""
        return self._task is not None and self._task.done()

    def disconnect(self) -> None:
        """Tell the application that nobody takes the response any more."""
        self._is_gone = True
        self._closed.set()
        self._make_room()

    async def finish(self) -> None:
        """Let the application go on after its response, and wait for its end."""
        self._closed.set()
        if not self.is_done:
            self._progress = self._loop.create_future()
            await self._until(self._progress)

    async def cancel(self) -> None:
        """End the application, which may clean up."""
        task = self._task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])

    def _make_room(self) -> None:
        if self._room is not None:
            self._room.set_result(None)
            self._room = None

    async def _until(self, waiting: Awaitable[Any]) -> None:
        """Wait; if cancelled, end the application and raise an error that shows where it was."""
        try:
            await waiting
        except asyncio.CancelledError as cancelled:
            await self.cancel()
            error = self.error
            raise (error if isinstance(error, asyncio.CancelledError) else cancelled) from None

    async def receive(self) -> Message:
        """Give the application the request, and then the end of the connection."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take a message of the application.

        Args:
            message: ``http.response.start`` or ``http.response.body``.

        Raises:
            ProtocolError: It is another one, or it comes out of turn.
            Disconnected: Nobody takes the response any more.
        """
        kind = message.get("type") if isinstance(message, MutableMapping) else None
        if kind is None:
            raise ProtocolError(f"The application sent a message without a type: {message!r}.")
        if kind == "http.response.start":
            self._start(message)
        elif kind == "http.response.body":
            await self._take(message)
        else:
            raise ProtocolError(
                f"The application sent {kind!r}, which is not a message of an HTTP response."
            )

    def _start(self, message: Message) -> None:
        if self.status is not None:
            raise ProtocolError("The application sent 'http.response.start' a second time.")
        status = message.get("status")
        if not isinstance(status, int) or not 200 <= status <= 599:
            raise ProtocolError(f"The application sent the status {status!r}, which is not HTTP's.")
        headers = [_checked(field) for field in message.get("headers") or ()]
        self.status, self.headers = int(status), headers

    async def _take(self, message: Message) -> None:
        if self.status is None:
            raise ProtocolError(
                "The application sent 'http.response.body' before 'http.response.start'."
            )
        while self._room is not None and not self._is_gone:  # another task is sending
            await asyncio.shield(self._room)
        if self._is_gone:
            raise Disconnected("The client has disconnected.")
        if self.is_whole:
            raise ProtocolError("The application sent 'http.response.body' after the last one.")
        part = message.get("body", b"")
        if not isinstance(part, bytes):
            if not isinstance(part, (bytearray, memoryview)):
                raise ProtocolError(
                    f"The application sent a body that is not bytes: {type(part).__name__}."
                )
            part = bytes(part)
        if part and self._scope["method"] != "HEAD":
            self._parts.append(part)
            self._size += len(part)
        if self._limit is not None and self._size > self._limit:
            raise ResponseTooLarge(self._scope["method"], self._scope["path"], self._size)
        if not message.get("more_body", False):
            self.has_response = self.is_whole = True
            self._wake()
            await self._closed.wait()
        elif self._limit is None:
            self.has_response = True
            self._room = room = self._loop.create_future()
            self._wake()
            await asyncio.shield(room)
            if self._is_gone:
                raise Disconnected("The client has disconnected.")

    async def _run(self) -> None:
        try:
            await self._application(self._scope, self.receive, self.send)
            if not self.is_whole and not self._is_gone:
                self.error = ProtocolError(
                    "The application has returned without a response."
                    if self.status is None
                    else "The application has returned before the end of its response."
                )
        except asyncio.CancelledError as error:
            self.error = error
            raise
        except BaseException as error:  # noqa: BLE001 (the front end gets the error)
            self.error = error
        finally:
            self._wake()

    def _wake(self) -> None:
        if not self._progress.done():
            self._progress.set_result(None)


def _checked(field: Any) -> tuple[bytes, bytes]:
    """Return a header field, which would be two with a line break in it."""
    try:
        name, value = field
    except (TypeError, ValueError):
        name = value = None
    if not (isinstance(name, bytes) and isinstance(value, bytes)):
        raise ProtocolError(f"The application sent the header {field!r}: it is not bytes.")
    if any(byte in name + value for byte in b"\r\n\0"):
        raise ProtocolError(f"The application sent the header {field!r}, which has a line break.")
    return name, value
