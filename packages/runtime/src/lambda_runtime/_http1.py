"""HTTP/1.1: requests and responses as data, and as bytes. Nothing here does I/O."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from typing import Any, Literal

# Go's server, which is what answers, writes and reads heads up to this size.
MAX_HEAD_BYTES = 1024 * 1024
# An event is at most 6 MiB; the room above it is for limits that Lambda may raise.
MAX_BODY_BYTES = 64 * 1024 * 1024
READ_BYTES = 64 * 1024
_MAX_LINE_BYTES = 64 * 1024  # of a chunk's size and its extensions
_WITHOUT_BODY = (204, 304)
_OK_LINE = "HTTP/1.1 200 OK"  # how nearly every response begins that has something to say
_OK = ("HTTP/1.1", 200)
_NO_HEADERS: Mapping[str, str] = {}
_HEXADECIMAL = b"0123456789abcdefABCDEF"
# A body below this size is sent in one piece with its head: a copy costs less than a system call.
JOIN_BYTES = 64 * 1024


class Request:
    """One request to the Runtime API."""

    __slots__ = ("_what", "body", "headers", "method", "path", "request_id")

    def __init__(
        self,
        method: Literal["GET", "POST"],
        path: str,
        what: str,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | None = None,
        request_id: str = "",
    ) -> None:
        """Describe a request.

        Args:
            method: The HTTP method.
            path: The path, percent-encoded.
            what: The words for it in messages; those of an invocation's get its id there.
            headers: Headers besides those of every request.
            body: The body, or None for a GET.
            request_id: The invocation that it belongs to, if any.
        """
        self.method = method
        self.path = path
        self._what = what
        self.headers = headers
        self.body = body
        self.request_id = request_id

    @property
    def subject(self) -> str:
        """The words for it in messages."""
        if not self.request_id:
            return self._what
        return f"the {self._what} of invocation {self.request_id}"


class Response:
    """One response of the server."""

    __slots__ = ("body", "headers", "keep_alive", "status")

    def __init__(
        self, status: int, headers: Mapping[str, str], body: bytes, keep_alive: bool
    ) -> None:
        """Hold what was read.

        Args:
            status: The status code.
            headers: Values by name, to be asked for in lower case. Those of an acknowledgement
                (202) are left out: nobody reads them.
            body: The whole body.
            keep_alive: True if the connection can carry another request.
        """
        self.status = status
        self.headers = headers
        self.body = body
        self.keep_alive = keep_alive


def request_head(
    method: str,
    path: str,
    host: str,
    headers: Iterable[tuple[str, str]],
    body: bytes | None,
    shared: str = "",
) -> bytes:
    """Return the bytes of a request up to its body.

    Args:
        method: ``GET`` or ``POST``.
        path: The path, already percent-encoded.
        host: The server's ``host:port``.
        headers: Further headers; their values hold no control characters.
        body: The body that will follow, or None for a request that has none, or whose headers say
            that it comes in chunks.
        shared: The lines of headers that all requests have, as `header_lines` returns them.

    Returns:
        The head, the empty line that ends it included.
    """
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{shared}"
    for name, value in headers:
        head = f"{head}{name}: {value}\r\n"
    if body is not None:
        head = f"{head}Content-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode("utf-8", "surrogateescape")


def header_lines(headers: Iterable[tuple[str, str]]) -> str:
    """Return headers as the lines of a head.

    Args:
        headers: Names and values.
    """
    lines = ""
    for name, value in headers:
        lines += f"{name}: {value}\r\n"
    return lines


class RequestHeads:
    """The heads of the requests to one server."""

    __slots__ = ("_host", "_kept", "_shared")

    def __init__(self, host: str, headers: Iterable[tuple[str, str]]) -> None:
        """Name the server.

        Args:
            host: The ``host:port``.
            headers: The headers of every request.
        """
        self._host = host
        self._shared = header_lines(headers)
        self._kept: dict[Request, bytes] = {}

    def of(self, request: Request) -> bytes:
        """Return the head of a request.

        Args:
            request: The request. The head of one that belongs to no invocation is kept: a poll is
                sent again and again.
        """
        head = self._kept.get(request)
        if head is None:
            head = request_head(
                request.method,
                request.path,
                self._host,
                request.headers,
                request.body,
                self._shared,
            )
            if not request.request_id:
                self._kept[request] = head
        return head


class ResponseReader:
    """Puts one response together from bytes, however the network has cut them.

    Most come in one piece, which `whole_response` reads more quickly.
    """

    wanted = READ_BYTES
    """The number of bytes that may be read next without reading past the response."""
    exact = False
    """True if it is worth waiting for all of ``wanted``."""
    _buffer = b""
    _at = 0  # what precedes it in the buffer has been used
    _parts: Generator[None, bytes, Response] | None = None

    def feed(self, data: bytes) -> Response | None:
        """Take the next bytes of the connection.

        Args:
            data: The bytes that were read; empty bytes mean that the server has closed the
                connection.

        Returns:
            The response once it is whole, None before.

        Raises:
            ConnectionError: The connection ended too early, or what came is not HTTP.
        """
        try:
            if self._parts is None:
                self._buffer, self._parts = data, self._read()
                next(self._parts)
                if data:
                    return None
            self._parts.send(data)
        except StopIteration as end:
            response: Response = end.value
            return response
        except (ValueError, IndexError) as error:
            raise ConnectionError(f"not an HTTP response: {error}") from error
        return None

    def _read(self) -> Generator[None, bytes, Response]:
        while True:
            head = yield from self._until(b"\r\n\r\n", MAX_HEAD_BYTES)
            version, status, headers = _parse_head(head)
            if status >= 200:  # below it is an interim response: a head only, and another follows
                break
        keep_alive = _keeps_alive(version, headers)
        if status in _WITHOUT_BODY:
            body = b""
        elif "transfer-encoding" in headers:  # it overrides a length (RFC 9112)
            _expect_chunked(headers["transfer-encoding"])
            body = yield from self._chunks()
        elif "content-length" in headers:
            body = yield from self._exactly(_length(headers["content-length"]))
        else:
            body = yield from self._rest()
            keep_alive = False
        if self._at < len(self._buffer):  # nobody asked for more: what follows cannot be trusted
            keep_alive = False
        return Response(status, headers, body, keep_alive)

    def _more(self) -> Generator[None, bytes, bytes]:
        data = yield
        if not data:
            raise ConnectionError("the connection was closed before the response was whole")
        return data

    def _until(self, mark: bytes, limit: int) -> Generator[None, bytes, bytes]:
        """Return what precedes a mark, and leave what follows it."""
        found = self._buffer.find(mark, self._at)
        if found < 0:
            # Bytes that were searched once are neither copied nor searched again.
            buffer = bytearray(self._buffer[self._at :])
            while found < 0:
                if len(buffer) > limit:
                    raise ConnectionError(f"a response head of more than {limit} bytes")
                searched = max(0, len(buffer) - len(mark) + 1)
                buffer += yield from self._more()
                found = buffer.find(mark, searched)
            self._buffer, self._at = bytes(buffer), 0
        data = self._buffer[self._at : found]
        if len(data) > limit:
            raise ConnectionError(f"a response head of more than {limit} bytes")
        self._at = found + len(mark)
        return data

    def _exactly(self, size: int) -> Generator[None, bytes, bytes]:
        if not 0 <= size <= MAX_BODY_BYTES:
            raise ConnectionError(f"a response body of {size} bytes (at most {MAX_BODY_BYTES})")
        begin, self._at = self._at, self._at + size
        missing = self._at - len(self._buffer)
        if missing <= 0:
            return self._buffer[begin : self._at]
        # A view: what is there is copied once, when all is.
        parts: list[Any] = [memoryview(self._buffer)[begin:]] if missing < size else []
        self.exact = True
        while missing:
            self.wanted = missing
            data = yield from self._more()
            parts.append(data[:missing])
            self._buffer, self._at = data, len(parts[-1])
            missing -= self._at
        self.wanted, self.exact = READ_BYTES, False
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _chunks(self) -> Generator[None, bytes, bytes]:
        parts: list[bytes] = []
        total = 0
        while True:
            line = yield from self._until(b"\r\n", _MAX_LINE_BYTES)
            size = _chunk_size(line)
            if not size:
                break
            total += size
            if total > MAX_BODY_BYTES:
                raise ConnectionError(f"a response body of more than {MAX_BODY_BYTES} bytes")
            parts.append((yield from self._exactly(size)))
            if (yield from self._exactly(2)) != b"\r\n":
                raise ConnectionError("a chunk that does not end where it says")
        room = MAX_HEAD_BYTES
        while line := (yield from self._until(b"\r\n", room)):
            room -= len(line)  # trailers, which the Runtime API does not use
        return b"".join(parts)

    def _rest(self) -> Generator[None, bytes, bytes]:
        parts = [self._buffer[self._at :]]
        total = len(parts[0])
        self._buffer, self._at = b"", 0
        while data := (yield):
            total += len(data)
            if total > MAX_BODY_BYTES:
                raise ConnectionError(f"a response body of more than {MAX_BODY_BYTES} bytes")
            parts.append(data)
        return b"".join(parts)


def _expect_chunked(encoding: str) -> None:
    if encoding.lower() != "chunked":
        raise ConnectionError(f"a response body with the transfer encoding {encoding[:60]!r}")


def _length(text: str) -> int:
    """Return a length in digits: Python would also read ``+1`` and ``1_0``."""
    if not (text.isascii() and text.isdigit()):
        raise ConnectionError(f"a response body of the length {text[:60]!r}")
    return int(text)


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].rstrip(b" \t")
    if not digits or digits.strip(_HEXADECIMAL):
        raise ConnectionError(f"a chunk of the size {digits[:60]!r}")
    return int(digits, 16)


def whole_response(data: bytes) -> Response | None:
    """Read a response that came in one piece, as nearly all do.

    Args:
        data: The first bytes of the response that have come.

    Returns:
        The response, or None where a `ResponseReader` has to read it, or to say what is wrong.

    Raises:
        ConnectionError: The bytes are not HTTP.
    """
    head, mark, body = data.partition(b"\r\n\r\n")
    if not mark:
        return None
    if head.startswith(b"HTTP/1.1 202 ") and _is_plain(head, body):
        return Response(202, _NO_HEADERS, body, keep_alive=True)
    try:
        version, status, headers = _parse_head(head)
    except (ValueError, IndexError):
        return None
    if (
        headers.get("content-length") != str(len(body))
        or "transfer-encoding" in headers
        or status < 200
        or status in _WITHOUT_BODY
    ):
        return None
    return Response(status, headers, body, _keeps_alive(version, headers))


def _is_plain(head: bytes, body: bytes) -> bool:
    """Return True if a head says that this is its whole body, and that others may follow."""
    text = head.decode("latin-1").lower() + "\r\n"  # found more quickly than bytes
    return (
        f"\r\ncontent-length: {len(body)}\r\n" in text
        and text.count("content-length") == 1
        and "transfer-encoding" not in text
        and "\r\nconnection:" not in text
    )


def _keeps_alive(version: str, headers: Mapping[str, str]) -> bool:
    if version != "HTTP/1.1":
        return False
    return "connection" not in headers or "close" not in headers["connection"].lower()


def _parse_head(head: bytes) -> tuple[str, int, dict[str, str]]:
    # Header values come from callers: any byte must survive, and be echoed as it came.
    first, *lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    version, status = _OK if first == _OK_LINE else _parse_status_line(first)
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip(" \t")
    if len(headers) != len(lines):  # a name comes twice
        _expect_one_length(lines)
    return version, status, headers


def _parse_status_line(line: str) -> tuple[str, int]:
    version, status, *_ = line.split(" ", 2)
    if not version.startswith("HTTP/1."):
        raise ConnectionError(f"not an HTTP/1 response: {line[:60]!r}")
    return version, int(status)


def _expect_one_length(lines: Iterable[str]) -> None:
    """Refuse a head with two ends of its body; of any other header that comes twice, one counts."""
    lengths = {
        (name, value.strip(" \t"))
        for name, _, value in (line.lower().partition(":") for line in lines)
        if name in ("content-length", "transfer-encoding")
    }
    if len(dict(lengths)) != len(lengths):
        raise ConnectionError("a response with two lengths")
