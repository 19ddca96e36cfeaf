"""Docstrings, which stay out of dependencies where nothing reads them."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from ._elf import is_elf
from ._rewrite import rewrite_modules

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_DOC = "__doc__"
# Functions and modules that read docstrings, or the source that they are in.
_READERS = {
    *("cleandoc", "docopt", "doctest", "getcomments", "getdoc", "getsource", "getsourcelines"),
    "pydoc",
}
_HAVE_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def reads_docstrings(files: Iterable[Path]) -> bool:
    """Return True if any code may read a docstring.

    Args:
        files: The files of an archive; binaries count if they have the name ``__doc__``.
    """
    return any(map(_reads, files))


def _reads(path: Path) -> bool:
    if path.suffix != ".py":
        return is_elf(path) and _DOC.encode() in path.read_bytes()
    return _source_reads(path.read_bytes())


@cache  # functions with different dependencies have most modules in common
def _source_reads(source: bytes) -> bool:
    if not any(word.encode() in source for word in (_DOC, *_READERS)):
        return False
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # a template, or a newer Python's
        return True
    return any(map(_is_reading, ast.walk(tree)))


def _is_reading(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name, ctx=ast.Load()):
            return name == _DOC or name in _READERS
        case ast.Import(names=names):
            return any(each.name in _READERS for each in names)
        case ast.ImportFrom(module=module, names=names):
            return module in _READERS or any(each.name in _READERS for each in names)
        case ast.Call(args=arguments):  # getattr, attrgetter
            return any(isinstance(each, ast.Constant) and each.value == _DOC for each in arguments)
        case ast.Subscript(slice=ast.Constant(value=key)):
            return key == _DOC
        case _:
            return False


def leave_out_docstrings(files: Iterable[Path]) -> None:
    """Take the docstrings out of modules; all other code stays in its line.

    Args:
        files: Files; those that are not modules, or that do not parse, stay as they are.
    """
    rewrite_modules(files, _remove_docstrings)


def _remove_docstrings(tree: ast.Module, lines: list[bytes]) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, _HAVE_DOCSTRINGS) or ast.get_docstring(node, clean=False) is None:
            continue
        if isinstance(node, ast.ClassDef) and node.decorator_list:
            continue  # a dataclass without one makes one up, which takes time
        statement = node.body[0]
        start, end = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
        before = lines[start][: statement.col_offset]
        after = lines[end][statement.end_col_offset :].strip()
        if before.strip() or after[:1] not in {b"", b"#"}:
            continue  # other code is in the same line
        lines[start : end + 1] = [b"\n"] * (end + 1 - start)
        if len(node.body) == 1 and node is not tree:
            lines[start] = before + b"pass\n"
