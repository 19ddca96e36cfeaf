"""The right request for work in another thread."""

from __future__ import annotations

from _contextvars import copy_context

from ._settings import current_request, request_in_hand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")


def carry(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that works for this invocation in any thread that calls it.

    A new thread starts without a request, and a pool's thread serves one invocation after the
    other. ``pool.submit(carry(work), ...)`` gives the records of ``work`` the right request id and
    fields. asyncio tasks and `asyncio.to_thread` do not need this.

    Args:
        function: Any function.

    Returns:
        A function with the same parameters and result. Several threads may call it at once.
    """
    context = copy_context()
    context.run(current_request.set, request_in_hand())

    def carried(*args: P.args, **kwargs: P.kwargs) -> T:
        # Only one thread at a time may enter a context, so each call enters its own copy.
        return context.copy().run(function, *args, **kwargs)

    return carried
