"""A request that is sent part by part over a blocking socket: for responses that are streamed."""

from __future__ import annotations

from ._chunks import ChunkedRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket
    from collections.abc import Callable, Iterable

    from ._http1 import Response


class SocketUpload:
    """A request whose body is sent part by part."""

    def __init__(
        self,
        connection: socket,
        head: bytes,
        receive: Callable[[socket], Response],
        keep: Callable[[socket, Response], None],
        connect: Callable[[], socket] | None,
    ) -> None:
        """Begin a request; nothing is sent before its first part.

        Args:
            connection: The connection, which carries nothing else until the upload has ended.
            head: The request's head.
            receive: Waits for the response.
            keep: Takes the connection back, with the response.
            connect: Opens another connection, if this one has been used: see `ChunkedRequest`.
        """
        self.response: Response | None = None
        """The bytes that the server sent before the end, if any."""
        self._connection = connection
        self._receive = receive
        self._keep = keep
        self._connect = connect
        self._request = ChunkedRequest(head, is_kept=connect is not None)

    def send(self, data: bytes) -> None:
        """Send a part; it returns when the kernel has taken it.

        Args:
            data: The bytes, of which there is at least one.

        Raises:
            OSError: Nobody takes it.
        """
        pieces = self._request.part(data)
        connection = self._connection
        try:
            if len(pieces) == 1:
                connection.sendall(pieces[0])
            else:
                sent = connection.sendmsg(pieces)
                if sent < sum(map(len, pieces)):  # a signal came
                    connection.sendall(b"".join(pieces)[sent:])
        except OSError as error:
            try:
                self.response = self._request.checked(self._response(error))
            except OSError as lost:
                self._begin_again(lost)
                return
            finally:
                connection.close()
            raise

    def end(self, trailers: Iterable[tuple[str, str]]) -> Response:
        """Send the end, and wait for the response.

        Args:
            trailers: The headers after the body.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection was lost.
        """
        rest = self._request.end(trailers)
        try:
            refused: OSError | None = None
            try:
                self._connection.sendall(rest)
            except OSError as error:  # the server may have said why
                refused = error
            try:
                response = self._response(refused)
            except OSError as lost:
                self._begin_again(lost)
                response = self._response()
            response = self._request.checked(response)
        except BaseException:
            self._connection.close()
            raise
        self._keep(self._connection, response)
        return response

    def _response(self, refused: OSError | None = None) -> Response:
        """Wait for the response, or raise the error with which sending has failed."""
        try:
            return self._receive(self._connection)
        except OSError as lost:
            raise refused or lost from None

    def _begin_again(self, lost: OSError) -> None:
        """Send all over another connection, or raise the error if it is too late for that."""
        connect, self._connect = self._connect, None
        if connect is None:
            raise lost
        beginning = self._request.again(lost)
        self._connection.close()
        self._connection = connect()
        self._connection.sendall(beginning)

    def close(self) -> None:
        """Break off: the server is to see that the body is not whole."""
        self._connection.close()
