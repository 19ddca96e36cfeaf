"""Streamed responses: the parts that a handler yields or writes, on their way to the caller.

Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
"""

from __future__ import annotations

from ._invocation import stream_request
from ._prelude import HttpPrelude
from .contract import PRELUDE_CONTENT_TYPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator
    from typing import Any, TypeAlias

    from ._http1 import Request
    from ._invocation import Invocation
    from ._transport import AsyncUpload, Response, Upload

    Data: TypeAlias = bytes | bytearray | memoryview | str


class _Stream:
    """A response of which nothing is sent until its first byte, so that it can still fail."""

    def __init__(self, invocation: Invocation) -> None:
        self.begun = False
        """True once the caller's response has begun: a later failure breaks it off."""
        self.broken: OSError | None = None
        """The error after which nothing more can be sent, or None."""
        self.bytes_sent = 0
        self._invocation = invocation
        self._ended = False
        self._content_type = "application/octet-stream"
        self._prelude: HttpPrelude | None = None
        self._request: Request | None = None

    @property
    def content_type(self) -> str:
        """The media type of the response; it can be set until the first byte is written.

        Raises:
            RuntimeError: On setting, when the response has begun.
            ValueError: On setting, when the value holds control characters or is not ASCII.
        """
        return self._content_type

    @content_type.setter
    def content_type(self, value: str) -> None:
        self._expect_unbegun("content type")
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"{value!r} is not a media type")
        self._content_type = value

    @property
    def prelude(self) -> HttpPrelude | None:
        """Status, headers and cookies, for HTTP callers; to be set before the first byte.

        Raises:
            RuntimeError: On setting, when the response has begun.
        """
        return self._prelude

    @prelude.setter
    def prelude(self, value: HttpPrelude) -> None:
        self._expect_unbegun("prelude")
        self._prelude = value

    def _expect_unbegun(self, what: str) -> None:
        if self.begun:
            raise RuntimeError(f"the {what} comes before the first byte, and that has been sent")

    def _expect_unended(self) -> None:
        if self._ended:
            raise RuntimeError("the response has ended: nothing can be written to it any more")

    @property
    def request(self) -> Request:
        """The request that carries the response; it is made once, and its headers are final."""
        if self._request is None:
            content_type = self._content_type if self._prelude is None else PRELUDE_CONTENT_TYPE
            self._request = stream_request(self._invocation, content_type)
        return self._request

    def _bytes(self, item: object) -> bytes:
        """Return the bytes of one part."""
        self._expect_unended()
        if self.broken is not None:
            raise ConnectionError(f"the response has broken off: {self.broken}")
        if isinstance(item, bytes):
            if self.begun:
                return item
            data = item
        elif isinstance(item, str):
            data = item.encode()
        elif isinstance(item, (bytearray, memoryview)):
            data = bytes(item)  # it may change before the network has taken it
        elif isinstance(item, HttpPrelude):
            self.prelude = item
            return bytes(item)
        else:
            raise TypeError(f"a response is streamed as bytes or str, not {type(item).__name__}")
        if data and not self.begun and self._prelude is not None:
            return bytes(self._prelude) + data
        return data


class _Written:
    """The result of a blocking write: it can be awaited, and there is nothing to wait for."""

    def __await__(self) -> Iterator[None]:
        return iter(())


class BlockingResponseStream(_Stream):
    """The response of a `def` handler that takes ``(event, stream, context)``.

    An ``async def`` inside of a `def` handler may get it too, so its writes can be awaited.

    Attributes:
        begun: True if the first byte has been sent.
        bytes_sent: The number of bytes that have been sent, the prelude's included.
    """

    WRITTEN: Any = _Written()

    def __init__(self, invocation: Invocation, connect: Callable[[Request], Upload]) -> None:
        """Prepare a response; nothing is sent yet.

        Args:
            invocation: The invocation.
            connect: Opens the request that carries it.
        """
        super().__init__(invocation)
        self._connect = connect
        self._upload: Upload | None = None

    def write(self, data: Data) -> None:
        """Send a part of the response; it returns when the network has taken it.

        Args:
            data: Bytes, or text that is sent as UTF-8. Empty parts are skipped.

        Raises:
            ConnectionError: Lambda accepts no more data.
            RuntimeError: The response has ended: the handler has returned.
            TypeError: It is neither bytes nor text.
            ValueError: The text cannot be encoded as UTF-8.
        """
        if chunk := self._bytes(data):
            self._send(chunk)
        return self.WRITTEN  # type: ignore[no-any-return] # for those who await it

    def flush(self) -> None:
        """Send the prelude now, ahead of the first byte; all else is always sent at once.

        Raises:
            ConnectionError: Lambda accepts no more data.
        """
        if not self.begun and self._prelude is not None:
            self._send(bytes(self._prelude))
        return self.WRITTEN  # type: ignore[no-any-return] # for those who await it

    def write_all(self, items: Iterator[object]) -> None:
        """Send all that a generator yields, and close it."""
        try:
            for item in items:
                if chunk := self._bytes(item):
                    self._send(chunk)
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                close()

    def end(self, trailers: Iterable[tuple[str, str]] = ()) -> Response:
        """End the response, which is empty if nothing was written.

        Args:
            trailers: The report of the error that it ended in, or nothing.

        Returns:
            The Runtime API's response.

        Raises:
            OSError: The response has broken off.
        """
        self._ended = True
        if self.broken is not None:
            if self._upload is not None and self._upload.response is not None:
                return self._upload.response
            raise self.broken
        if self._upload is None:
            self._upload = self._connect(self.request)
            if self._prelude is not None:
                head = bytes(self._prelude)
                self._upload.send(head)
                self.bytes_sent += len(head)
        return self._upload.end(trailers)

    def _send(self, chunk: bytes) -> None:
        try:
            if self._upload is None:
                request = self.request
                self.begun = True
                self._upload = self._connect(request)
            self._upload.send(chunk)
        except OSError as error:
            self.broken = error
            raise ConnectionError(f"the response has broken off: {error}") from error
        self.bytes_sent += len(chunk)


