"""Invocations in flight, in memory that the supervisor reads after a worker's death.

An invocation whose worker dies has nobody left to answer for it: its caller would wait for the
timeout. So each poller of a worker notes the invocation that it has taken, in a slot of memory that
the supervisor shares with the worker, and the note outlives whatever ends the process.

An event may have arrived that no poller has taken yet, because the event loop stood still. So the
poller of an event loop reads its responses into shared memory too, and the supervisor has a
duplicate of its connection: what the poller had not read is still to be read there.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from mmap import mmap
    from typing import Protocol, TypeAlias

    class HasFileno(Protocol):
        """A socket, whoever has wrapped it."""

        def fileno(self) -> int: ...

    Note: TypeAlias = tuple[str, str | None]

SLOT_BYTES = 256
"""The size of a slot: the length of its note in one byte, and the note."""

ARRIVAL_BYTES = 64 * 1024
"""The size of the memory that a poller's responses arrive in."""

POLLER_BYTES = SLOT_BYTES + ARRIVAL_BYTES
"""The size of the memory that a poller shares with the supervisor."""

UNKNOWN = ("", None)
"""The content of a slot for an invocation whose ids were too long for it."""

_IDLE = 0
_TOO_LONG = 255
# No header's value holds it, so it separates the two ids.
_SEPARATOR = "\0"


class Slot:
    """One poller's note of the invocation that it has in flight."""

    __slots__ = ("_bytes",)

    def __init__(self, memory: memoryview) -> None:
        """Use a part of the shared memory.

        Args:
            memory: `SLOT_BYTES` bytes.
        """
        self._bytes = memory

    def enter(self, request_id: str, invocation_id: str | None) -> None:
        """Note an invocation, when it was taken.

        Args:
            request_id: The request id.
            invocation_id: The nonce, or None if Lambda sent none.
        """
        note = f"{request_id}{_SEPARATOR}{invocation_id or ''}".encode("utf-8", "surrogateescape")
        length = len(note)
        if length < SLOT_BYTES - 1:
            self._bytes[1 : length + 1] = note
        else:
            length = _TOO_LONG
        self._bytes[0] = length  # last: a process may be killed between any two steps

    def leave(self) -> None:
        """Forget the invocation, when its answer was delivered."""
        self._bytes[0] = _IDLE

    def read(self) -> tuple[str, str | None] | None:
        """Return what is in flight.

        Returns:
            The request id and the nonce (None without one), `UNKNOWN` if they were too long to be
            noted, or None if nothing is in flight.
        """
        length = self._bytes[0]
        if length == _IDLE:
            return None
        if length == _TOO_LONG:
            return UNKNOWN
        note = bytes(self._bytes[1 : length + 1]).decode("utf-8", "surrogateescape")
        request_id, _, invocation_id = note.partition(_SEPARATOR)
        return request_id, invocation_id or None


class Arrival:
    """The buffer of a poller's responses, visible to the supervisor.

    Attributes:
        memory: The memory that responses are read into. It is zeros behind what has arrived.
        share: Gives the supervisor a duplicate of the connection that they come from.
        size: The number of bytes of the current response that have arrived.
    """

    __slots__ = ("memory", "share", "size")

    def __init__(self, memory: memoryview, share: Callable[[HasFileno], None]) -> None:
        self.memory = memory
        self.share = share
        self.size = 0

    def clear(self) -> None:
        """Forget the response at hand, before another one is asked for."""
        self.memory[: self.size] = bytes(self.size)
        self.size = 0


def slots_in(memory: mmap) -> tuple[Slot, ...]:
    """Return the slots of shared memory, which keep it alive.

    Args:
        memory: A multiple of `POLLER_BYTES`, all zeros when it is new.
    """
    view = memoryview(memory)
    end = len(view) // POLLER_BYTES * SLOT_BYTES
    return tuple(Slot(view[start : start + SLOT_BYTES]) for start in range(0, end, SLOT_BYTES))


def arrivals_in(memory: mmap) -> tuple[memoryview, ...]:
    """Return the parts of shared memory that responses arrive in, one for each slot.

    Args:
        memory: As for `slots_in`.
    """
    view = memoryview(memory)
    first = len(view) // POLLER_BYTES * SLOT_BYTES
    return tuple(
        view[start : start + ARRIVAL_BYTES] for start in range(first, len(view), ARRIVAL_BYTES)
    )


def drain(slots: Iterable[Slot]) -> list[tuple[str, str | None]]:
    """Read the slots of a dead worker, and empty them for the next one.

    Args:
        slots: All of the worker's.

    Returns:
        The invocations in flight, as `Slot.read` returns them.
    """
    found = [note for slot in slots if (note := slot.read()) is not None]
    for slot in slots:
        slot.leave()
    return found
