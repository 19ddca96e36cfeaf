"""The execution environments of a function: as many as it needs and may have."""

import asyncio
from collections.abc import Callable

from ._environment import EmulatedEnvironment
from ._invocation import Throttled
from ._platform import EnvironmentFailure


class EnvironmentPool:
    """Finds an environment for each invocation.

    Attributes:
        is_closing: True while all environments end together.
    """

    def __init__(self, function: str, limit: int, make: Callable[[], EmulatedEnvironment]) -> None:
        """Begin without environments.

        Args:
            function: The name of the function.
            limit: The number of environments that it may have at a time.
            make: Starts an environment.
        """
        self._function = function
        self._limit = limit
        self._make = make
        self._environments: list[EmulatedEnvironment] = []
        self._retired: set[EmulatedEnvironment] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self.is_closing = False
        self._freed = asyncio.Event()

    @property
    def environments(self) -> list[EmulatedEnvironment]:
        """The environments that there are, in the order in which they were started."""
        return [*self._retired, *self._environments]

    @property
    def first(self) -> EmulatedEnvironment | None:
        """The first environment that takes invocations, or None."""
        return self._environments[0] if self._environments else None

    def start_one(self) -> EmulatedEnvironment:
        """Start an environment, and return it."""
        environment = self._make()
        self._environments.append(environment)
        return environment

    def acquire(self, tenant: str | None) -> EmulatedEnvironment:
        """Return an environment with room: the latest one if several have, as it is the warmest.

        Args:
            tenant: The tenant that it is for, or None.

        Raises:
            Throttled: All that there may be are busy.
        """
        # One that has just answered is as good as idle: it only reports, as a rule.
        reporting = None
        for environment in reversed(self._environments):
            if environment.has_room(tenant):
                if environment.pending == environment.active:
                    break
                reporting = reporting or environment
        else:
            environment = reporting or self._add()
        environment.tenant = tenant
        return environment

    async def wait_for_room(self, tenant: str | None) -> None:
        """Wait until an environment is free, or may be started.

        Args:
            tenant: The tenant that it is for, or None.
        """
        while not self._has_room(tenant):
            self._freed.clear()
            await self._freed.wait()

    def note_answer(self, environment: EmulatedEnvironment) -> None:
        """Note that an environment has answered an invocation.

        Args:
            environment: The environment.
        """
        environment.active -= 1
        self._freed.set()

    def note_report(self, environment: EmulatedEnvironment) -> None:
        """Note that an environment has reported an invocation.

        Args:
            environment: The environment.
        """
        environment.pending -= 1
        if environment in self._retired and not environment.pending and not self.is_closing:
            self._retired.remove(environment)
            self._retire(environment)

    async def replace(self) -> EnvironmentFailure | None:
        """Start a new environment in the place of all; those that are busy end later.

        Returns:
            The failure of the start, or None.

        Raises:
            OSError: There is no port for the Runtime API.
        """
        if not self._environments:
            return None
        environment = self._make()
        old, self._environments = self._environments, [environment]
        for each in old:
            self._retire(each)
        if self._closing:
            await asyncio.wait(self._closing)
        self._freed.set()
        return await environment.initialized()

    async def close(self) -> None:
        """End all environments."""
        self.is_closing = True
        await asyncio.gather(*self._closing, *(each.close() for each in self.environments))

    def _add(self) -> EmulatedEnvironment:
        """Start an environment; one of another tenant that is idle makes room for it."""
        if len(self._environments) >= self._limit:
            idle = self._idle()
            if idle is None:
                raise Throttled(self._function)
            self._environments.remove(idle)
            self._retire(idle)
        return self.start_one()

    def _has_room(self, tenant: str | None) -> bool:
        return (
            len(self._environments) < self._limit
            or any(environment.has_room(tenant) for environment in self._environments)
            or self._idle() is not None
        )

    def _idle(self) -> EmulatedEnvironment | None:
        """Return the environment that has had nothing to answer for the longest time, or None."""
        return next((each for each in self._environments if not each.active), None)

    def _retire(self, environment: EmulatedEnvironment) -> None:
        """End an environment, once all that it has answered is reported."""
        if environment.pending:
            self._retired.add(environment)
            return
        task = asyncio.create_task(environment.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
