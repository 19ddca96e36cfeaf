"""The init phase of an execution environment: it happens once, and several may wait for its end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ._platform import Failure
from ._sandbox import Sandbox


class InitPhase:
    """Opens a sandbox and starts what runs in it."""

    def __init__(
        self, sandbox: Sandbox, initialize: Callable[[], Coroutine[Any, Any, Failure | None]]
    ) -> None:
        """Prepare the phase.

        Args:
            sandbox: What is opened.
            initialize: Starts the function; returns why it failed, or None.
        """
        self._sandbox = sandbox
        self._initialize = initialize
        self._beginning = asyncio.Lock()
        self._task: asyncio.Task[Failure | None] | None = None

    @property
    def ended(self) -> bool:
        """Whether it has ended, well or not."""
        return self._task is not None and self._task.done()

    async def begin(self) -> None:
        """Serve the Runtime API, and begin to start the function, unless that was done.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        async with self._beginning:
            if self._task is None:
                await self._sandbox.open()
                self._task = asyncio.create_task(self._initialize())

    async def end(self) -> Failure | None:
        """Begin it, unless that was done, and wait for its end.

        Returns:
            Why it failed, or None.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        while self._task is None:
            await self.begin()
        return self._task.result() if self._task.done() else await asyncio.shield(self._task)

    async def cancel(self) -> None:
        """Let it end, if it has begun."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
