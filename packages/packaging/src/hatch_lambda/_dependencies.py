"""The function's dependencies, as wheels for the place where it is going to run."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from ._uv import UvError, run_uv
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ._options import Options

# The platforms that uv has names for, by the minor version of glibc: the newest that is not newer.
_MANYLINUX = (17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_NO_WHEEL = re.compile(r"Wheels are required for `([^`]+)`|(\S+) has no usable wheels")
_LOCAL = re.compile(r"(?:-e )?(?:[\w.-]+ @ )?((?:file://|\.{0,2}/).*?)( ; .*?)?( +--hash=.*)?")


def install(
    options: Options, project: Path, unlocked: Sequence[str], folder: Path, wheels: Path
) -> None:
    """Install the dependencies into a folder.

    They are those of the project's ``uv.lock``, or of its workspace's. Packages in the same source
    tree are built into wheels first; of all others there has to be a wheel, because one that is
    built here would be for this machine.

    Args:
        options: The options, with the target, extras and groups.
        project: The project's folder.
        unlocked: The project's requirements, if there is no lock file.
        folder: The folder to install them into.
        wheels: The folder of the wheels that are built from the same source tree.

    Raises:
        BuildError: The lock is out of date, or a dependency has no wheel for the place.
    """
    lock = next((up for up in (project, *project.parents) if (up / "uv.lock").exists()), None)
    if lock is None and (options.groups or options.without):
        raise BuildError(
            "The options groups and without need a lock file, and there is none: run `uv lock`."
        )
    home = lock or project
    requirements = _locked(options, project) if lock else "\n".join(unlocked)
    requirements = _with_wheels(requirements, home, wheels)
    glibc = max(minor for minor in _MANYLINUX if minor <= max(17, int(options.glibc[2:])))
    machine = _MACHINES[options.architecture]
    try:
        run_uv(
            *("pip", "install", "--quiet", "--requirements", "-", "--target", folder),
            *("--python", sys.executable, "--python-version", options.python),
            *("--python-platform", f"{machine}-manylinux_2_{glibc}", "--only-binary", ":all:"),
            *("--link-mode", "copy"),  # what is stripped must not be uv's own copy
            *(["--no-deps"] if lock else []),
            cwd=home,
            stdin=requirements,
        )
    except UvError as error:
        raise BuildError(_explain(str(error), options)) from error


def _locked(options: Options, project: Path) -> str:
    try:
        return run_uv(
            *("export", "--quiet", "--locked", "--no-default-groups", "--no-emit-project"),
            *("--no-editable", "--no-annotate", "--no-header"),
            *(f"--extra={name}" for name in options.extras),
            *(f"--group={name}" for name in options.groups),
            *(f"--prune={name}" for name in options.without),
            cwd=project,
        )
    except UvError as error:
        raise BuildError(f"The dependencies cannot be read from the lock file.\n{error}") from error


def _with_wheels(requirements: str, home: Path, wheels: Path) -> str:
    """Build what is required from a folder, and require the wheel."""
    lines: list[str] = []
    for line in requirements.replace(" \\\n", " ").splitlines():
        match = _LOCAL.fullmatch(line)
        if match and not match[1].endswith(".whl"):
            source = home / match[1].removeprefix("file://")
            lines.append(f"{_wheel(source, home, wheels)}{match[2] or ''}")
        else:
            lines.append(line)
    return "\n".join(lines)


def _wheel(source: Path, home: Path, wheels: Path) -> Path:
    folder = wheels / source.as_posix().replace("/", "_")
    if not folder.exists():
        try:
            run_uv("build", "--quiet", "--wheel", "--out-dir", folder, source, cwd=home)
        except UvError as error:
            raise BuildError(f"{source} cannot be built into a wheel.\n{error}") from error
    (wheel,) = folder.glob("*.whl")
    return wheel


def _explain(error: str, options: Options) -> str:
    names = {name for match in _NO_WHEEL.findall(error) for name in match if name}
    if not names:
        return f"The dependencies cannot be installed for {options.target}.\n{error}"
    name = min(names, key=len)
    return (
        f"{name} has no wheel for {options.target}, and nothing is compiled here: that would be "
        f"for this machine. Take a version of {name} that has one, build one in a container of "
        f"that system and add it as a path source, or leave it out with without = [{name!r}]."
        f"\n{error}"
    )
