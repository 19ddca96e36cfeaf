"""A check that the binaries in an archive run where it is going to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from ._elf import inspect
from ._files import files_in
from ._machines import OTHER_SYSTEMS, machine
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ._layouts import Part
    from ._options import Options

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\*?[]!# "})


def check_binaries(folder: Path, part: Part, options: Options, owner: Callable[[str], str]) -> None:
    """Check that programs and libraries are for the function's processor and C library.

    A function may have binaries for several machines beside it: then it needs one for its own.

    Args:
        folder: The folder with the files of a part.
        part: The part.
        options: The options, with the architecture and the version of the C library.
        owner: Names the distribution of a file.

    Raises:
        BuildError: They are not; the message names them.
    """
    names = files_in(folder)
    machines = {
        name: found
        for name, path in names.items()
        if (found := machine(path)) and found not in OTHER_SYSTEMS
    }
    foreign = [name for name, found in machines.items() if found != options.architecture]
    if part == "function":
        dropped = GitIgnoreSpec.from_lines(options.drop)
        foreign = [name for name in foreign if not dropped.match_file(name)]
    if foreign and not (part == "function" and options.architecture in machines.values()):
        first, *others = foreign
        more = f" So are {len(others)} more." if others else ""
        raise BuildError(
            f"{first}, of {owner(first)}, is for {inspect(folder / first).architecture}, and the "
            f"function is for {options.architecture}.{more} You can leave out files that are "
            f"never loaded with drop = {[_pattern(name, names) for name in foreign]}."
        )
    for name, found in machines.items():
        if found == options.architecture:
            _check_c_library(folder / name, f"{name}, of {owner(name)},", options)


def _check_c_library(path: Path, name: str, options: Options) -> None:
    binary = inspect(path)
    glibc = tuple(map(int, options.glibc.split(".")))
    if binary.glibc > glibc:
        needed = ".".join(map(str, binary.glibc))
        raise BuildError(
            f"{name} needs glibc {needed}, and {options.runtime} has {options.glibc}: it would not "
            "start there. Use an interpreter that uv manages, or one that was built on that "
            f"system. If its glibc is newer, set glibc = {needed!r}."
        )


def _pattern(name: str, names: Iterable[str]) -> str:
    """Return the shortest pattern that matches a file and no other one."""
    short = name.rpartition("/")[2].translate(_SPECIAL)
    spec = GitIgnoreSpec.from_lines([short])
    alone = sum(map(spec.match_file, names)) == 1
    return short if alone else f"/{name.translate(_SPECIAL)}"
