"""The members of the workspace, as their pyproject.toml files declare: names, versions, arrows."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]

_VERSION = re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE)


class WorkspaceError(Exception):
    """An error of a script, in one sentence for its user."""


@dataclass(frozen=True)
class Member:
    """A member of the workspace.

    Args:
        name: The name on the package index, normalized.
        folder: The folder, relative to the root, with slashes.
        is_released: True if it is built and released; the samples are not.
        requires: The dependencies: requirements by normalized name.
        extras: The same of what its extras add.
        develops_with: The same of its development tools.
    """

    name: str
    folder: str
    is_released: bool
    requires: dict[str, str] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    develops_with: dict[str, str] = field(default_factory=dict)

    @property
    def uses(self) -> dict[str, str]:
        """All packages that it runs or is tested with."""
        return {**self.develops_with, **self.extras, **self.requires}

    @property
    def path(self) -> Path:
        """The folder on this machine."""
        return ROOT / self.folder

    @property
    def module(self) -> str:
        """The name to import."""
        (source,) = self.path.glob("src/*/_version.py")
        return source.parent.name

    @property
    def version_file(self) -> Path:
        """The one file that says the version."""
        return self.path / "src" / self.module / "_version.py"

    @property
    def version(self) -> str:
        """The version in the source.

        Raises:
            WorkspaceError: The file says none.
        """
        found = _VERSION.search(self.version_file.read_text("utf-8"))
        if found is None:
            raise WorkspaceError(f'{self.version_file} has no line __version__ = "..."')
        return found["version"]


def members() -> dict[str, Member]:
    """Return every member by name; each comes after those that it needs to run."""
    root = _toml(ROOT / "pyproject.toml")
    folders = [
        path.parent
        for pattern in root["tool"]["uv"]["workspace"]["members"]
        for path in sorted(ROOT.glob(f"{pattern}/pyproject.toml"))
    ]
    found = {member.name: member for member in map(_member, folders)}
    arrows = {
        name: sorted((member.requires | member.extras).keys() & found.keys())
        for name, member in found.items()
    }
    return {name: found[name] for name in TopologicalSorter(arrows).static_order()}


def released(name: str) -> Member:
    """Return the package of a name.

    Args:
        name: The name on the package index.

    Raises:
        WorkspaceError: The workspace releases no such package.
    """
    packages = [member.name for member in members().values() if member.is_released]
    if name not in packages:
        raise WorkspaceError(f"{name!r} is not a package of this workspace: {', '.join(packages)}")
    return members()[name]


def _member(folder: Path) -> Member:
    pyproject = _toml(folder / "pyproject.toml")
    project = pyproject["project"]
    extras = project.get("optional-dependencies", {})
    return Member(
        name=normalized(project["name"]),
        folder=folder.relative_to(ROOT).as_posix(),
        is_released=pyproject.get("tool", {}).get("uv", {}).get("package", True),
        requires=_by_name(project["dependencies"]),
        extras=_by_name([line for lines in extras.values() for line in lines]),
        develops_with=_by_name(_group(pyproject.get("dependency-groups", {}), "dev")),
    )


def _group(groups: dict[str, list[Any]], name: str) -> list[str]:
    """Return the requirements of a dependency group, with those of the groups that it includes."""
    lines: list[str] = []
    for line in groups.get(name, []):
        lines += [line] if isinstance(line, str) else _group(groups, line["include-group"])
    return lines


def _by_name(requirements: list[str]) -> dict[str, str]:
    return {normalized(re.split(r"[^\w.-]", line, maxsplit=1)[0]): line for line in requirements}


def normalized(name: str) -> str:
    """Return a name as package indexes compare it: ``Lambda_Events`` is ``lambda-events``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))
