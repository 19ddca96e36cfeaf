"""A value to come, for several who wait."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar, cast

_T = TypeVar("_T")


class Promise(Generic[_T]):
    """What is not known yet; who waits for it and gives up takes it from nobody.

    A shielded future would do the same, and wake who waits a round of the event loop later.
    """

    def __init__(self) -> None:
        self._known = asyncio.Event()
        self._value: _T | None = None
        self._error: Exception | None = None
        self._callbacks: list[Callable[[], object]] = []

    @property
    def kept(self) -> bool:
        """Whether it is known, or never will be."""
        return self._known.is_set()

    def keep(self, value: _T) -> None:
        """Make it known, unless that was done.

        Args:
            value: What it is.
        """
        self._end(value, None)

    def fail(self, error: Exception) -> None:
        """Let who waits fail, unless it is known.

        Args:
            error: What is raised there.
        """
        self._end(None, error)

    def when_kept(self, callback: Callable[[], object]) -> None:
        """Call back when it is known, or never will be.

        Args:
            callback: Called once, within `keep` or `fail`; now if that was before.
        """
        if self.kept:
            callback()
        else:
            self._callbacks.append(callback)

    async def value(self) -> _T:
        """Wait for it.

        Returns:
            The value.

        Raises:
            Exception: What `fail` was called with.
        """
        await self._known.wait()
        if self._error is not None:
            raise self._error
        return cast(_T, self._value)

    def _end(self, value: _T | None, error: Exception | None) -> None:
        if self.kept:
            return
        self._value, self._error = value, error
        self._known.set()
        for callback in self._callbacks:
            callback()
