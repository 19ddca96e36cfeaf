"""Exchanges: a request and its response, between an application and the front end.

The application runs in the task of the invocation. It pauses in its last ``send`` until the
response is delivered, and then goes on: what it does from there on, nobody waits for.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping

from ._pausable import PausableCoroutine, pause
from ._response import ResponseTooLarge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from typing import Any, TypeAlias

    Message: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[Message]]
    Send: TypeAlias = Callable[[Message], Awaitable[None]]
    # Frameworks have types of their own for what an application takes.
    Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

_BREAKS = frozenset(b"\n\r\0")


class Disconnected(ConnectionError):
    """Lambda accepts no more data."""


class ProtocolError(RuntimeError):
    """An application does not do what ASGI asks of it."""


class Exchange:
    """The protocol of one request, from ``http.request`` to ``http.disconnect``.

    Attributes:
        error: The application's exception, or None.
        headers: The response's header fields.
        method: The request's method. The scope is the application's, which may change it.
        path: The request's path.
        status: The response's status; None before ``http.response.start``.
        has_response: True if there is a response to send: its beginning, if it is streamed.
        is_gone: True if nobody takes the response any more.
        is_whole: True if the application has sent the whole response.
    """

    def __init__(
        self,
        application: Application,
        scope: dict[str, Any],
        body: bytes,
        limit: int | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """Prepare an exchange.

        Args:
            application: The application.
            scope: The scope of the request.
            body: The body of the request.
            limit: Bytes that the response may have, if it is gathered; None if it is streamed.
            loop: The event loop, which is running.
        """
        self.error: BaseException | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.status: int | None = None
        self.has_response = False
        self.is_gone = False
        self.is_whole = False
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._body: bytes | None = body
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._loop = loop
        self._run = PausableCoroutine(_run(application, scope, self), loop)
        self._is_closed = False  # the response is delivered, or nobody takes it
        self._closing: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None  # for another part of a streamed response

    def begin(self) -> Awaitable[None]:
        """Run the application until its response begins; a gathered one, until it is whole."""
        return self._resume()

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
            self._make_room()
            await self._resume()
        parts, self._parts = self._parts, []
        return parts

    @property
    def is_done(self) -> bool:
        """True if the application has returned."""
        return self._run.is_done

    def disconnect(self) -> None:
        """Let the application know that nobody takes the response any more."""
        self.is_gone = True
        self._close()
        self._make_room()

    async def finish(self) -> None:
        """Let the application go on after its response, and wait for its end."""
        self._close()
        while not self.is_done:
            await self._resume()

    async def cancel(self) -> None:
        """End the application, which may clean up."""
        self._close()
        await self._resume(cancel=True)
        while not self.is_done:
            await self._resume()

    def _close(self) -> None:
        self._is_closed = True
        if self._closing is not None and not self._closing.done():
            self._closing.set_result(None)

    async def _closed(self) -> None:
        """Wait until the response is delivered, or nobody takes it."""
        if self._is_closed:
            return
        if self._closing is None:
            self._closing = self._loop.create_future()
        await asyncio.shield(self._closing)

    def _make_room(self) -> None:
        if self._room is not None:
            self._room.set_result(None)
            self._room = None

    async def _resume(self, *, cancel: bool = False) -> None:
        """Let the application go on until it pauses; what it raises is kept, but a cancellation."""
        try:
            await self._run.resume(cancel=cancel)
        except BaseException as error:
            self.error = error
            if isinstance(error, GeneratorExit) or (
                isinstance(error, asyncio.CancelledError) and not cancel and _is_cancelled()
            ):
                raise

    async def _pause(self) -> None:
        """Let the front end have what is there, until it lets the application go on."""
        if asyncio.current_task(self._loop) is self._run.task:
            await pause()
            return
        self._run.interrupt()
        if self.is_whole:
            await self._closed()
        elif (room := self._room) is not None:
            await asyncio.shield(room)

    async def receive(self) -> Message:
        """Give the application the request, and then the end of the connection."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._closed()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take a message of the application.

        Args:
            message: ``http.response.start`` or ``http.response.body``.

        Raises:
            ProtocolError: It is another one, or it comes out of turn.
            Disconnected: Lambda accepts no more data.
        """
        is_message = type(message) is dict or isinstance(message, MutableMapping)
        kind = message.get("type") if is_message else None
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
        self.headers = _checked(message.get("headers") or ())
        self.status = int(status)

    async def _take(self, message: Message) -> None:
        if self.status is None:
            raise ProtocolError(
                "The application sent 'http.response.body' before 'http.response.start'."
            )
        while self._room is not None and not self.is_gone:  # another task is sending
            await asyncio.shield(self._room)
        if self.is_gone:
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
        if part and self.method != "HEAD":
            self._parts.append(part)
            self._size += len(part)
        if self._limit is not None and self._size > self._limit:
            raise ResponseTooLarge(self.method, self.path, self._size)
        if not message.get("more_body", False):
            self.has_response = self.is_whole = True
            await self._pause()
        elif self._limit is None:
            self.has_response = True
            self._room = self._loop.create_future()
            await self._pause()
            if self.is_gone:
                raise Disconnected("The client has disconnected.")


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _run(application: Application, scope: dict[str, Any], exchange: Exchange) -> None:
    await application(scope, exchange.receive, exchange.send)
    if not exchange.is_whole and not exchange.is_gone:
        raise ProtocolError(
            "The application has returned without a response."
            if exchange.status is None
            else "The application has returned before the end of its response."
        )


def _checked(fields: Iterable[Any]) -> list[tuple[bytes, bytes]]:
    """Return header fields, of which one with a line break would be two."""
    headers: list[tuple[bytes, bytes]] = []
    for field in fields:
        try:
            name, value = field
        except (TypeError, ValueError):
            name = value = None
        if not (isinstance(name, bytes) and isinstance(value, bytes)):
            raise ProtocolError(f"The application sent the header {field!r}: it is not bytes.")
        headers.append((name, value))
    whole = b"".join([part for field in headers for part in field])
    if b"\n" in whole or b"\r" in whole or b"\0" in whole:
        field = next(each for each in headers if not _BREAKS.isdisjoint(b"".join(each)))
        raise ProtocolError(f"The application sent the header {field!r}, which has a line break.")
    return headers
