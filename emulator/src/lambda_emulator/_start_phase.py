"""The start of an execution environment: its init phase, and its restore from a snapshot.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import asyncio
from collections.abc import Callable

from ._config import FunctionConfig
from ._messages import say
from ._platform import EnvironmentFailure
from ._sandbox import Sandbox
from ._start_advice import explain_start, start_advice
from ._time_limit import TimeLimit


class StartPhase:
    """Starts the process of an environment: before the first invocation, and again within others.

    Attributes:
        init_duration: Seconds of the init phase that no report has had yet, or None.
        restore_duration: The same for a restore.
    """

    def __init__(
        self, config: FunctionConfig, sandbox: Sandbox, freeze: Callable[[], object]
    ) -> None:
        """Prepare to start a function.

        Args:
            config: The function, and how it is run.
            sandbox: The sandbox of its process.
            freeze: Freezes the process, until there is an invocation.
        """
        self.init_duration: float | None = None
        self.restore_duration: float | None = None
        self._config = config
        self._sandbox = sandbox
        self._freeze = freeze
        self._said = ""
        self._managed = config.function.max_concurrency is not None
        self._snap_start = config.function.snap_start
        self._opening: asyncio.Task[None] | None = None
        self._init: asyncio.Task[EnvironmentFailure | None] | None = None

    @property
    def is_done(self) -> bool:
        """True if the init phase has ended."""
        return self._init is not None and self._init.done()

    def begin(self) -> None:
        """Begin the init phase, unless that was done."""
        opening = self._opening
        # If the Runtime API got no port, the phase did not begin: it is tried again.
        if opening is None or (opening.done() and opening.exception() is not None):
            self._opening = asyncio.create_task(self._sandbox.open())
            self._init = asyncio.create_task(self._initialize(self._opening))

    async def launched(self) -> None:
        """Wait until the process of the init phase was started, or could not be.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        self.begin()
        if self._opening is not None:
            await asyncio.shield(self._opening)
        await self._sandbox.launched.wait()

    async def ended(self) -> EnvironmentFailure | None:
        """Wait for the end of the init phase.

        Returns:
            The failure, or None. The next invocation tries again, in its own time.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        self.begin()
        return await asyncio.shield(self._init) if self._init else None

    async def restore(self) -> EnvironmentFailure | None:
        """Restore the process from its snapshot; nothing without SnapStart.

        Returns:
            The failure, or None.
        """
        sandbox = self._sandbox
        if not self._snap_start:
            return None
        if not sandbox.has_process:  # another snapshot stands for the same one
            await sandbox.discard("")
            failure = await sandbox.initialize("init", TimeLimit(self._config.init_timeout))
            if failure is not None:
                return failure
        if not sandbox.has_snapshot:
            return None
        limit = TimeLimit(self._config.restore_timeout)
        failure = await sandbox.restore(limit)
        self.restore_duration = limit.spent()
        return failure

    async def restart(self, limit: TimeLimit | None) -> EnvironmentFailure | None:
        """Start a process within an invocation; the one before, if any, has ended.

        Args:
            limit: The time that the invocation has left; None for that of an init phase.

        Returns:
            The failure, or None.
        """
        await self._sandbox.discard("")
        limit = limit or TimeLimit(self._config.init_timeout)
        failure = await self._sandbox.initialize("invoke", limit)
        if failure is not None and self._config.on_demand:  # the command did not wait for a start
            self._advise(failure)
        return failure

    def take_durations(self) -> tuple[float | None, float | None]:
        """Return the durations of init and of restore for a report; the next one has neither."""
        durations = self.init_duration, self.restore_duration
        self.init_duration = self.restore_duration = None
        return durations

    async def cancel(self) -> None:
        """End the init phase, if it goes on."""
        if self._init is not None and self._opening is not None:
            self._init.cancel()
            # A server that is cancelled while it begins to listen would never be closed.
            await asyncio.gather(self._opening, self._init, return_exceptions=True)

    def _advise(self, failure: EnvironmentFailure) -> None:
        """Say once what to do about a failure."""
        message = explain_start(self._config, failure)
        if start_advice(self._config, failure) and message != self._said:
            say(f"{self._config.function.name} cannot start: {message}")
            self._said = message

    async def _initialize(self, opening: asyncio.Task[None]) -> EnvironmentFailure | None:
        await asyncio.shield(opening)
        limit = TimeLimit(self._config.init_timeout)
        try:
            failure = await self._sandbox.initialize("init", limit)
        finally:
            self._sandbox.launched.set()  # also by a defect: those who wait must hear of it
        if failure is None and not self._managed:
            # On Lambda, a function with SnapStart starts when it is published.
            self.init_duration = None if self._snap_start else limit.spent()
            self._freeze()
        return failure
