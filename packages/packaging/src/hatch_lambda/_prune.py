"""Files that an archive does not need, and the report of what was left out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from ._files import files_in
from ._installed import Installed
from ._kinds import kinds, may_be_needless
from ._machines import OTHER_SYSTEMS, machine
from ._mentions import read_module
from ._reach import Reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Files that installers write beside a distribution: they have no use in Lambda, or record the place
# of the build.
_OF_INSTALLERS = [
    "/.lock",
    "*.dist-info/direct_url.json",
    "*.dist-info/uv_build.json",
    "*.dist-info/uv_cache.json",
]
# The README lists these: what needs a screen, and what only tests Python itself.
STANDARD_LIBRARY = [
    "__pycache__/",
    "/test/",
    "/*/test/",
    "/*/tests/",
    "/idlelib/",
    "/tkinter/",
    "/turtledemo/",
    "/turtle.py",
    "/ensurepip/",
    "/config-*/",
    "/site-packages/",
    "/dist-packages/",
    "/EXTERNALLY-MANAGED",
    "/lib-dynload/_test*",
    "/lib-dynload/_ctypes_test*",
    "/lib-dynload/_xxtestfuzz*",
    "/lib-dynload/xxlimited*",
    "/lib-dynload/xxsubtype*",
    "/lib-dynload/_tkinter*",
]


@dataclass(frozen=True)
class LeftOut:
    """A file that was left out."""

    name: str
    """The path below the folder that it was in."""
    distribution: str
    """The distribution that it belongs to, or the interpreter."""
    reason: str
    """The reason: the kind of the file."""
    size: int
    """In bytes."""


def wanted(folder: Path, drop: Iterable[str], keep: Iterable[str] = ()) -> Iterator[Path]:
    """Yield the files of a folder that are not dropped, in a fixed order.

    Args:
        folder: The folder.
        drop: Patterns as in ``.gitignore``, relative to the folder.
        keep: Patterns of files that stay nevertheless.
    """
    dropped, kept = GitIgnoreSpec.from_lines(drop), GitIgnoreSpec.from_lines(keep)
    # The content of a dropped folder need not be looked at, unless something there may stay.
    whole = not kept.patterns and all(pattern.include for pattern in dropped.patterns)
    for top, folders, files in os.walk(folder):
        base = "" if Path(top) == folder else f"{Path(top).relative_to(folder).as_posix()}/"
        folders[:] = sorted(
            name for name in folders if not (whole and dropped.match_file(f"{base}{name}/"))
        )
        for file in sorted(files):
            name = base + file
            path = Path(top, file)
            if path.is_file() and (kept.match_file(name) or not dropped.match_file(name)):
                yield path


def prune_dependencies(
    folder: Path,
    drop: Iterable[str],
    keep: Iterable[str],
    *,
    architecture: str | None = None,
    function: Iterable[str] = (),
) -> list[LeftOut]:
    """Delete the files that installed packages do not need at run time.

    Tests, type stubs, sources of binaries and the like go if no code or metadata reaches them:
    that of their own distribution, of others, or of the function. So do binaries for other systems
    and processors, unless nothing else is there.

    Args:
        folder: The folder of the packages.
        drop: Patterns of further files to delete.
        keep: Patterns of files that stay nevertheless.
        architecture: The processor of the function; None leaves binaries alone.
        function: Words in the strings of the function's own code.

    Returns:
        The files that were left out.
    """
    files = files_in(folder)
    installed = Installed(folder, files)
    left_out = _needless(installed, drop, architecture, function)
    kept_by_user = GitIgnoreSpec.from_lines(keep)
    for name in [name for name in left_out if kept_by_user.match_file(name)]:
        del left_out[name]
    by_installers = GitIgnoreSpec.from_lines(_OF_INSTALLERS)
    gone = [
        LeftOut(name, installed.owner(name), reason, files[name].stat().st_size)
        for name, reason in left_out.items()
        if not by_installers.match_file(name)
    ]
    for name in left_out:
        files[name].unlink()
    for top, _, _ in os.walk(folder, topdown=False):
        if Path(top) != folder and not any(Path(top).iterdir()):
            Path(top).rmdir()
    for record in folder.glob("*.dist-info/RECORD"):
        _rewrite(record, files.keys() - left_out.keys())
    for metadata in folder.glob("*.dist-info/METADATA"):
        if not kept_by_user.match_file(metadata.relative_to(folder).as_posix()):
            _cut_description(metadata)
    return gone


def mentioned_of_dependencies(folder: Path) -> frozenset[str]:
    """Return the names in a function's code that may be those of files in its dependencies.

    Args:
        folder: The folder of the function.
    """
    return frozenset(
        word
        for name, path in files_in(folder).items()
        if path.suffix == ".py"
        for word in _mentioned(path, name)
    )


def _mentioned(path: Path, name: str) -> Iterator[str]:
    found = read_module(path, name)
    for word in found.words | found.files | found.modules:
        if may_be_needless(word):
            yield word


def _needless(
    installed: Installed,
    drop: Iterable[str],
    architecture: str | None,
    function: Iterable[str],
) -> dict[str, str]:
    """Return the files that are not needed, each with the reason."""
    found = _foreign(installed, architecture) if architecture else {}
    dropped, by_installers = map(GitIgnoreSpec.from_lines, (drop, _OF_INSTALLERS))
    for name in installed.files:
        if dropped.match_file(name):
            found[name] = "option drop"
        elif by_installers.match_file(name):
            found[name] = "written by the installer"
        elif name in installed.launchers:
            found[name] = "programs of the machine that builds"
        elif name.endswith(".pyc") and _source(name) in installed.files:
            found[name] = "byte code, which is compiled again"
    rest = {name: path for name, path in installed.files.items() if name not in found}
    candidates = kinds(rest)
    reach = Reach(Installed(installed.folder, rest), candidates, function)
    found |= {name: kind for name, kind in candidates.items() if name not in reach.reasons}
    return dict(sorted(found.items()))


def _foreign(installed: Installed, architecture: str) -> dict[str, str]:
    """Return the binaries for other machines, of distributions that have some for several.

    A single one is not a choice among several: it is the wrong one, and an error later on.
    """
    machines: dict[str, dict[str, str]] = {}
    for name, path in installed.files.items():
        if found := machine(path):
            machines.setdefault(installed.owner(name), {})[name] = found
    return {
        name: f"binaries for {found}"
        for own in machines.values()
        for name, found in own.items()
        if found != architecture and (found in OTHER_SYSTEMS or len(set(own.values())) > 1)
    }


def _source(name: str) -> str:
    """Return the source of byte code."""
    folder, _, file = name.rpartition("/")
    stem = file.split(".")[0] if folder.endswith("__pycache__") else file.removesuffix(".pyc")
    home = folder.removesuffix("__pycache__").rstrip("/")
    return f"{home}/{stem}.py".lstrip("/")


def _cut_description(metadata: Path) -> None:
    """Leave out the README after the fields: it is the page of an index, unread in an archive."""
    fields, _, _ = metadata.read_bytes().partition(b"\n\n")
    metadata.write_bytes(fields.rstrip(b"\n") + b"\n")


def _rewrite(record: Path, kept: set[str]) -> None:
    """List the files that are left, without hashes: stripped files have others."""
    names = [line.rsplit(",", 2)[0] for line in record.read_text("utf-8").splitlines()]
    lines = [f"{name},,\n" for name in names if str(PurePosixPath(name.strip('"'))) in kept]
    record.write_text("".join(sorted(lines)), "utf-8")
