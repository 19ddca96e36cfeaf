"""The files of a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_UNIT = 100  # modules


def files_in(folder: Path) -> dict[str, Path]:
    """Return the files of a folder and those below it, by their names there, in a fixed order.

    `Path.rglob` takes five times as long, and an archive has thousands of files.

    Args:
        folder: The folder.
    """
    return {name: Path(path) for name, path in _walk(os.fspath(folder), "")}


def _walk(folder: str, base: str) -> Iterator[tuple[str, str]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{base}{entry.name}/")
        elif entry.is_file():
            yield base + entry.name, entry.path


def units(modules: Iterable[str]) -> Iterator[list[str]]:
    """Yield modules that are worked on together: some of a top-level package, or the others.

    A result for each would be too many files, and one for all would be lost with any change.

    Args:
        modules: Their names, in any order.
    """
    packages: dict[str, list[str]] = {}
    for name in sorted(modules):
        packages.setdefault(name.rpartition("/")[0] and name.partition("/")[0], []).append(name)
    for names in packages.values():
        yield from (names[start : start + _UNIT] for start in range(0, len(names), _UNIT))
