"""The asyncio tasks that run beside the invocation loop: the handler's, and the function's own."""

from __future__ import annotations

import asyncio
import os
import sys

from ._context import current_invocation
from ._shutdown import forks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from lambda_logging import PlatformLog

    from ._invocation import Invocation

# The time that a cancelled task has to clean up, in seconds.
_CLEAN_UP_SECONDS = 1


class Tasks:
    """Every task that user code starts on an event loop, from its start to its end.

    Attributes:
        alive: Those that are not done.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Watch an event loop from now on.

        Args:
            loop: The loop; its task factory is set.
        """
        self.alive: set[asyncio.Task[Any]] = set()
        loop.set_task_factory(self._make)  # type: ignore[arg-type] # typeshed wants it wider

    @property
    def idle(self) -> bool:
        """True if no task could use the event loop."""
        return not self.alive

    def _make(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(coro, loop=loop, **options)
        if task.done():  # Python 3.12 can begin, and end, a task where it is made
            return task
        self.alive.add(task)
        task.add_done_callback(self.alive.discard)
        invocation = current_invocation()
        if invocation is not None and not invocation.over:
            if invocation.tasks is None:
                invocation.tasks = set()
            invocation.tasks.add(task)
            task.add_done_callback(invocation.tasks.discard)
        return task


async def cancel_leftovers(invocation: Invocation, log: PlatformLog, known: set[str]) -> None:
    """End the tasks that a handler has left: they would run on in another's invocation.

    Those in task groups belong to the owner of the group, which may be the lifespan.

    Args:
        invocation: The handler's invocation.
        log: The log for the warnings.
        known: The functions that the log has warned of: a library may start such a task for each
            invocation.
    """
    tasks = [*(invocation.tasks or ())]
    if tasks:
        await asyncio.sleep(0)  # those end that have one step to do, or that the handler cancelled
        tasks = _without_owner([task for task in tasks if not task.done()])
    if not tasks:
        return
    functions = {_function(task) for task in tasks}
    if not functions <= known:
        known |= functions
        names = ", ".join(sorted(map(_describe, tasks)))
        log.write(
            "WARN",
            f"The handler left {len(tasks)} running, which are cancelled: {names}. Await tasks, "
            "start them in the lifespan, hand their work to context.after_response, or "
            'run(..., leftover_tasks="keep").',
            invocation.request_id,
        )
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_CLEAN_UP_SECONDS)


def _without_owner(tasks: list[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    """Return those that are in no task group: each group waits for its tasks, or cancels them.

    A group whose owner is cancelled cancels its tasks. One that lives on, such as one of the
    lifespan, would end with them.
    """
    anyio: Any = sys.modules.get("anyio") if tasks else None
    infos = [] if anyio is None else anyio.get_running_tasks()
    owned = {info.id for info in infos if info.parent_id is not None}
    return [task for task in tasks if id(task) not in owned and not _is_in_group(task)]


def _is_in_group(task: Any) -> bool:
    """Return True if one of asyncio's groups waits for a task."""
    callbacks = getattr(task, "_callbacks", None) or ()
    owners = [getattr(callback, "__self__", None) for callback, _ in callbacks]
    return any(isinstance(owner, asyncio.TaskGroup) for owner in owners)


def end_in_children(
    loop: asyncio.AbstractEventLoop, log: PlatformLog, complain: Callable[..., object]
) -> None:
    """Have a forked process end when its code gives way to an event loop that it has inherited.

    To run on would be to do its parent's work a second time, and to change what its parent waits
    for: the kernel's list of that is shared.

    Args:
        loop: The event loop.
        log: Gets the tasks that still wait for something.
        complain: Logs an exception.
    """

    def end(task: asyncio.Task[Any] | None) -> None:
        error = None if task is None or not task.done() or task.cancelled() else task.exception()
        if task is not None and not task.done():
            log.write(
                "ERROR",
                f"The forked process {os.getpid()} ends where {_describe(task)} awaits something: "
                "the event loop is its parent's. Let it call asyncio.run for one of its own.",
            )
            error = SystemExit(1)
        forks.end(error, complain)

    if not _ends:
        forks.in_child.append(_come_first)
    # A function may close an event loop for each invocation, and get another one.
    _ends[:] = [(other, its_end) for other, its_end in _ends if not other.is_closed()]
    _ends.append((loop, end))


_ends: list[tuple[asyncio.AbstractEventLoop, Callable[[asyncio.Task[Any] | None], None]]] = []
"""The event loops that a forked process would inherit, and what ends it there."""


def _come_first() -> None:
    for loop, end in _ends:
        if loop.is_running():
            loop.call_soon(end, asyncio.current_task(loop))
            ready = getattr(loop, "_ready", None)  # asyncio's own: what is due is the parent's
            if ready is not None:
                ready.rotate(1)


def _describe(task: asyncio.Task[Any]) -> str:
    return f"{task.get_name()} ({_function(task)})"


def _function(task: asyncio.Task[Any]) -> str:
    return str(getattr(task.get_coro(), "__qualname__", "?"))
