"""From what a test wants to run to a command, and to the environment that it runs in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ._function import Function

Target: TypeAlias = "str | os.PathLike[str] | Sequence[str]"

_CONFINE = Path(__file__).with_name("_confine.py")
# What a process needs to start at all, and what measures coverage in it. All else of the machine's
# environment stays away from the function, as it would on Lambda.
_KEPT = (
    "COVERAGE_PROCESS_CONFIG",
    "COVERAGE_PROCESS_START",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "TMPDIR",
)
# A function that talks to AWS by mistake is refused there.
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def command_of(target: Target, runtime: str, directory: Path) -> tuple[list[str], str]:
    """Return the command that runs a target, and the handler's name if the target is one.

    Args:
        target: ``"module.handler"``, which is served by a runtime; the path of a Python program; or
            a command with its arguments.
        runtime: The module that serves handlers, as ``python -m`` takes it.
        directory: Where a relative path begins.

    Returns:
        The command's words, and the name or "".

    Raises:
        ValueError: It is an empty command, or looks like a path that nothing is at.
    """
    if not isinstance(target, (str, os.PathLike)):
        command = list(target)
        if not command:
            raise ValueError("the command to test has no words")
        return command, ""
    name = os.fspath(target)
    if (directory / name).exists():
        return [sys.executable, str(directory / name)], ""
    if isinstance(target, os.PathLike) or name.endswith(".py"):
        raise ValueError(f"there is no program to test at {directory / name}")
    return [sys.executable, "-m", runtime, name], name


def confined(command: Sequence[str], *, memory_mb: int | None, writable: Path | None) -> list[str]:
    """Return a command that runs another under Lambda's limits.

    Args:
        command: The other.
        memory_mb: What it may allocate; None is any amount.
        writable: The one folder in which it may change files; None is all.

    Returns:
        The command's words.

    Raises:
        NotImplementedError: The system is not Linux.
    """
    if memory_mb is None and writable is None:
        return list(command)
    if sys.platform != "linux":
        raise NotImplementedError("Lambda's limits are to be had on Linux only")
    limits = [str(limit or "-") for limit in (memory_mb, writable)]
    return [sys.executable, "-I", "-S", str(_CONFINE), *limits, *command]


def environment_of(
    function: Function,
    told: Mapping[str, str],
    *,
    handler: str,
    directory: Path,
    import_paths: Iterable[str],
) -> dict[str, str]:
    """Return what a function's process finds in its environment, and nothing else.

    Args:
        function: The function.
        told: What its Runtime API says.
        handler: The handler's name.
        directory: Where the function's code is.
        import_paths: Folders to import from, ahead of those of ``PYTHONPATH``.

    Returns:
        Values by variable name.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    python_path = [*import_paths, *filter(None, [kept.get("PYTHONPATH")])]
    if python_path:
        kept["PYTHONPATH"] = os.pathsep.join(python_path)
    return {
        **kept,
        **dict.fromkeys(_CREDENTIALS, "testing"),
        "LAMBDA_TASK_ROOT": str(directory),
        "_HANDLER": function.handler or handler,
        **told,
    }
