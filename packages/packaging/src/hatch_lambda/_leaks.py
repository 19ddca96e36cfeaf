"""Links to elsewhere, and secrets: neither leaves the project with a function by accident."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ._secrets import is_named, is_secret
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path


def without_leaks(
    files: Iterable[tuple[Path, Path]],
    project: Path,
    table: Mapping[str, Any],
    warn: Callable[[str], None],
    forced: Collection[Path] = (),
) -> Iterator[tuple[Path, Path]]:
    """Yield the files of a function, except secrets that the project does not name.

    Args:
        files: The files that are selected, each with its name in the archive.
        project: The project's folder.
        table: The options that select files.
        warn: Is called with a sentence for each file that is left out.
        forced: Files and folders that are included by name, from anywhere: absolute, without "..".

    Raises:
        BuildError: A link leads out of the project, or nowhere; or a name is not text.
    """
    patterns = [
        *table.get("include", ()),
        *table.get("artifacts", ()),
        *(f"/{name}" for key in ("only-include", "packages") for name in table.get(key, ())),
        *(f"/{below}" for each in forced if (below := _below(each, project))),
    ]
    for path, name in files:
        _require_text(name.as_posix())
        real = _real(path, project, forced)
        here = _below(path, project) or name.as_posix()
        secret = is_secret(here, path) or is_secret(_below(real, project.resolve()) or "", real)
        if secret and path not in forced and not is_named(here, patterns):
            warn(
                f"{here} is not packed: it looks like a secret. If the function needs it, "
                f"name it: force-include = {{ {here!r} = {name.as_posix()!r} }}."
            )
        else:
            yield path, name


def _real(path: Path, project: Path, forced: Iterable[Path]) -> Path:
    """Return the file behind links, which has to be in the project."""
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:  # a link to nothing, or to itself
        raise BuildError(
            f"{_link(path)} is a link that leads nowhere: repair it, or leave it out with "
            "the option exclude."
        ) from error
    if not real.is_file():
        raise BuildError(f"{path} is not a file: leave it out with the option exclude.")
    # A path in force-include may be anywhere; links below it may not leave it.
    homes = [project, *(source for source in forced if path.is_relative_to(source))]
    if not any(real.is_relative_to(home.resolve()) for home in homes):
        raise BuildError(
            f"{_link(path)} is a link that leaves the project, to {real}. Only what is in "
            f"{project} is packed: copy it there, or name it with the option force-include."
        )
    return real


def _require_text(name: str) -> None:
    """Raise if a name is not text, which zip files and images need."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise BuildError(
            f"{os.fsencode(name)!r} is a file whose name is not in UTF-8: rename it, or leave it "
            "out with the option exclude."
        ) from error


def _link(path: Path) -> Path:
    """Return the part of a path that is a link, the outermost."""
    return next((each for each in reversed((path, *path.parents)) if each.is_symlink()), path)


def _below(path: Path, folder: Path) -> str | None:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else None
