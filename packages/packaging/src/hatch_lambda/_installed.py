"""Distributions that are installed in a folder: their files, and which need which."""

from __future__ import annotations

import csv
import re
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ._distributions import installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ._distributions import Distribution

MODULES = (".py", ".so", ".pyc")
_ENTRY_POINT = re.compile(r"^([^\[\]#;=\n]+?)[ \t]*=[ \t]*([\w.]+)", re.MULTILINE)


class Installed:
    """The distributions in a folder.

    Args:
        folder: The folder.
        files: The files, by their names in it.
    """

    def __init__(self, folder: Path, files: Mapping[str, Path]) -> None:
        self.folder = folder
        self.files = files
        self._owners = {
            name: canonicalize_name(record.parent.name.partition("-")[0])
            for record in sorted(folder.glob("*.dist-info/RECORD"))
            for name in recorded(record)
        }

    def owner(self, name: str) -> str:
        """Return the distribution of a file; that of no record belongs to its top-level name."""
        if name not in self._owners:
            self._owners[name] = canonicalize_name(
                name.split("/", maxsplit=1)[0].split(".", maxsplit=1)[0]
            )
        return self._owners[name]

    @cached_property
    def folders_of_modules(self) -> set[str]:
        """The folders with modules in them, at any depth."""
        found: set[str] = set()
        for name in self.files:
            if name.endswith(MODULES):
                found.update(parents(name))
        return found

    @cached_property
    def entry_points(self) -> set[str]:
        """The modules that entry points name."""
        return {module for module, _ in self._entry_points}

    @cached_property
    def launchers(self) -> set[str]:
        """The programs that an installer writes for entry points, with its own Python in them."""
        return {f"bin/{name}" for _, name in self._entry_points}

    @cached_property
    def _entry_points(self) -> set[tuple[str, str]]:
        return {
            (module, name.strip())
            for path in sorted(self.folder.glob("*.dist-info/entry_points.txt"))
            for name, module in _ENTRY_POINT.findall(path.read_text("utf-8", "replace"))
        }

    @cached_property
    def distributions(self) -> set[str]:
        """Their names."""
        return {self.owner(name) for name in self.files}

    def owner_of_module(self, name: str) -> str:
        """Return the distribution of a top-level module."""
        return self._owners_of_modules.get(name, name)

    @cached_property
    def _owners_of_modules(self) -> dict[str, str]:
        return {
            name.split("/")[0].split(".")[0]: self.owner(name)
            for name in self.files
            if name.endswith(MODULES)
        }

    def dependents(self, distribution: str | None) -> set[str]:
        """Return the distributions that need another one directly."""
        return {name for name, needed in self._requirements.items() if distribution in needed}

    @cached_property
    def _requirements(self) -> dict[str, set[str]]:
        return {
            name: {canonicalize_name(each.name) for each in distribution.requires}
            for name, distribution in installed(self.folder.glob("*.dist-info/METADATA")).items()
        }


def recorded(record: Path) -> Iterator[str]:
    """Yield the names of files in a ``RECORD``."""
    with record.open(encoding="utf-8", newline="") as file:
        yield from (row[0] for row in csv.reader(file) if row)


def conflicts(folder: Path) -> dict[tuple[str, ...], list[str]]:
    """Return the files that several distributions have, by these: the last one installed has won.

    Args:
        folder: The folder that they are installed in, with the hashes of their files.
    """
    owners: dict[str, dict[str, str]] = {}
    for record in sorted(folder.glob("*.dist-info/RECORD")):
        distribution = record.parent.name.partition("-")[0]
        with record.open(encoding="utf-8", newline="") as file:
            for name, digest, *_ in filter(None, csv.reader(file)):
                owners.setdefault(name, {})[distribution] = digest
    found: dict[tuple[str, ...], list[str]] = {}
    for name, digests in owners.items():
        if len(set(digests.values())) > 1:
            found.setdefault(tuple(digests), []).append(name)
    return found


def describe_conflicts(folder: Path, found: Mapping[tuple[str, ...], list[str]]) -> Iterator[str]:
    """Yield a sentence for distributions that have files of the same names.

    Args:
        folder: The folder that they are installed in. Files that are no longer there do not count.
        found: The files, by these distributions.
    """
    for owners, names in found.items():
        if kept := [name for name in names if (folder / name).exists()]:
            more = len(kept) - 1
            others = f" and {more} more file{'s' * (more > 1)}" * bool(more)
            yield (
                f"{' and '.join(owners)} install {kept[0]}{others} with different content, and the "
                "archive has that of any of them: leave one out with the option without."
            )


def delete(folder: Path, distribution: Distribution) -> None:
    """Delete the files of a distribution.

    Args:
        folder: The folder that it is installed in.
        distribution: The distribution.
    """
    home = folder.resolve()
    for name in list(recorded(distribution.info / "RECORD")):  # which is deleted, too
        path = folder / name
        if path.parent.resolve().is_relative_to(home):  # scripts are recorded as if elsewhere
            path.unlink(missing_ok=True)


def parents(name: str) -> Iterator[str]:
    """Yield the folders that a file is in, the innermost first."""
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name
