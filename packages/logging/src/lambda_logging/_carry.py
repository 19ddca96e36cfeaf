"""The request that work in another thread belongs to."""

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
    """Return a function that works for this invocation in whichever thread it is called.

    A new thread starts without a request, and a pool's thread serves one invocation after the
    other: ``pool.submit(carry(work), ...)`` gives the records of ``work`` the right request id and
    fields. asyncio's tasks, and `asyncio.to_thread`, need no help.

    Args:
        function: Any function.

    Returns:
        A function with the same parameters and result. Several threads may call it at once.
    """
    context = copy_context()
    context.run(current_request.set, request_in_hand())

    def carried(*args: P.args, **kwargs: P.kwargs) -> T:
        # A context may be entered by one thread at a time, a copy of it is our own.
        return context.copy().run(function, *args, **kwargs)

    return carried
