"""The packages that a runtime image or layers bring, so that functions need not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ._distributions import installed, needed
from ._dockerfile import folder as platform_folder
from ._installed import delete
from ._values import ARCHITECTURES
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ._options import Options

# These two are the runtime. It works with its own versions, so a function's must not come first.
_RUNTIME = {"lambda-runtime", "lambda-logging"}


def listing(files: Iterable[Path]) -> str:
    """Return what is installed, as the lines of a requirements file.

    Args:
        files: Files, with those of the packages' metadata among them.
    """
    found = sorted(installed(files).items())
    return "".join(f"{name}=={each.version}\n" for name, each in found)


def read(path: Path) -> dict[str, str]:
    """Read the versions of what a runtime brings, by normalized name.

    Args:
        path: A file of `listing`.

    Raises:
        BuildError: There is no such file, or it holds something else.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise BuildError(
            f"provided: {path} cannot be read. It lists the packages of the runtime: build "
            f"the runtime first.\n{error}"
        ) from error
    versions: dict[str, str] = {}
    for line in filter(None, (line.partition("#")[0].strip() for line in lines)):
        name, equals, version = line.partition("==")
        if not equals or ";" in version:
            raise BuildError(f"provided: {path} has the line {line!r}, and not name==version.")
        versions[canonicalize_name(name.strip())] = version.strip()
    return versions


def runtime_of(options: Options) -> Path | None:
    """Return the folder of a function's runtime, or None: it is beside the file that lists it.

    Args:
        options: The options of the function.
    """
    if options.layout != "function" or options.provided is None:
        return None
    context = options.provided.parent
    places = (context, context / platform_folder(options.architecture, ARCHITECTURES))
    return next((place for place in places if (place / "bootstrap").is_file()), None)


def leave_out_provided(folder: Path, direct: Iterable[str], provided: Mapping[str, str]) -> None:
    """Delete what a runtime brings from the dependencies of a function.

    That is lambda-runtime, what nothing but lambda-runtime needs, and what the runtime has in the
    same version. The dependencies of an extra of lambda-runtime stay, unless the runtime has them.

    Args:
        folder: The folder of the installed packages.
        direct: The requirements of the project itself.
        provided: The versions of what the runtime brings besides lambda-runtime, by name.
    """
    found = installed(folder.glob("*.dist-info/METADATA"))
    wanted = needed(found, direct, lambda name, extra: name in _RUNTIME and not extra) - _RUNTIME
    for name, distribution in found.items():
        if name not in wanted:
            delete(folder, distribution)
    leave_out_same(folder, provided)


def leave_out_same(folder: Path, provided: Mapping[str, str]) -> None:
    """Delete the dependencies of a function that it finds elsewhere in the same version.

    Args:
        folder: The folder of the installed packages.
        provided: The versions of what is elsewhere, by name.
    """
    if not provided:  # mostly: no metadata needs to be read
        return
    for name, distribution in installed(folder.glob("*.dist-info/METADATA")).items():
        if provided.get(name) == distribution.version:
            delete(folder, distribution)
