"""The dependencies between installed distributions, by their metadata."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Distribution:
    """An installed distribution."""

    version: str
    requires: tuple[Requirement, ...]
    info: Path
    """The folder of its metadata, ``...dist-info``."""


def installed(files: Iterable[Path]) -> dict[str, Distribution]:
    """Return the distributions by their normalized names.

    Args:
        files: Files, with those of the metadata among them.
    """
    found: dict[str, Distribution] = {}
    for path in files:
        if path.name != "METADATA" or path.parent.suffix != ".dist-info":
            continue
        fields = HeaderParser().parsestr(path.read_text("utf-8", "replace"))
        if not fields["Name"] or not fields["Version"]:  # in a layer, there may be anything
            continue
        requires = map(_parsed, fields.get_all("Requires-Dist", ()))
        found[canonicalize_name(fields["Name"])] = Distribution(
            fields["Version"], tuple(filter(None, requires)), path.parent
        )
    return found


def needed(
    distributions: Mapping[str, Distribution],
    direct: Iterable[str],
    is_left_out: Callable[[str, str], bool],
) -> set[str]:
    """Return the names of what is still needed where something is left out.

    Markers of systems and versions are taken to be true, so that too much is needed, and not too
    little.

    Args:
        distributions: All that are installed.
        direct: The requirements of the project itself. A distribution that no other one requires
            counts as one, too.
        is_left_out: Returns True if a distribution is left out, by its name and the requested extra
            of it; empty for the distribution itself.
    """
    pending: list[tuple[str, str]] = []
    for requirement in filter(None, map(_parsed, direct)):
        pending += _asked(requirement)
    below = {name for each in distributions.values() for name in _names(each.requires)}
    pending += ((name, "") for name in distributions.keys() - below)
    seen = set(pending)
    while pending:
        name, extra = pending.pop()
        if name not in distributions or is_left_out(name, extra):
            seen.discard((name, extra))
            continue
        for requirement in distributions[name].requires:
            if _is_for(extra, requirement):
                found = _asked(requirement) - seen
                pending += found
                seen |= found
    return {name for name, _ in seen}


def _names(requirements: Iterable[Requirement]) -> set[str]:
    return {canonicalize_name(each.name) for each in requirements}


def _asked(requirement: Requirement) -> set[tuple[str, str]]:
    name = canonicalize_name(requirement.name)
    return {(name, ""), *((name, canonicalize_name(extra)) for extra in requirement.extras)}


def _is_for(extra: str, requirement: Requirement) -> bool:
    if requirement.marker is None or "extra" not in str(requirement.marker):
        return not extra
    return bool(extra) and requirement.marker.evaluate({"extra": extra})


def _parsed(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:  # a path, or what only uv reads
        return None
