"""Types for annotations. No function loads this module: type checkers read it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from ._context import Context
from ._outcome import Outcome

LeftoverTasks: TypeAlias = Literal["cancel", "keep"]
"""The end of asyncio tasks that a handler leaves behind."""
TransportName: TypeAlias = Literal["auto", "socket", "stream", "aiohttp"]
"""The ways to the Runtime API."""
Middleware: TypeAlias = Callable[..., Any]
"""A function around a handler: it takes ``(event, context, call_next)``."""
Observer: TypeAlias = Callable[[Any, Context], Generator[None, Outcome, object]]
"""A generator function around an invocation: it takes ``(event, context)`` and yields once."""


class HandlerOptions(TypedDict, total=False):
    """The options of `lambda_runtime.function` and `lambda_runtime.run`, which describes each."""

    lifespan: Any
    middleware: Sequence[Middleware]
    observers: Sequence[Observer]
    converter: Any
    deadline_margin: float | None
    leftover_tasks: LeftoverTasks
    graceful_shutdown: bool | None
    transport: TransportName
