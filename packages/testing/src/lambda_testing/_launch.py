"""The command that runs a target, and the environment variables of its process."""

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
COVERAGE = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
"""The variables that coverage.py sets for processes that it measures."""

# The variables that a process needs to start, and those that measure coverage in it. The function
# gets no others of this machine, as on Lambda.
_KEPT = (
    *COVERAGE,
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "TMPDIR",
)
# AWS refuses a function that calls it by mistake.
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def command_of(target: Target, runtime: str, directory: Path) -> tuple[list[str], str]:
    """Return the command that runs a target, and the handler's name, or "" if it is a program.

    Args:
        target: ``"module.handler"``, which a runtime serves; the path of a Python program; or a
            command with its arguments.
        runtime: The module that serves handlers, as ``python -m`` takes it.
        directory: The folder of relative paths.

    Raises:
        ValueError: The command is empty, or the path does not exist.
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
        command: The other command.
        memory_mb: The memory that it may allocate; None for no limit.
        writable: The only folder in which it may change files; None for no limit.

    Raises:
        NotImplementedError: The system is not Linux.
    """
    if memory_mb is None and writable is None:
        return list(command)
    if sys.platform != "linux":
        raise NotImplementedError("Lambda's limits are available on Linux only")
    limits = [str(limit or "-") for limit in (memory_mb, writable)]
    return [sys.executable, "-I", "-S", str(_CONFINE), *limits, *command]


def environment_of(
    function: Function,
    variables: Mapping[str, str],
    *,
    handler: str,
    directory: Path,
    import_paths: Iterable[str],
) -> dict[str, str]:
    """Return all environment variables of a function's process.

    Args:
        function: The function.
        variables: The variables that Lambda sets.
        handler: The handler's name.
        directory: The folder of the function's code.
        import_paths: Folders to import from, ahead of those of ``PYTHONPATH``.
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
        **variables,
    }
