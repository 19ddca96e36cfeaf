"""Comments, which stay out of dependencies where nothing reads source."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ._rewrite import rewrite_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_STRINGS: tuple[type[ast.expr], ...] = (ast.JoinedStr, getattr(ast, "TemplateStr", ast.JoinedStr))


def leave_out_comments(files: Iterable[Path]) -> None:
    """Take the comments out of modules; all code stays in its line.

    Those above the first statement stay: they may hold the encoding and the license.

    Args:
        files: Files; those that are not modules, or that do not parse, stay as they are.
    """
    rewrite_modules(files, _remove_comments)


def _remove_comments(tree: ast.Module, lines: list[bytes]) -> None:
    strings: dict[int, list[tuple[int, int]]] = {}
    for number, start, end in _strings(tree, lines):
        strings.setdefault(number, []).append((start, end))
    first = tree.body[0].lineno if tree.body else len(lines) + 1
    for number, line in enumerate(lines[first - 1 :], first):
        at = line.find(b"#")
        while at >= 0 and any(start <= at < end for start, end in strings.get(number, ())):
            at = line.find(b"#", at + 1)
        if at >= 0:
            lines[number - 1] = line[:at].rstrip() + line[len(line.rstrip(b"\r\n")) :]


def _strings(tree: ast.Module, lines: Sequence[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield the place of each string in each of its lines: its number, the start and the end."""
    for node in ast.walk(tree):
        if not isinstance(node, _STRINGS) and not (
            isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
        ):
            continue
        last = node.end_lineno or node.lineno
        for number in range(node.lineno, last + 1):
            length = len(lines[number - 1])
            yield (
                number,
                node.col_offset if number == node.lineno else 0,
                (node.end_col_offset or length) if number == last else length,
            )
