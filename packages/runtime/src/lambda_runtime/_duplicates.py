"""Duplicates of a worker's connections, which its supervisor keeps for the case that it dies.

The kernel keeps what a connection has received for as long as anyone has the connection. So an
event that Lambda has sent to a worker, and that the worker's event loop has not come to read, is
still there after the worker's death; and so is the one that Lambda sends a moment later.
"""

from __future__ import annotations

import sys
from _socket import (
    AF_UNIX,
    MSG_DONTWAIT,
    SHUT_WR,
    SOCK_STREAM,
    socket,
    socketpair,
)
from time import monotonic

from ._in_flight import drain
from ._wakeup import POLLIN, poll

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ._in_flight import Note, Slot

_MAX_HEAD_BYTES = 1024 * 1024
_NUMBER_BYTES = 4
_ANSWER_SECONDS = 0.1
# A descriptor that is received must not reach a program that is started at the same time.
_FLAGS: int = MSG_DONTWAIT | getattr(sys.modules["_socket"], "MSG_CMSG_CLOEXEC", 0)


class Duplicates:
    """The connections that the pollers of one worker have, and how they come here."""

    def __init__(self, pollers: int) -> None:
        """Expect the connections of a worker.

        Args:
            pollers: The number of its pollers.
        """
        self._connections: list[socket | None] = [None] * pollers
        self._control: socket | None = None

    def open(self) -> socket:
        """Return the worker's end of a new way here; the worker keeps it open while it lives."""
        self._control, end = socketpair(AF_UNIX, SOCK_STREAM)
        return end

    @property
    def descriptor(self) -> int | None:
        """The descriptor that is readable when something comes; None after the worker's end."""
        return None if self._control is None else self._control.fileno()

    def receive(self) -> None:
        """Take all that the worker has sent."""
        while self._control is not None:
            try:
                data, rights, *_ = self._control.recvmsg(_NUMBER_BYTES, 64, _FLAGS)
            except BlockingIOError:
                return
            except OSError:
                data, rights = b"", []
            if not data:
                self._control.close()
                self._control = None
            elif rights:
                poller = int.from_bytes(data, sys.byteorder)
                number = int.from_bytes(rights[0][2][:_NUMBER_BYTES], sys.byteorder)
                before, self._connections[poller] = self._connections[poller], socket(fileno=number)
                if before is not None:
                    before.close()

    def close(self) -> None:
        """Let go of all of them."""
        for connection in (self._control, *self._connections):
            if connection is not None:
                connection.close()
        self._control = None
        self._connections = [None] * len(self._connections)

    def lost(
        self,
        slots: Sequence[Slot],
        arrivals: Sequence[memoryview],
        abandon: Callable[[PendingPoll], None],
    ) -> list[Note]:
        """Find what a dead worker had taken, or should have; its memory is empty then.

        Args:
            slots: The invocations that its pollers had in flight.
            arrivals: The bytes that they had read of the response that they waited for.
            abandon: Takes a poll that was waiting for its event when the worker died.

        Returns:
            The invocations that nobody has answered.
        """
        self.receive()
        polls = [
            PendingPoll(connection, bytes(memory).partition(b"\0")[0], drain((slot,)))
            for connection, memory, slot in zip(self._connections, arrivals, slots, strict=True)
        ]
        self._connections = [None] * len(polls)
        for memory in arrivals:
            memory[:] = bytes(len(memory))
        # An answer that is on its way will be accepted any moment, or never will be.
        _receive_all([item for item in polls if item.is_answering])
        found: list[Note] = []
        for item in polls:
            item.receive()
            if item.notes:
                item.close()
                if not item.is_accepted:
                    found += item.notes
            elif item.event is not None:
                item.close()
                found.append(item.event)
            elif item.is_open:
                abandon(item)
        return found


def _receive_all(polls: Sequence[PendingPoll]) -> None:
    """Wait for responses, but not for long."""
    end = monotonic() + _ANSWER_SECONDS
    while True:
        look = poll()
        waiting = [item for item in polls if item.is_waiting]
        for item in waiting:
            look.register(item, POLLIN)
        left = end - monotonic()
        if not waiting or left <= 0:
            return
        look.poll(left * 1000)
        for item in waiting:
            item.receive()


class PendingPoll:
    """The response that a poller waited for when its worker died."""

    def __init__(self, connection: socket | None, begun: bytes, notes: list[Note]) -> None:
        """Take over.

        Args:
            connection: The connection that the rest of it comes from, if there is one.
            begun: The bytes of it that the worker has read.
            notes: The invocation that the worker had in flight, if any.
        """
        self.notes = notes
        self._connection = connection
        self._head = begun

    @property
    def is_answering(self) -> bool:
        """True if an answer was on its way: the response with the event is forgotten by then."""
        return bool(self.notes) and not self._head

    @property
    def is_waiting(self) -> bool:
        """True if the head is incomplete and more may come."""
        return self.is_open and not self._is_whole

    @property
    def is_open(self) -> bool:
        """True if more may come."""
        return self._connection is not None

    def fileno(self) -> int:
        """Return the descriptor of the connection, or -1."""
        return -1 if self._connection is None else self._connection.fileno()

    @property
    def event(self) -> Note | None:
        """The invocation whose event it is, or None if it is another response or none."""
        headers = dict(self._headers())
        request_id = headers.get("lambda-runtime-aws-request-id")
        return (
            (request_id, headers.get("lambda-runtime-invocation-id") or None)
            if request_id
            else None
        )

    @property
    def is_accepted(self) -> bool:
        """True if it says that an answer was accepted."""
        return self._is_whole and self._head[9:10] == b"2" and self.event is None

    @property
    def _is_whole(self) -> bool:
        return b"\r\n\r\n" in self._head

    def _headers(self) -> Iterator[tuple[str, str]]:
        if self._is_whole:
            head = self._head.partition(b"\r\n\r\n")[0].decode("utf-8", "surrogateescape")
            for line in head.split("\r\n")[1:]:
                name, _, value = line.partition(":")
                yield name.lower(), value.strip(" \t")

    def receive(self) -> None:
        """Read the head, as far as it has come; at its end the connection is closed."""
        while self._connection is not None and not self._is_whole:
            try:
                data = self._connection.recv(64 * 1024, MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            self._head += data
            if not data or len(self._head) > _MAX_HEAD_BYTES:
                self.close()
        self.close()

    def give_up(self) -> None:
        """Close the poll for the server, which may have sent an event by then."""
        if self._connection is not None:
            try:
                self._connection.shutdown(SHUT_WR)
            except OSError:
                self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
