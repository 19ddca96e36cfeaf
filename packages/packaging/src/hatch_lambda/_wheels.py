"""Wheels of packages that are there as source."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from typing import TYPE_CHECKING

from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ._uv import UvError, run_uv
from .errors import BuildError

if TYPE_CHECKING:
    from pathlib import Path


def build_wheel(source: Path, folder: Path, home: Path, python: Path) -> None:
    """Build the wheel of a package.

    Args:
        source: The package's folder.
        folder: The folder for the wheel; it is made.
        home: The folder whose configuration of uv counts.
        python: A Python of the function's version, for packages with compiled modules.

    Raises:
        BuildError: It cannot be built.
    """
    if _is_plain(source) and _build_here(source, folder):
        return
    try:  # not quietly, as the output has the reason of a failure
        run_uv("build", "--wheel", "--python", python, "--out-dir", folder, source, cwd=home)
    except UvError as error:
        raise BuildError(f"{source} cannot be built into a wheel.\n{error}") from error


def _is_plain(source: Path) -> bool:
    """Return whether hatchling alone builds a package, and runs none of the package's own code.

    An environment for it takes longer than its build.
    """
    try:
        config = tomllib.loads((source / "pyproject.toml").read_text("utf-8"))
        system = config["build-system"]
        requires = [Requirement(line) for line in system["requires"]]
    except (OSError, KeyError, InvalidRequirement, ValueError):
        return False
    hatch = config.get("tool", {}).get("hatch", {})
    build = hatch.get("build", {})
    return (
        system.get("build-backend") == "hatchling.build"
        and "backend-path" not in system
        and all(_is_this_hatchling(each) for each in requires)
        and hatch.get("version", {}).get("source", "regex") == "regex"
        and not hatch.get("metadata", {}).get("hooks")
        and not build.get("hooks")
        and not build.get("targets", {}).get("wheel", {}).get("hooks")
        and not (source / "hatch.toml").exists()
    )


def _is_this_hatchling(requirement: Requirement) -> bool:
    return (
        canonicalize_name(requirement.name) == "hatchling"
        and requirement.url is None
        and requirement.specifier.contains(version("hatchling"), prereleases=True)
    )


def _build_here(source: Path, folder: Path) -> bool:
    """Build a wheel with this process's hatchling, and return whether that has worked."""
    try:
        builder = WheelBuilder(str(source))
        if builder.config.dependencies:
            return False
        return bool(list(builder.build(directory=str(folder), versions=["standard"])))
    except (OSError, TypeError, ValueError):  # uv says what is wrong
        return False
