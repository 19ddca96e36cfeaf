"""The files of a project that git ignores, by every ``.gitignore`` that counts for them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from pathlib import Path

_FILE = ".gitignore"


class Ignored:
    """The files that git ignores: https://git-scm.com/docs/gitignore.

    Those of the repository's root and of the folders below it count. A machine's own excludes do
    not, nor a clone's: an archive would be another one elsewhere.

    Args:
        project: The project's folder.
    """

    def __init__(self, project: Path) -> None:
        self._top = _top(project)
        self._spec = cache(_spec)
        self._folder_is_ignored = cache(self._is_ignored_folder)
        if project != self._top and self._folder_is_ignored(project):
            self._top = project  # a project that another one has made in its own folder
            self._folder_is_ignored = cache(self._is_ignored_folder)

    def __contains__(self, path: Path) -> bool:
        if not path.is_relative_to(self._top):
            return False
        return self._folder_is_ignored(path.parent) or self._matches(path, "")

    def _is_ignored_folder(self, folder: Path) -> bool:
        """Return whether a folder is ignored: then no pattern can include what is in it."""
        if folder == self._top or not folder.is_relative_to(self._top):
            return False
        return self._folder_is_ignored(folder.parent) or self._matches(folder, "/")

    def _matches(self, path: Path, slash: str) -> bool:
        """Return the answer of the innermost file with a pattern for a path."""
        for home in path.parents:
            if spec := self._spec(home):
                name = path.relative_to(home).as_posix() + slash
                included = spec.check_file(name).include
                if included is not None:
                    return included
            if home == self._top:
                break
        return False


def _top(project: Path) -> Path:
    """Return the root of the repository; without one, of the folders with a file of patterns."""
    homes = (project, *project.parents)
    root = next((home for home in homes if (home / ".git").exists()), None)
    return root or next((home for home in homes if (home / _FILE).is_file()), project)


def _spec(folder: Path) -> GitIgnoreSpec | None:
    path = folder / _FILE
    if not path.is_file():
        return None
    return GitIgnoreSpec.from_lines(path.read_text("utf-8", "surrogateescape").splitlines())
