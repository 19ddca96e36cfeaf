"""The lifespan: what a function opens before its first invocation, and closes after its last."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Lifespan:
    """A context manager around the loop, entered once in each process."""

    def __init__(self, lifespan: Any) -> None:
        """Hold a lifespan; nothing is entered yet.

        Args:
            lifespan: An (async) context manager, what returns one without arguments, or None.
        """
        self._lifespan = lifespan
        self._opened: Any = None
        self._manager: Any = None

    def needs_event_loop(self) -> bool:
        """Return True if it can only be entered on an event loop.

        Raises:
            TypeError: It is not a context manager.
            BaseException: Whatever it raises when it is called.
        """
        self._opened = self._open()
        return not hasattr(type(self._opened), "__enter__")

    def enter(self) -> Any:
        """Enter it from a program without an event loop.

        Returns:
            The value that it yields.

        Raises:
            TypeError: It is asynchronous, or no context manager.
            BaseException: Whatever it raises.
        """
        manager = self._take()
        if manager is None:
            return None
        if not hasattr(type(manager), "__enter__"):
            raise TypeError(
                "the lifespan is an async context manager: declare the handler with `async def`"
            )
        state = manager.__enter__()
        self._manager = manager
        return state

    def exit(self, complain: Callable[[BaseException], object]) -> None:
        """Leave it, if it was entered.

        Args:
            complain: Gets what it raises: nothing may keep the process from ending.
        """
        manager, self._manager = self._manager, None
        try:
            if manager is not None:
                manager.__exit__(None, None, None)
        except BaseException as error:  # noqa: BLE001
            complain(error)

    async def enter_async(self) -> Any:
        """Enter it on the running event loop.

        Returns:
            The value that it yields.

        Raises:
            TypeError: It is not a context manager.
            BaseException: Whatever it raises.
        """
        manager = self._take()
        if manager is None:
            return None
        if hasattr(type(manager), "__aenter__"):
            state = await manager.__aenter__()
        else:
            state = manager.__enter__()
        self._manager = manager
        return state

    async def exit_async(self, complain: Callable[[BaseException], object]) -> None:
        """Leave it, if it was entered.

        Args:
            complain: Gets what it raises: nothing may keep the process from ending.
        """
        manager, self._manager = self._manager, None
        try:
            if hasattr(type(manager), "__aexit__"):
                await manager.__aexit__(None, None, None)
            elif manager is not None:
                manager.__exit__(None, None, None)
        except BaseException as error:  # noqa: BLE001
            complain(error)

    def _take(self) -> Any:
        if self._opened is None:
            return self._open()
        manager, self._opened = self._opened, None
        return manager

    def _open(self) -> Any:
        manager = self._lifespan
        # A context manager may be callable too: those of contextlib decorate functions.
        if manager is not None and not _is_manager(manager):
            if not callable(manager):
                raise TypeError(f"the lifespan is not a context manager: {manager!r}")
            manager = manager()
            if not _is_manager(manager):
                raise TypeError(
                    f"the lifespan returned {type(manager).__name__}, which is not a context "
                    "manager: decorate it with contextlib.contextmanager or asynccontextmanager"
                )
        return manager


def _is_manager(value: object) -> bool:
    return hasattr(type(value), "__enter__") or hasattr(type(value), "__aenter__")
