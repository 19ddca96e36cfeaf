"""A resolution as ``pylock.toml`` (PEP 751), which uv writes and installs from."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from hashlib import sha256
from re import compile as pattern
from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet

from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Package = dict[str, Any]
_FILE = pattern(r"pylock\.([^.]+\.)?toml")


def is_lock(path: Path) -> bool:
    """Return whether a file is a lock file by its name, as PEP 751 has it.

    Args:
        path: The file.
    """
    return _FILE.fullmatch(path.name) is not None


def read(path: Path) -> list[Package]:
    """Return the packages of a lock file.

    Args:
        path: The file.
    """
    return list(tomllib.loads(path.read_text("utf-8-sig")).get("packages", ()))


def copy(path: Path, target: Path, python: str) -> None:
    """Copy a project's lock file into another folder; paths in it become absolute.

    Args:
        path: The file.
        target: The file to write.
        python: The version of the function's Python.

    Raises:
        BuildError: It is not TOML, or not for this Python.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise BuildError(f"{path} is not a lock file: {error}") from error
    wanted = document.get("requires-python", "")
    if not any(SpecifierSet(wanted).filter([python, f"{python}.99"])):  # 3.12 may be any patch
        raise BuildError(
            f"{path} is for Python {wanted}, and the function's Python is {python}: lock again for "
            "that version, or change the option python."
        )
    packages = document.get("packages", ())
    for package in packages:
        own = (package.get(key) for key in ("archive", "directory", "sdist", "vcs"))
        for place in filter(None, [*own, *package.get("wheels", ())]):
            if "path" in place:
                place["path"] = str(path.parent / place["path"])
    write(target, packages)


def write(path: Path, packages: Iterable[Package]) -> None:
    """Write a lock file.

    Args:
        path: The file, which uv wants to be named ``pylock.toml``.
        packages: The packages in it.
    """
    head = {"lock-version": "1.0", "created-by": "hatch-lambda"}
    write_toml(path, {**head, "packages": list(packages)})


def write_toml(path: Path, document: Mapping[str, Any]) -> None:
    """Write a file of TOML.

    Args:
        path: The file.
        document: The tables and values, as `tomllib` reads them.
    """
    path.write_text("".join(f"{key} = {_toml(own)}\n" for key, own in document.items()), "utf-8")


def is_source(package: Package) -> bool:
    """Return whether a package has no wheel, so that one has to be built."""
    if archive := package.get("archive"):
        return not str(archive.get("url") or archive.get("path")).partition("#")[0].endswith(".whl")
    return "vcs" in package or not package.get("wheels")


def replaced(package: Package, wheel: Path) -> Package:
    """Return a package that comes from a wheel which was built here."""
    kept = {key: own for key, own in package.items() if key in {"name", "version", "marker"}}
    digest = sha256(wheel.read_bytes()).hexdigest()
    return {**kept, "archive": {"path": str(wheel), "hashes": {"sha256": digest}}}


def restricted(package: Package, hashes: Iterable[str]) -> Package:
    """Return a package without the files whose hashes the project does not know.

    Args:
        package: The package.
        hashes: Those that it takes, as ``sha256:...``.

    Raises:
        BuildError: None is left.
    """
    allowed = set(hashes)

    def known(file: Mapping[str, Any]) -> bool:
        return any(f"{name}:{value}" in allowed for name, value in file["hashes"].items())

    wheels = [wheel for wheel in package.get("wheels", ()) if known(wheel)]
    rest = {key: value for key, value in package.items() if key not in {"wheels", "sdist"}}
    if wheels:
        rest["wheels"] = wheels
    if "sdist" in package and known(package["sdist"]):
        rest["sdist"] = package["sdist"]
    if not {"wheels", "sdist"} & rest.keys() and not known(package.get("archive", {"hashes": {}})):
        raise BuildError(
            f"No file of {package['name']} {package.get('version', '')} has a hash that the "
            "requirements name: they were made for other files, or the index has changed them."
        )
    return rest


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(key)} = {_toml(own)}" for key, own in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value)
