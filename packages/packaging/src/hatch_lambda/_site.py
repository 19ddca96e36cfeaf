"""Find out if Python can start without ``site``, which takes a third of an empty start."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_BUILTINS = {"copyright", "credits", "exit", "help", "license", "quit"}
_WORDS = [name.encode() for name in _BUILTINS]
# A name by itself: neither an attribute nor the argument of a call, ``add_argument(help=...)``.
_MENTION = re.compile(rb"(?<![\w.])(?:%b)\b(?!\s*=(?!=))" % "|".join(sorted(_BUILTINS)).encode())


def reasons_for_site(files: Iterable[Path]) -> list[str]:
    """Return why a function's files need ``site``; nothing if it can be left out.

    Args:
        files: The function's modules, and its dependencies'.

    Returns:
        Sentences, such as that a module uses ``exit``, which only ``site`` defines. Files that end
        in ``.pth`` and ``sitecustomize.py`` do not count: ``site`` does not look for them in the
        folder of a function.
    """
    return [
        f"{path.name} uses {', '.join(sorted(names))}"
        for path in files
        if path.suffix == ".py" and (names := _names(path, path.stat().st_mtime_ns))
    ]


@cache
def _names(path: Path, _modified: int) -> frozenset[str]:
    """Return the names of ``site`` that a module looks up and does not define itself."""
    return _names_in(path.read_bytes())


@cache  # functions with different dependencies have most modules in common
def _names_in(source: bytes) -> frozenset[str]:
    if not any(word in source for word in _WORDS) or not _MENTION.search(source):
        return frozenset()
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):  # a newer Python's: better a slower start than a missing name
        return frozenset({"what cannot be parsed here"})
    names = {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    bound = {
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {
        node.name
        for node in nodes
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    bound |= {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    return frozenset((names & _BUILTINS) - bound)
