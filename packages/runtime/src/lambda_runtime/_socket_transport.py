"""The Runtime API over one blocking socket: what `def` handlers use, and nothing to import."""

from __future__ import annotations

from _socket import (
    AF_UNSPEC,
    IPPROTO_TCP,
    MSG_WAITALL,
    SOCK_STREAM,
    TCP_NODELAY,
    getaddrinfo,
    socket,
)

from ._http1 import JOIN_BYTES, Response, ResponseReader, request_head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._runtime_api import Call


class SocketTransport:
    """One keep-alive connection, opened on first use and again whenever it is lost.

    It uses the C module below `socket`, which is what makes it quick to import.
    """

    def __init__(self, address: str, headers: Sequence[tuple[str, str]]) -> None:
        """Name the server; nothing is sent yet.

        Args:
            address: ``host:port``, as in ``AWS_LAMBDA_RUNTIME_API``.
            headers: What every request carries.
        """
        self._address = address
        self._headers = tuple(headers)
        self._socket: socket | None = None

    def call(self, call: Call) -> Response:
        """Send a call once and wait for its answer, without a limit of time.

        Args:
            call: What to send.

        Returns:
            The answer.

        Raises:
            OSError: There is none: the connection could not be made, or was lost.
        """
        connection = self._socket or self._connect()
        self._socket = None  # until the answer says that it can be used again
        head = request_head(
            call.method, call.path, self._address, (*self._headers, *call.headers), call.body
        )
        try:
            response = _exchange(connection, head, call.body or b"")
        except BaseException:
            connection.close()
            raise
        if response.keep_alive:
            self._socket = connection
        else:
            connection.close()
        return response

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self) -> socket:
        host, _, port = self._address.rpartition(":")
        # As bytes: text would be encoded for international names, by modules not yet loaded.
        name = host.strip("[]").encode()
        found = getaddrinfo(name, port.encode(), AF_UNSPEC, SOCK_STREAM)
        failure: OSError | None = None
        for family, kind, protocol, _, target in found:
            connection = socket(family, kind, protocol)
            try:
                connection.connect(target)
                # A request leaves in up to two parts: the second must not wait for an answer.
                connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure or ConnectionError(f"no address for {self._address}")


def _exchange(connection: socket, head: bytes, body: bytes) -> Response:
    refused: OSError | None = None
    try:
        if len(body) < JOIN_BYTES:
            connection.sendall(head + body)
        else:
            connection.sendall(head)
            connection.sendall(body)
    except OSError as error:  # a server that wants no more may have said so before it closed
        refused = error
    reader = ResponseReader()
    try:
        while True:
            data = connection.recv(reader.wanted, MSG_WAITALL if reader.exact else 0)
            response = reader.feed(data)
            if response is not None:
                return response
    except OSError as error:
        raise refused or error from None