class ResponseStream(_Stream):
    """The response of an `async def` handler that takes ``(event, stream, context)``.

    Attributes:
        begun: True if the first byte has been sent.
        bytes_sent: The number of bytes that have been sent, the prelude's included.
    """

    def __init__(
        self, invocation: Invocation, connect: Callable[[Request], Awaitable[AsyncUpload]]
    ) -> None:
        """Prepare a response; nothing is sent yet.

        Args:
            invocation: The invocation.
            connect: Opens the request that carries it.
        """
        from asyncio import Lock  # for a blocking stream, it is not loaded

        super().__init__(invocation)
        self._connect = connect
        self._opening = Lock()
        self._upload: AsyncUpload | None = None

    async def write(self, data: Data) -> None:
        """Send a part of the response; it returns when there is room for more.

        Args:
            data: Bytes, or text that is sent as UTF-8. Empty parts are skipped.

        Raises:
            ConnectionError: Lambda accepts no more data.
            RuntimeError: The response has ended: the handler has returned.
            TypeError: It is neither bytes nor text.
            ValueError: The text cannot be encoded as UTF-8.
        """
        if (sending := self._send(data)) is not None:
            await sending

    async def flush(self) -> None:
        """Send the prelude now, ahead of the first byte; all else is always sent at once.

        Raises:
            ConnectionError: Lambda accepts no more data.
        """
        if self.begun or self._prelude is None:
            return
        if (sending := self._send(self._prelude)) is not None:
            await sending

    async def write_all(self, items: Any) -> None:
        """Send all that a generator yields, and close it."""
        try:
            if hasattr(type(items), "__next__"):
                for item in items:
                    if (sending := self._send(item)) is not None:
                        await sending
            else:
                async for item in _iterated(items):
                    if (sending := self._send(item)) is not None:
                        await sending
        finally:
            close = getattr(items, "aclose", None) or getattr(items, "close", None)
            if close is not None:
                closing = close()
                if hasattr(type(closing), "__await__"):
                    await closing

    async def end(self, trailers: Iterable[tuple[str, str]] = ()) -> Response:
        """End the response, which is empty if nothing was written.

        Args:
            trailers: The report of the error that it ended in, or nothing.

        Returns:
            The Runtime API's response.

        Raises:
            OSError: The response has broken off.
        """
        if self.broken is not None:
            self._ended = True
            if self._upload is not None and self._upload.response is not None:
                return self._upload.response
            raise self.broken
        empty = not self.begun
        try:
            upload = await self._open()  # after the writes that wait for it
        finally:
            self._ended = True
        if empty and self._prelude is not None:
            head = bytes(self._prelude)
            if (sending := upload.send(head)) is not None:
                await sending
            self.bytes_sent += len(head)
        return await upload.end(trailers)

    def _send(self, item: object) -> Awaitable[None] | None:
        """Send a part, and return what to await before the next one, if anything."""
        chunk = self._bytes(item)
        if not chunk:
            return None
        upload = self._upload
        if upload is None:
            self.begun = True
            return self._sent(self._send_first(chunk), len(chunk))
        sending = upload.send(chunk)
        if sending is not None:
            return self._sent(sending, len(chunk))
        self.bytes_sent += len(chunk)
        return None

    async def _send_first(self, chunk: bytes) -> None:
        upload = await self._open()
        self._expect_unended()
        if (sending := upload.send(chunk)) is not None:
            await sending

    async def _sent(self, sending: Awaitable[None], size: int) -> None:
        try:
            await sending
        except OSError as error:
            self.broken = error
            raise ConnectionError(f"the response has broken off: {error}") from error
        self.bytes_sent += size

    async def _open(self) -> AsyncUpload:
        """Begin the request that carries the response: once, also when several tasks write."""
        async with self._opening:
            if self._upload is None:
                self._upload = await self._connect(self.request)
            return self._upload


def _iterated(items: Any) -> AsyncIterable[object]:
    """Return what ``async for`` takes: an iterator need not be able to return itself."""
    return items if hasattr(type(items), "__aiter__") else _Iterated(items)


class _Iterated:
    def __init__(self, iterator: Any) -> None:
        self._iterator = iterator

    def __aiter__(self) -> Any:
        return self._iterator
