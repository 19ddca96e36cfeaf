"""Faults between a runtime and the Runtime API, as data for `FakeRuntimeAPI.fail_next`.

    api.fail_next("next", faults.delay(0.5), faults.break_off(20, reset=True), faults.refuse(403))

Each fault is for one request. Those that change a reply let the state machine act first: if the
reply to a poll is lost, an event that counts as delivered is lost. Events with a wrong deadline,
wrong headers, wrong bytes or an id that comes twice are made by `enqueue`; for the runtime, a clock
that has jumped is a deadline that is long past or far away. `Invocation.pause` stops reading a
streamed response, and can go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import _wire as wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._wire import Reply

__all__ = [
    "Fault",
    "break_off",
    "delay",
    "drip",
    "drop",
    "hang",
    "hang_up",
    "interim",
    "refuse",
    "replace",
    "stall",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The fault of one request. An attribute that is not set changes nothing.

    The functions of this module make the usual ones; here several things can go wrong at once.

    Attributes:
        reply: A reply past the state machine, which does not see the request.
        read: The number of bytes of the request's body to read before the connection breaks, or
            stays open if the fault is silent; the state machine does not see the request.
        delay: Seconds between the request and its reply.
        silent: True if there is no reply, so that the runtime waits until it hangs up.
        interim: The statuses of interim responses ahead of the reply, 100 to 199.
        headers: Headers that replace those of the reply; None removes one.
        body: The bytes that replace the reply's body.
        sent: The number of bytes of the reply to send before the connection breaks, its head
            included; as in a slice, -1 is all but the last.
        reset: True to break a connection with a reset, False to close it.
        piece: The size of the pieces in which the reply is sent, in bytes.
        pause: Seconds between two pieces.
        hang_up: True to close the connection after the reply, which does not announce it.
    """

    reply: Reply | None = None
    read: int | None = None
    delay: float = 0.0
    silent: bool = False
    interim: tuple[int, ...] = ()
    headers: Mapping[str, str | None] | None = None
    body: bytes | None = None
    sent: int | None = None
    reset: bool = False
    piece: int | None = None
    pause: float = 0.0
    hang_up: bool = False

    def __post_init__(self) -> None:
        """Check what a connection can do.

        Raises:
            ValueError: A piece has no bytes, or the status of an interim response is a final one.
        """
        if self.piece is not None and self.piece < 1:
            raise ValueError(f"piece={self.piece}: a piece has at least one byte")
        if not all(100 <= status < 200 and status != 101 for status in self.interim):
            raise ValueError(f"interim={self.interim}: 100 and 102 to 199 can come ahead")


def refuse(status: int) -> Fault:
    """Refuse the request as Lambda does, whatever it is.

    Args:
        status: 400, 403, 404, 410, 413 or 500, with Lambda's body for it; any other has no body.

    Returns:
        The fault.
    """
    return Fault(reply=_REFUSALS.get(status) or wire.Reply(status))


def drop(*, read: int = 0, reset: bool = False) -> Fault:
    """Break the connection before the request is accepted.

    Args:
        read: The number of bytes of its body to read before.
        reset: True to reset the connection, False to close it.

    Returns:
        The fault.
    """
    return Fault(read=read, reset=reset)


def stall(*, read: int = 0) -> Fault:
    """Stop reading, and do not reply: a runtime that has more to send is held back.

    Args:
        read: The number of bytes of the request's body to read before.

    Returns:
        The fault.
    """
    return Fault(read=read, silent=True)


def break_off(sent: int = 0, *, reset: bool = False) -> Fault:
    """Break the connection in the middle of the reply.

    Args:
        sent: The number of bytes of the reply to send before, its head included: with 0, the reply
            is lost, and with -1, its last byte.
        reset: True to reset the connection, False to close it.

    Returns:
        The fault.
    """
    return Fault(sent=sent, reset=reset)


def delay(seconds: float) -> Fault:
    """Reply late.

    Args:
        seconds: The delay, in seconds.

    Returns:
        The fault.
    """
    return Fault(delay=seconds)


def hang() -> Fault:
    """Accept the request, and never reply.

    Returns:
        The fault.
    """
    return Fault(silent=True)


def drip(piece: int = 1, pause: float = 0.001) -> Fault:
    """Send the reply slowly.

    Args:
        piece: The number of bytes that are sent at a time.
        pause: Seconds between them.

    Returns:
        The fault.
    """
    return Fault(piece=piece, pause=pause)


def interim(*statuses: int) -> Fault:
    """Send interim responses ahead of the reply.

    Args:
        *statuses: Their statuses, such as 100 and 103.

    Returns:
        The fault.
    """
    return Fault(interim=statuses)


def hang_up() -> Fault:
    """Close the connection after the reply, which does not announce it.

    Returns:
        The fault.
    """
    return Fault(hang_up=True)


def replace(headers: Mapping[str, str | None] | None = None, *, body: bytes | None = None) -> Fault:
    """Replace parts of the reply.

    Args:
        headers: Values by header name; None removes one.
        body: The bytes that replace the reply's body.

    Returns:
        The fault.
    """
    return Fault(headers=headers, body=body)


_REFUSALS = {
    400: wire.INVALID_REQUEST_ID,
    403: wire.forbidden("InvalidStateTransition", "State transition is not allowed"),
    404: wire.NOT_FOUND,
    410: wire.INVOKE_TIMEOUT,
    413: wire.PAYLOAD_TOO_LARGE,
    500: wire.INTERNAL_ERROR,
}
