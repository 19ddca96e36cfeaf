"""Restart functions when their code changes."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from watchfiles import Change, DefaultFilter, awatch
from watchfiles.main import FileChange

from ._config import FunctionConfig
from ._server import EmulatorServer
from ._start_advice import explain_start


class _Code(DefaultFilter):
    """Files that a function may read when it starts, but not those that it writes."""

    def __call__(self, change: Change, path: str) -> bool:
        """Return whether a change counts.

        Args:
            change: The kind of change.
            path: The file that changed.
        """
        is_code = Path(path).suffix in {".py", ".toml", ".json", ".yaml", ".yml", ".env"}
        return is_code and super().__call__(change, path)


class CodeWatch:
    """The code of functions, watched from before they start: none is missed that changes then."""

    def __init__(self, configs: Iterable[FunctionConfig]) -> None:
        """Prepare to watch the directories of functions.

        Args:
            configs: The functions.
        """
        self._roots = {each.function.name: each.program.task_root.resolve() for each in configs}
        self._changes = awatch(
            *set(self._roots.values()), watch_filter=_Code(), step=50, debounce=400
        )

    async def __aenter__(self) -> Self:
        """Begin to watch."""
        self._first = asyncio.ensure_future(anext(self._changes))
        await asyncio.sleep(0)  # its first step begins to watch
        return self

    async def __aexit__(self, *_: object) -> None:
        """Watch no more."""
        self._first.cancel()
        await asyncio.wait([self._first])
        await self._changes.aclose()

    async def reload(self, server: EmulatorServer, say: Callable[[str], object]) -> None:
        """Reload the functions whose files change, forever.

        Invocations that run end in the process that they began in.

        Args:
            server: Has the functions, which have started or failed.
            say: Called with a line for each reload.
        """
        await self._reload(await self._first, server, say)
        async for changes in self._changes:
            await self._reload(changes, server, say)

    async def _reload(
        self, changes: set[FileChange], server: EmulatorServer, say: Callable[[str], object]
    ) -> None:
        changed = [Path(path) for _, path in changes]
        names = [
            name
            for name, root in self._roots.items()
            if any(path.is_relative_to(root) for path in changed)
        ]
        failures = await asyncio.gather(*(server.functions[name].reload() for name in names))
        for name, failure in zip(names, failures, strict=True):
            files = ", ".join(sorted({path.name for path in changed}))
            result = "ready"
            if failure is not None:
                result = f"it cannot start: {explain_start(server.functions[name].config, failure)}"
            say(f"Reloaded {name} ({files}): {result}")
