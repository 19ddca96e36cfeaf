"""Restart functions when their code changes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from ._server import EmulatorServer


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


async def reload_on_change(server: EmulatorServer, say: Callable[[str], object]) -> None:
    """Watch the directories of the functions' code, and reload those whose files change.

    Invocations that run end in the process that they began in.

    Args:
        server: The functions are watched.
        say: Called with a line for each reload.
    """
    roots = {
        name: service.config.program.task_root.resolve()
        for name, service in server.functions.items()
    }
    async for changes in awatch(*set(roots.values()), watch_filter=_Code(), step=50, debounce=400):
        changed = [Path(path) for _, path in changes]
        names = [
            name
            for name, root in roots.items()
            if any(path.is_relative_to(root) for path in changed)
        ]
        failures = await asyncio.gather(*(server.functions[name].reload() for name in names))
        for name, failure in zip(names, failures, strict=True):
            files = ", ".join(sorted({path.name for path in changed}))
            result = "ready" if failure is None else f"it cannot start: {failure}"
            say(f"Reloaded {name} ({files}): {result}")
