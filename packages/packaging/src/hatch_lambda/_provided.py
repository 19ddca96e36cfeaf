"""What a runtime image brings, so that functions for it need not."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# These two are the runtime: its own, of one version, comes before what a function was locked with.
_RUNTIME = {"lambda-runtime", "lambda-logging"}


@dataclass(frozen=True)
class _Distribution:
    version: str
    requires: tuple[Requirement, ...]
    info: Path


def listing(files: Iterable[Path]) -> str:
    """Return what is installed, as the lines of a requirements file.

    Args:
        files: Files, with those of the packages' metadata among them.
    """
    installed = _installed(files)
    return "".join(f"{name}=={each.version}\n" for name, each in sorted(installed.items()))


def read(path: Path) -> dict[str, str]:
    """Read the versions of what a runtime brings, from a file of `listing`.

    Raises:
        BuildError: There is no such file, or it holds something else.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise BuildError(
            f"provided: {path} cannot be read, and it should say what the runtime brings: build "
            f"the runtime first.\n{error}"
        ) from error
    versions: dict[str, str] = {}
    for line in filter(None, (line.partition("#")[0].strip() for line in lines)):
        name, equals, version = line.partition("==")
        if not equals or ";" in version:
            raise BuildError(f"provided: {path} has the line {line!r}, and not name==version.")
        versions[canonicalize_name(name.strip())] = version.strip()
    return versions


def leave_out_provided(folder: Path, direct: Iterable[str], provided: Mapping[str, str]) -> None:
    """Delete what a runtime brings from the dependencies of a function.

    That is lambda-runtime, what nothing but lambda-runtime needs, and what the runtime has in the
    same version. What lambda-runtime's extras need stays, unless the runtime has it.

    Args:
        folder: The folder of the installed packages.
        direct: The requirements of the project itself.
        provided: The versions of what the runtime brings beside lambda-runtime, by name.
    """
    installed = _installed(folder.glob("*.dist-info/METADATA"))
    for name in installed.keys() - _needed(installed, direct):
        _delete(folder, installed[name])
    for name, version in provided.items():
        if name in installed and installed[name].version == version:
            _delete(folder, installed[name])


def _needed(installed: Mapping[str, _Distribution], direct: Iterable[str]) -> set[str]:
    """Return the names of what is needed by something else than lambda-runtime."""
    below = {
        canonicalize_name(requirement.name)
        for each in installed.values()
        for requirement in each.requires
    }
    roots = [requirement for line in direct if (requirement := _parsed(line))]
    pending: list[tuple[str, str]] = []
    for each in roots:
        pending += ((canonicalize_name(each.name), extra) for extra in _extras(each))
    pending += [(name, "") for name in installed.keys() - below]  # of groups, say
    seen = set(pending)
    while pending:
        name, extra = pending.pop()
        if name not in installed or (name in _RUNTIME and not extra):
            continue
        for requirement in installed[name].requires:
            if not _asks(requirement, extra):
                continue
            below_it = canonicalize_name(requirement.name)
            found = {(str(below_it), each) for each in _extras(requirement)} - seen
            pending += found
            seen |= found
    return {name for name, _ in seen} - _RUNTIME


def _extras(requirement: Requirement) -> tuple[str, ...]:
    return ("", *requirement.extras)


def _asks(requirement: Requirement, extra: str) -> bool:
    """Tell whether a package needs something: without any extra, or for one."""
    if requirement.marker is None:
        return not extra
    by_extra = "extra" in str(requirement.marker)
    return requirement.marker.evaluate({"extra": extra}) if by_extra else not extra


def _installed(files: Iterable[Path]) -> dict[str, _Distribution]:
    found: dict[str, _Distribution] = {}
    for path in files:
        if path.name != "METADATA" or path.parent.suffix != ".dist-info":
            continue
        fields = HeaderParser().parsestr(path.read_text("utf-8"))
        requires = (_parsed(line) for line in fields.get_all("Requires-Dist", ()))
        found[canonicalize_name(fields["Name"])] = _Distribution(
            fields["Version"], tuple(filter(None, requires)), path.parent
        )
    return found


def _parsed(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:  # a path, or what only uv reads
        return None


def _delete(folder: Path, distribution: _Distribution) -> None:
    record = distribution.info / "RECORD"
    if not record.is_file():
        return
    home = folder.resolve()
    for line in record.read_text("utf-8").splitlines():
        path = folder / line.rsplit(",", 2)[0].strip('"')
        if path.parent.resolve().is_relative_to(home):  # scripts are recorded as if elsewhere
            path.unlink(missing_ok=True)
