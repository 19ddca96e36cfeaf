"""HTTP trailers, taken out of the bytes of a connection ahead of aiohttp. No I/O.

aiohttp's server reads trailers and drops them, the last one into the head of the next request on
the connection. So they are taken out before it sees them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multidict import CIMultiDict

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    _Steps = Generator[None, None, None]


class TrailerFilter:
    """Lets the requests of a connection pass, all but the trailers of their bodies.

    Bytes that are not HTTP pass unchanged: aiohttp's parser reports them.

    Attributes:
        trailers: The trailers by the request's place on the connection, from 0; only of requests
            that have some and whose body is complete.
        broken: True if the chunks of a body are malformed, so that it can have no end.
    """

    def __init__(self) -> None:
        self.trailers: dict[int, Mapping[str, str]] = {}
        self.broken = False
        self._buffer = b""
        self._position = 0
        self._place = 0  # of the request that comes, or is coming
        self._within_request = False
        self._passed: list[bytes] = []
        self._steps: _Steps | None = self._requests()

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the connection, cut anywhere, and return those that pass.

        The beginning of a line may pass only with the line's end.
        """
        if not self._within_request and self._position == len(self._buffer) and _is_whole(data):
            self._place += 1
            return data
        self._buffer = self._buffer[self._position :] + data
        self._position = 0
        if self._steps is not None:
            try:
                next(self._steps)
            except ValueError:
                self._steps = None
        if self._steps is None:
            self._pass(len(self._buffer))
        passed = b"".join(self._passed)
        self._passed.clear()
        return passed

    def _requests(self) -> _Steps:
        while True:
            length = yield from self._head()
            if length is not None:
                yield from self._data(length)
            else:
                try:
                    yield from self._chunks()
                except ValueError:
                    self.broken = True
                    raise
            self._place += 1
            self._within_request = False

    def _head(self) -> Generator[None, None, int | None]:
        """Return the length of the body that follows, None if it comes in chunks."""
        length: int | None = 0
        begun = False
        while (line := (yield from self._line(passes=True))) or not begun:
            begun = begun or bool(line)
            self._within_request = True
            name, _, value = line.lower().partition(b":")
            if name == b"content-length":
                length = _size(value, 10)
            elif name == b"transfer-encoding" and value.strip().endswith(b"chunked"):
                length = None
        return length

    def _chunks(self) -> _Steps:
        while size := _size((yield from self._line(passes=True)).partition(b";")[0], 16):
            yield from self._data(size)
            if (yield from self._line(passes=True)):
                raise ValueError("a chunk is longer than its size")
        trailers: CIMultiDict[str] = CIMultiDict()
        while line := (yield from self._line(passes=False)):
            name, _, value = line.decode("utf-8", "surrogateescape").partition(":")
            trailers.add(name, value.strip(" \t"))
        self._passed.append(b"\r\n")
        if trailers:
            self.trailers[self._place] = trailers

    def _line(self, *, passes: bool) -> Generator[None, None, bytes]:
        """Return the next line without its end."""
        searched = self._position
        while (end := self._buffer.find(b"\n", searched)) < 0:
            waiting = len(self._buffer) - self._position
            yield
            searched = waiting  # `feed` has moved what waits to the front
        line = self._buffer[self._position : end]
        if passes:
            self._pass(end + 1 - self._position)
        else:
            self._position = end + 1
        return line.rstrip(b"\r")

    def _data(self, size: int) -> _Steps:
        while size:
            size -= self._pass(size)
            if size:
                yield

    def _pass(self, size: int) -> int:
        """Let up to ``size`` bytes pass; return how many there were."""
        passed = self._buffer[self._position : self._position + size]
        self._position += len(passed)
        self._passed.append(passed)
        return len(passed)


def _is_whole(data: bytes) -> bool:
    """Return whether data is one request, beyond doubt, with all of its body and no chunks.

    Nearly all requests are; what is not so plain is looked at line by line.
    """
    end = data.find(b"\r\n\r\n") + 2
    head = data[:end].lower()
    if end < 2 or data[0] in b"\r\n" or head.count(b"\n") != head.count(b"\r\n"):
        return False
    lengths = head.split(b"\ncontent-length:")[1:]
    if len(lengths) > 1 or b"\ntransfer-encoding" in head:
        return False
    length = lengths[0].partition(b"\r\n")[0].strip() if lengths else b"0"
    return length.isdigit() and int(length) == len(data) - end - 2


def _size(digits: bytes, base: int) -> int:
    size = int(digits, base)
    if size < 0:
        raise ValueError(f"a body cannot have a negative size: {digits!r}")
    return size
