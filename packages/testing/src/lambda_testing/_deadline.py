"""Waiting for an outcome as Lambda does: an invocation ends at its deadline, one way or another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._invocation import Invocation
    from ._outcome import Outcome


def wait_until_deadline(
    invocation: Invocation, longest: float, time_out: Callable[[], object]
) -> Outcome:
    """Block until the outcome of an invocation is known.

    Args:
        invocation: The invocation.
        longest: The longest wait, in seconds.
        time_out: Called at the deadline, which counts from the delivery; sets the outcome.

    Raises:
        TimeoutError: The outcome was not known in time.
    """
    end = monotonic() + longest
    while True:
        now = monotonic()
        deadline = (invocation.delivered or now) + invocation.timeout
        if invocation.delivered is not None and now >= deadline:
            time_out()
            deadline = end
        try:
            return invocation.wait(max(0.0, min(deadline, end) - now))
        except TimeoutError:
            if monotonic() >= end:
                message = invocation._overdue(longest)  # noqa: SLF001 (ours)
                raise TimeoutError(message) from None
