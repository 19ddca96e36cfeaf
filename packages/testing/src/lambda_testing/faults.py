"""What can go wrong between a runtime and the Runtime API, as data for `FakeRuntimeAPI.fail_next`.

    api.fail_next("next", faults.delay(0.5), faults.break_off(20, reset=True), faults.refuse(403))

Each fault is for one request. Those that change an answer let the state machine act first: to lose
the answer to a poll is to lose an event that counts as delivered. What can be wrong with an event
(its deadline, its headers, its bytes, an id that comes twice) can be said to `enqueue` as well; to
the runtime, a clock that has jumped is a deadline that is long past or far away. `Invocation.pause`
stops to read a streamed response, and can go on.
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
    """How one request goes wrong. What is not set goes as it should.

    The functions of this module make the usual ones; here several things can go wrong at once.

    Attributes:
        reply: An answer past the state machine, which does not hear of the request.
        read: How many bytes of the request's body are read, before the connection breaks, or is
            left as it is if the fault is silent; the state machine does not hear of the request.
        delay: Seconds between the request and its answer.
        silent: Whether the runtime waits for an answer until it hangs up.
        interim: The statuses of answers that come ahead of the one that counts, 100 to 199.
        headers: Headers that replace those of the answer; None takes one away.
        body: What replaces the answer's body.
        sent: How many bytes of the answer are sent before the connection breaks, its head included;
            as in a slice, -1 is all but the last.
        reset: Whether a connection that breaks is reset; otherwise it is closed.
        piece: In pieces of how many bytes the answer is sent.
        pause: Seconds between two pieces.
        hang_up: Whether the connection is closed after the answer, which does not announce it.
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
        """Refuse what no connection can do.

        Raises:
            ValueError: A piece has no bytes, or an interim answer is a final one.
        """
        if self.piece is not None and self.piece < 1:
            raise ValueError(f"piece={self.piece}: a piece has at least one byte")
        if not all(100 <= status < 200 and status != 101 for status in self.interim):
            raise ValueError(f"interim={self.interim}: 100 and 102 to 199 can come ahead")


def refuse(status: int) -> Fault:
    """Answer as Lambda refuses, whatever the request is.

    Args:
        status: 400, 403, 404, 410, 413 or 500, with the body that Lambda has for it; any other has
            none.

    Returns:
        The fault.
    """
    return Fault(reply=_REFUSALS.get(status) or wire.Reply(status))


def drop(*, read: int = 0, reset: bool = False) -> Fault:
    """Break the connection before the request is taken.

    Args:
        read: How many bytes of its body are read before.
        reset: Whether the connection is reset; otherwise it is closed.

    Returns:
        The fault.
    """
    return Fault(read=read, reset=reset)


def stall(*, read: int = 0) -> Fault:
    """Read no further, and do not answer: a runtime that has more to send is held back.

    Args:
        read: How many bytes of the request's body are read before.

    Returns:
        The fault.
    """
    return Fault(read=read, silent=True)


def break_off(sent: int = 0, *, reset: bool = False) -> Fault:
    """Break the connection in the middle of the answer.

    Args:
        sent: How many bytes of the answer are sent before, its head included: with 0, the answer is
            lost, and with -1, its last byte.
        reset: Whether the connection is reset; otherwise it is closed.

    Returns:
        The fault.
    """
    return Fault(sent=sent, reset=reset)


def delay(seconds: float) -> Fault:
    """Answer late.

    Args:
        seconds: How late.

    Returns:
        The fault.
    """
    return Fault(delay=seconds)


def hang() -> Fault:
    """Take the request, and never answer it.

    Returns:
        The fault.
    """
    return Fault(silent=True)


def drip(piece: int = 1, pause: float = 0.001) -> Fault:
    """Send the answer slowly.

    Args:
        piece: How many bytes are sent at a time.
        pause: Seconds between them.

    Returns:
        The fault.
    """
    return Fault(piece=piece, pause=pause)


def interim(*statuses: int) -> Fault:
    """Send other answers ahead, which mean nothing.

    Args:
        *statuses: Their statuses, such as 100 and 103.

    Returns:
        The fault.
    """
    return Fault(interim=statuses)


def hang_up() -> Fault:
    """Close the connection after the answer, which does not announce it.

    Returns:
        The fault.
    """
    return Fault(hang_up=True)


def replace(headers: Mapping[str, str | None] | None = None, *, body: bytes | None = None) -> Fault:
    """Say something else than the answer says.

    Args:
        headers: Values by header name; None takes one away.
        body: The bytes instead of its body.

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
