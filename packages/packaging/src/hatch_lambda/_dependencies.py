"""The function's dependencies, as wheels for the place where it is going to run."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from . import _pylock
from ._bytecode import is_for_this_python
from ._requirements import direct, hashes
from ._resolution import Resolver
from ._target import explain, no_wheel, wheels_only
from ._uv import UvError, run_uv
from ._wheels import build_wheel
from ._without import leave_out
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._options import Options


def install(
    options: Options,
    project: Path,
    folder: Path,
    work: Path,
    python: Path,
    warn: Callable[[str], None],
) -> None:
    """Install the dependencies of a function into a folder.

    Packages that are only there as source, in a folder, in a git repository or on an index, are
    built into wheels first. Nothing is compiled for a package from elsewhere, because that would be
    for this machine.

    Args:
        options: The options, with the target and with what belongs to the function.
        project: The project's folder, whose configuration of uv counts: indexes, their
            credentials, sources, constraints and overrides.
        folder: The folder to install them into.
        work: A folder for wheels that are built, which all functions share.
        python: A Python of the function's version on this machine, which builds wheels.
        warn: Is called with a sentence for each lock file that is not read.

    Raises:
        BuildError: They cannot be resolved, or one has no wheel for the place.
    """
    if is_for_this_python(options):
        python = Path(sys.executable)  # which is whole: an interpreter that is packed may not be
    resolver = Resolver(project)
    for sentence in resolver.unread(options):
        warn(sentence)
    pylock = Path(mkdtemp(prefix="pylock-", dir=work), "pylock.toml")
    resolver.resolve(options, pylock, python)
    packages = [
        _with_wheel(package, pylock.parent, work / f"wheels-{options.minor}", resolver.home, python)
        for package in _pylock.read(pylock)
        if not _is_project(package, pylock.parent, project)
    ]
    if options.requirements:
        known = hashes(project / name for name in options.requirements)
        packages = [
            _pylock.restricted(package, known[package["name"]])
            if package["name"] in known
            else package
            for package in packages
        ]
    _pylock.write(pylock, packages)
    sources = [package["name"] for package in packages if _pylock.is_source(package)]
    try:
        run_uv(
            *("pip", "install", "--quiet", "--requirements", pylock, "--target", folder),
            *("--python", python if sources else sys.executable),
            *wheels_only(options, sources),
            *("--link-mode", "copy"),  # what is stripped must not be uv's own copy
            cwd=resolver.home,
            compilers=False,
            indexes=resolver.indexes(options),
        )
    except UvError as error:
        raise BuildError(explain(str(error), options, sources)) from error
    for name in sources:
        _require_any_machine(name, folder, options)
    if options.requirements and options.without:  # uv prunes only what is locked
        files = [project / name for name in options.requirements]
        leave_out(folder, direct(files), options.without)


def _is_project(package: _pylock.Package, base: Path, project: Path) -> bool:
    """Return whether it is the project itself, as in ``-e .``: its files are the function."""
    if "directory" not in package:
        return False
    return bool((base / package["directory"]["path"]).resolve() == project.resolve())


def _with_wheel(
    package: _pylock.Package, base: Path, wheels: Path, home: Path, python: Path
) -> _pylock.Package:
    """Return a package from a folder as a wheel that is built of it; others as they are."""
    if "directory" not in package:
        archive = package.get("archive", {})
        if "path" in archive:  # which is relative to the file that it is in
            package = {**package, "archive": {**archive, "path": str(base / archive["path"])}}
        return package
    source = (base / package["directory"]["path"]).resolve()
    folder = wheels / source.as_posix().replace("/", "_")
    if not folder.exists():
        build_wheel(source, folder, home, python)
    (wheel,) = folder.glob("*.whl")
    return _pylock.replaced(package, wheel)


def _require_any_machine(name: str, folder: Path, options: Options) -> None:
    """Check that a wheel which was built here runs anywhere."""
    for path in folder.glob("*.dist-info/WHEEL"):
        if canonicalize_name(path.parent.name.split("-")[0]) != name:
            continue
        for line in path.read_text("utf-8").splitlines():
            key, _, tag = line.partition(":")
            if key == "Tag" and not tag.strip().endswith("-none-any"):
                raise BuildError(
                    f"{no_wheel(name, options)}\nIts source builds into a wheel for {tag.strip()}."
                )
