"""Modules of dependencies, which are rewritten in place; all code stays in its line."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


def rewrite_modules(
    files: Iterable[Path], change: Callable[[ast.Module, list[bytes]], None]
) -> None:
    """Change the source of modules.

    Args:
        files: Files; those that are not modules, or that do not parse, stay as they are.
        change: Changes the lines of a module, given its tree. It depends on nothing else.
    """
    for path in files:
        if path.suffix == ".py":
            path.write_bytes(_rewritten(path.read_bytes(), change))


@cache  # functions with different dependencies have most modules in common
def _rewritten(source: bytes, change: Callable[[ast.Module, list[bytes]], None]) -> bytes:
    try:
        source.decode()
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # another encoding is a ValueError, too
        return source
    lines = source.splitlines(keepends=True)
    change(tree, lines)
    return b"".join(lines)
