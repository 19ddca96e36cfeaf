"""Waits for changes of a project's own files."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from watchfiles import awatch

from lambda_emulator._project.template_file import ProjectError
from lambda_emulator._target import TargetError

_Read = TypeVar("_Read")
_LOOK_MS = 1000  # for a change that came before the files were watched


class ProjectWatch:
    """The files of a project, as they were when this was made."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Note how files are now.

        Args:
            files: The files that the project was read from.
        """
        self._stamps = {path.resolve(): _stamp(path) for path in files}

    async def changed(self, read: Callable[[], _Read], say: Callable[[str], object]) -> _Read:
        """Wait until the project has changed, and can be read.

        Args:
            read: Reads it again; raises `ProjectError`, `TargetError` or ValueError.
            say: Is called with why it cannot be read; what is served stays until it can.

        Returns:
            The result of `read`.
        """
        async for _ in awatch(
            *{path.parent for path in self._stamps},
            watch_filter=lambda _change, path: Path(path).resolve() in self._stamps,
            recursive=False,
            step=50,
            debounce=400,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
        ):
            now = {path: _stamp(path) for path in self._stamps}
            names = sorted(path.name for path in now if now[path] != self._stamps[path])
            if not names:
                continue
            self._stamps = now
            try:
                changed = read()
            except (ProjectError, TargetError, ValueError) as error:
                say(f"The project stays as it was: {error}")
                continue
            say(f"Reloaded the project ({', '.join(names)}).")
            return changed
        raise AssertionError("files are watched forever")


def _stamp(path: Path) -> tuple[int, int]:
    with suppress(OSError):
        status = path.stat()
        return status.st_mtime_ns, status.st_size
    return 0, 0
