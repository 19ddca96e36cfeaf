"""Waits for changes of a project's own files."""

from collections.abc import Callable, Sequence
from pathlib import Path

from watchfiles import awatch

from lambda_emulator._project.configure import ServedProject
from lambda_emulator._project.template_file import ProjectError
from lambda_emulator._target import TargetError


async def wait_for_change(
    files: Sequence[Path], read: Callable[[], ServedProject], say: Callable[[str], object]
) -> ServedProject:
    """Wait until a project has changed, and can be read.

    Args:
        files: The files that it was read from.
        read: Reads it again.
        say: Is called with why it cannot be read; what is served stays until it can.

    Returns:
        The project as it is now.
    """
    watched = {path.resolve() for path in files}
    folders = {path.parent for path in watched}
    async for changes in awatch(
        *folders,
        watch_filter=lambda _change, path: Path(path).resolve() in watched,
        recursive=False,
        step=50,
        debounce=400,
    ):
        names = ", ".join(sorted({Path(path).name for _, path in changes}))
        try:
            served = read()
        except (ProjectError, TargetError, ValueError) as error:
            say(f"The project stays as it was, as {names} cannot be read: {error}")
            continue
        say(f"Reloaded the project ({names}).")
        return served
    raise AssertionError("files are watched for ever")
