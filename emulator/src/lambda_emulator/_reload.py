"""Starts functions anew when their code changes."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from ._server import Server


class _Code(DefaultFilter):
    """Files that a function may read when it starts, and not what it writes."""

    def __call__(self, change: Change, path: str) -> bool:
        """Tell whether a change counts.

        Args:
            change: What happened.
            path: To which file.
        """
        is_code = Path(path).suffix in {".py", ".toml", ".json", ".yaml", ".yml", ".env"}
        return is_code and super().__call__(change, path)


async def reload_on_change(server: Server, say: Callable[[str], object]) -> None:
    """Watch the directories of the functions' code, and reload those whose files change.

    Invocations that run end in the process that they began in.

    Args:
        server: Whose functions are watched.
        say: Told of each reload.
    """
    roots = {root.resolve() for root in server.task_roots.values()}
    async for changes in awatch(*roots, watch_filter=_Code(), step=50, debounce=400):
        changed = [Path(path) for _, path in changes]
        names = [
            name
            for name, root in server.task_roots.items()
            if any(path.is_relative_to(root.resolve()) for path in changed)
        ]
        failures = await asyncio.gather(*(server.functions[name].reload() for name in names))
        for name, failure in zip(names, failures, strict=True):
            files = ", ".join(sorted({path.name for path in changed}))
            result = "ready" if failure is None else f"it cannot start: {failure.reason}"
            say(f"Reloaded {name} ({files}): {result}")
