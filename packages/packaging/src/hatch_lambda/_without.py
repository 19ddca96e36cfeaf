"""Dependencies that a function does without, with all that only they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ._distributions import installed, needed
from ._handler import nearest
from ._installed import delete
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path


def leave_out(folder: Path, direct: Iterable[str], names: Iterable[str]) -> None:
    """Delete installed distributions, with all that only they need.

    Args:
        folder: The folder of the installed packages.
        direct: The requirements of the project itself.
        names: The names of the distributions, as in ``without``.

    Raises:
        BuildError: One is not there.
    """
    found = installed(folder.glob("*.dist-info/METADATA"))
    require_known(names, found, "among the dependencies")
    unwanted = set(map(canonicalize_name, names))
    wanted = needed(found, direct, lambda name, _: name in unwanted)
    for name in found.keys() - wanted:
        delete(folder, found[name])


def require_known(names: Iterable[str], known: Collection[str], place: str) -> None:
    """Check that packages to leave out are there.

    Args:
        names: The names, as in ``without``.
        known: The normalized names of all packages.
        place: The place of these, for the message.

    Raises:
        BuildError: One is not there; the message has the name that is most like it.
    """
    for name in names:
        if canonicalize_name(name) not in known:
            near = nearest(canonicalize_name(name), known)
            hint = f": did you mean {near}?" if near else ", so it cannot be left out."
            raise BuildError(f"without: {name} is not {place}{hint}")
