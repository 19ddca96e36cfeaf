"""``uv.lock``: the packages in it, and which of them need which."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ._without import require_known
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path


# The lock files of other tools, with the command that writes their versions as requirements.
_OTHERS = {
    "poetry.lock": "poetry export --output requirements.txt",
    "pdm.lock": "pdm export --prod --output requirements.txt",
    "Pipfile.lock": "pipenv requirements > requirements.txt",
}
_NAME = re.compile(r'^\[\[package\]\]\nname = "([^"]+)"$', re.MULTILINE)


def unread(project: Path) -> list[str]:
    """Return a sentence about each lock file of a project that is not read.

    Args:
        project: The project's folder, without ``uv.lock``.
    """
    return [
        f"{name} is not read, and there is no uv.lock: the archive has the newest versions that "
        f"the project allows. For those of {name}, run `{command}`, and name that file with "
        'requirements = ["requirements.txt"].'
        for name, command in _OTHERS.items()
        if (project / name).is_file()
    ]


def needed_by(requirements: Iterable[str], lock: Path) -> set[str]:
    """Return the names of all packages that requirements need, at the versions of the lock file.

    Args:
        requirements: The requirements of a function, as in ``dependencies``.
        lock: The file.

    Raises:
        BuildError: One is not in the lock file, or not in a version that is asked for.
    """
    packages = _packages(lock, lock.stat().st_mtime_ns)
    pending = [(name, extra) for line in requirements for name, extra in _asked(line, packages)]
    seen = set(pending)
    while pending:
        name, extra = pending.pop()
        for package in packages.get(name, ()):
            own = package.get("optional-dependencies", {})
            for dependency in own.get(extra, ()) if extra else package.get("dependencies", ()):
                extras = ("", *dependency.get("extra", ()))
                new = {(dependency["name"], key) for key in extras} - seen
                seen |= new
                pending += new
    return {name for name, _ in seen}


def is_locked(requirements: Iterable[str], lock: Path) -> bool:
    """Return whether a lock file has all packages of some requirements, at fitting versions.

    Args:
        requirements: The requirements.
        lock: The file.
    """
    packages = _packages(lock, lock.stat().st_mtime_ns)
    try:
        return all(_asked(line, packages) for line in requirements)
    except BuildError:
        return False


def require_locked(names: Sequence[str], lock: Path) -> None:
    """Check that packages to leave out are among those of a lock file.

    Args:
        names: The names, as in ``without``.
        lock: The file.

    Raises:
        BuildError: One is not there.
    """
    if names:
        # Reading the whole file takes a second where it is long.
        require_known(names, set(_NAME.findall(lock.read_text("utf-8"))), "in uv.lock")


def require_chosen(requirements: Iterable[str], packages: Collection[str]) -> None:
    """Check that what a function asks for is among the packages of its project.

    Args:
        requirements: The requirements of the function.
        packages: The names of the packages.

    Raises:
        BuildError: One is not there.
    """
    for line in requirements:
        name = canonicalize_name(Requirement(line).name)
        if name not in packages:
            raise BuildError(
                f"dependencies: {name} is in uv.lock, and not among the project's dependencies "
                "with the chosen extras and groups. Add it to the project, or choose others."
            )


@cache
def _packages(lock: Path, _modified: int) -> dict[str, list[dict[str, Any]]]:
    """Return the packages by name: each in one version, or in several."""
    packages: dict[str, list[dict[str, Any]]] = {}
    for package in tomllib.loads(lock.read_text("utf-8")).get("package", ()):
        packages.setdefault(package["name"], []).append(package)
    return packages


def _asked(line: str, packages: dict[str, list[dict[str, Any]]]) -> list[tuple[str, str]]:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise BuildError(f"dependencies: {line!r} is not a requirement: {error}") from error
    name = canonicalize_name(requirement.name)
    locked = packages.get(name, [])
    versions = [package["version"] for package in locked if "version" in package]
    if not locked:
        raise BuildError(
            f"dependencies: {name} is not in uv.lock. Add it to the project, in a dependency group "
            f"if other functions do not need it: `uv add --group functions {line!r}`."
        )
    if versions and not any(
        requirement.specifier.contains(version, prereleases=True) for version in versions
    ):
        raise BuildError(
            f"dependencies: uv.lock has {name} {' and '.join(versions)}, and {line!r} asks for "
            "another version: change one of them."
        )
    return [(name, ""), *((name, canonicalize_name(extra)) for extra in requirement.extras)]
