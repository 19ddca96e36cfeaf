"""The Runtime API over one blocking socket: what `def` handlers use, and nothing to import."""

from __future__ import annotations

from _socket import (
    AF_UNSPEC,
    IPPROTO_TCP,
    MSG_DONTWAIT,
    MSG_PEEK,
    MSG_WAITALL,
    SOCK_STREAM,
    TCP_NODELAY,
    getaddrinfo,
    socket,
)

from ._http1 import (
    JOIN_BYTES,
    READ_BYTES,
    RequestHeads,
    ResponseReader,
    whole_response,
)
from ._shutdown import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._http1 import Request, Response
    from ._socket_upload import SocketUpload
    from ._wakeup import Wakeup

_MOST_ROOM = 1024 * 1024  # bytes; it takes several calls to receive more anyway


class SocketTransport:
    """One keep-alive connection, opened on first use and again whenever it is lost.

    It uses the C module below `socket`, which is what makes it quick to import.

    Attributes:
        wakeup: The object that waits where signals have to be heard meanwhile, or None.
    """

    def __init__(
        self, address: str, headers: Sequence[tuple[str, str]], wakeup: Wakeup | None = None
    ) -> None:
        """Name the server; nothing is sent yet.

        Args:
            address: ``host:port``, as in ``AWS_LAMBDA_RUNTIME_API``.
            headers: The header fields of every request.
            wakeup: The object that waits where signals have to be heard meanwhile, or None.
        """
        self._address = address
        self._heads = RequestHeads(address, headers)
        self.wakeup = wakeup
        self._socket: socket | None = None
        self._parked: socket | None = None
        self._waiting: socket | None = None
        self._waits_long = False
        self._refused: OSError | None = None
        self._room = READ_BYTES
        self._upload: SocketUpload | None = None
        forks.in_child.append(self.close)

    def round_trip(self, request: Request) -> Response:
        """Send a request once and wait for its response, without a limit of time.

        Args:
            request: The request.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection could not be made, or was lost.
        """
        self.send(request)
        return self.receive()

    def send(self, request: Request) -> None:
        """Send a request; its response is there to `receive` when the connection can be read.

        Args:
            request: The request.

        Raises:
            OSError: The connection could not be made.
        """
        # Nobody else's until its response says that it can go on.
        connection, self._socket = self._socket or self._connect(), None
        head, body = self._heads.of(request), request.body
        self._waits_long = body is None  # for an invocation; what is delivered is answered at once
        try:
            if body is None or len(body) < JOIN_BYTES:
                connection.sendall(head + body if body else head)
            else:
                sent = connection.sendmsg((head, body))
                if sent < len(head) + len(body):  # a signal came
                    connection.sendall((head + body)[sent:])
        except OSError as error:  # a server that wants no more may have said so before it closed
            self._refused = error
        except BaseException:
            connection.close()
            raise
        self._waiting = connection

    def fileno(self) -> int:
        """Return the descriptor of the connection that a response is expected on."""
        return -1 if self._waiting is None else self._waiting.fileno()

    def receive(self) -> Response:
        """Wait for the response to the request that was sent.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection was lost.
        """
        connection, self._waiting = self._waiting, None
        assert connection is not None  # noqa: S101 (for the type checker: `send` came before)
        try:
            if self._waits_long and self.wakeup is not None:
                self.wakeup.wait(connection.fileno())
            response = self._receive(connection)
        except OSError as error:
            connection.close()
            raise self._refused or error from None
        except BaseException:
            connection.close()
            raise
        if response.keep_alive:
            self._socket = connection
        else:
            connection.close()
        return response

    def upload(self, request: Request) -> SocketUpload:
        """Begin a request whose body comes in parts; nothing is sent before its first part.

        Args:
            request: The request, without a body.

        Returns:
            The upload, which takes the parts.

        Raises:
            OSError: The connection could not be made.
        """
        from ._socket_upload import SocketUpload

        used, self._socket = self._socket, None
        if used is not None and not is_closed(used):
            again = self._connect
        else:
            if used is not None:
                used.close()
            used, again = self._connect(), None
        self._upload = SocketUpload(used, self._heads.of(request), self._receive, self._keep, again)
        return self._upload

    def park(self, request: Request) -> None:
        """Send a request whose response nobody waits for; its connection serves no other.

        Args:
            request: The request.

        Raises:
            OSError: The connection could not be made, or was lost.
        """
        self._parked, self._socket = self._socket or self._connect(), None
        self._parked.sendall(self._heads.of(request))

    def close(self) -> None:
        """Close the connections."""
        for connection in (self._socket, self._waiting, self._parked):
            if connection is not None:
                connection.close()
        self._socket = self._waiting = self._parked = None
        if self._upload is not None:
            self._upload.close()
            self._upload = None

    def _receive(self, connection: socket) -> Response:
        data = connection.recv(self._room)
        response = whole_response(data)
        if response is None:
            reader = ResponseReader()
            while (response := reader.feed(data)) is None:
                data = connection.recv(reader.wanted, MSG_WAITALL if reader.exact else 0)
            self._expect(len(response.body))
        return response

    def _expect(self, size: int) -> None:
        """Receive further events of this size in one piece, without copies of their parts."""
        if self._room < size < _MOST_ROOM:
            self._room = min(2 * size, _MOST_ROOM)
            # An allocator that has been given back a block of this size keeps smaller ones, rather
            # than have the kernel map new pages for each event.
            bytes(_MOST_ROOM)

    def _keep(self, connection: socket, response: Response) -> None:
        if response.keep_alive:
            self._socket = connection
        else:
            connection.close()

    def _connect(self) -> socket:
        if forks.is_child:
            forks.end()
        self._refused = None
        return connect(self._address)


def connect(address: str) -> socket:
    """Return a connection, which blocks.

    Args:
        address: ``host:port``.

    Raises:
        OSError: It could not be made.
    """
    host, _, port = address.rpartition(":")
    # As bytes: text would be encoded for international names, by modules not yet loaded.
    name = host.strip("[]").encode()
    found = getaddrinfo(name, port.encode(), AF_UNSPEC, SOCK_STREAM)
    failure: OSError | None = None
    for family, kind, protocol, _, target in found:
        connection = socket(family, kind, protocol)
        try:
            connection.connect(target)
            # A request leaves in up to two parts: the second must not wait for a response.
            connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure or ConnectionError(f"no address for {address}")


def is_closed(connection: socket) -> bool:
    """Return True if the server has closed a connection that is not in use.

    Args:
        connection: The connection.
    """
    try:
        connection.recv(1, MSG_PEEK | MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True  # it ended, or holds bytes that nobody asked for
