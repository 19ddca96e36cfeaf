"""The metadata that a program has in its own source (PEP 723): its dependencies, as uv runs it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from .errors import BuildError

if TYPE_CHECKING:
    from pathlib import Path

    from ._options import Options

# https://packaging.python.org/en/latest/specifications/inline-script-metadata/
_BLOCK = re.compile(r"^# /// script\n((?:#(?:| .*)\n)+?)# ///$", re.MULTILINE)


def with_own_dependencies(options: Options, project: Path) -> Options:
    """Return the options with the dependencies that a function's program names itself.

    Args:
        options: The options. Dependencies that they name come before those of the program.
        project: The project's folder.

    Raises:
        BuildError: The metadata cannot be read, or excludes the function's Python.
    """
    handler = options.handler or ""
    if not handler.endswith(".py"):
        return options
    homes = ("", "src") if options.root is None else (options.root,)
    path = next((path for home in homes if (path := project / home / handler).is_file()), None)
    if path is None:
        return options
    try:
        table = _metadata(path)
        versions = SpecifierSet(table.get("requires-python", ""))
    except (tomllib.TOMLDecodeError, InvalidSpecifier, AttributeError) as error:
        raise BuildError(f"{handler}: the block `# /// script` cannot be read: {error}") from error
    if not table:
        return options
    # A minor version is in the range if any of its patches is.
    if not (versions.contains(f"{options.minor}.99") or versions.contains(options.python)):
        raise BuildError(
            f"{handler} says requires-python = {table['requires-python']!r}, and the function's "
            f"Python is {options.python}: change one of them, the latter with the option python."
        )
    if options.dependencies is not None or options.requirements:
        return options
    return replace(options, dependencies=tuple(table.get("dependencies", ())), script=path)


def has_own_settings(program: Path) -> bool:
    """Return whether a program has sources, indexes or a lock file of its own, as uv reads them.

    Args:
        program: The program with inline metadata.
    """
    own_lock = program.with_name(f"{program.name}.lock")
    return own_lock.exists() or "uv" in _metadata(program).get("tool", {})


def indexes(program: Path) -> list[str]:
    """Return the indexes that a program has of its own, as addresses or ``name=address``.

    Args:
        program: The program with inline metadata.
    """
    table = _metadata(program).get("tool", {}).get("uv", {})
    found = [
        f"{each['name']}={each['url']}" if "name" in each else each["url"]
        for each in table.get("index", ())
    ]
    found += [*table.get("extra-index-url", ()), *filter(None, [table.get("index-url")])]
    return [each for each in found if "://" in each]


def _metadata(program: Path) -> dict[str, Any]:
    """Return the table in a program; an empty one if it has none."""
    blocks = _BLOCK.findall(program.read_text("utf-8", "replace"))
    if len(blocks) > 1:
        raise BuildError(f"{program.name} has {len(blocks)} blocks of inline metadata: keep one.")
    return tomllib.loads("".join(line[2:] + "\n" for line in "".join(blocks).splitlines()))
