"""The needs of a module, by its source: modules that it imports, and files that it reads."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# A module with one of these may read files whose names look like any other word.
_READS = re.compile(
    rb"__file__|LAMBDA_TASK_ROOT|\bresources\b|\bopen\(|\bPath\(|_text\(|_bytes\(|Loader\("
)
_PATH = re.compile(r"\w[\w.@+ -]*(/\w[\w.@+ -]*)*")
_LONGEST_PATH = 200
# "polls.apps.PollsConfig", "shop.tasks:run"; and the start of a name that is built: "plugins.".
_NAME = re.compile(r"([^\W\d]\w*(?:\.\w+)+)(?::\w+)?")
_PREFIX = re.compile(r"([^\W\d]\w*(?:\.\w+)*\.)(?:%s|\{\w*\})?")
_BUILDS_NAMES = re.compile(rb"\b(?:import_module|__import__|resolve_name|import_string)\b")
_FILLED_IN = re.compile(r"[*?\[{%]")
_CATCHING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


@dataclass(frozen=True)
class Source:
    """The needs of a module."""

    imports: dict[str, bool] = field(default_factory=dict)
    """The full names of modules that it may import. Of ``from a import b`` there are ``a``, and
    ``a.b``, which may be a module. True if it does not start, or fails later, without: if the
    import is not in a ``try`` and its name is surely a module's."""
    paths: tuple[str, ...] = ()
    """Strings that may be paths of files or folders."""
    names: tuple[str, ...] = ()
    """Strings that may be names of modules, or of what is in them; those of packages any of whose
    modules may be imported end in a dot."""


def read(path: Path, package: Sequence[str]) -> Source:
    """Read the source of a module.

    Args:
        path: The file. One that cannot be parsed imports nothing.
        package: The names of its package, for relative imports.
    """
    source = path.read_bytes()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return Source()
    imports: dict[str, bool] = {}
    for name, required in _imports(tree, list(package), required=True):
        imports[name] = imports.get(name, False) or required
    paths = dict.fromkeys(_paths(tree))
    if not _READS.search(source):  # a library may read them: joblib.load("model.joblib")
        paths = {path: None for path in paths if "." in path or "/" in path}
    names = _NAME.fullmatch, *([_PREFIX.fullmatch] if _BUILDS_NAMES.search(source) else [])
    found = (match[1] for text in _strings(tree) for may in names if (match := may(text)))
    return Source(imports, tuple(paths), tuple(dict.fromkeys(found)))


def _imports(node: ast.AST, package: list[str], *, required: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name, required) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else []
        home = ".".join([*base, *([node.module] if node.module else [])])
        if home:  # else the import is relative to no package, and fails
            yield home, required
        yield from ((f"{home}.{alias.name}", False) for alias in node.names if alias.name != "*")
    elif isinstance(node, ast.Call) and _named(node.func) in {"import_module", "__import__"}:
        name = node.args[0] if node.args else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            level = len(name.value) - len(name.value.lstrip("."))
            base = package[: len(package) - level + 1] if level else []
            yield ".".join([*base, name.value[level:]]), False
    if isinstance(node, ast.If) and _named(node.test) == "TYPE_CHECKING":
        children: list[ast.stmt] = node.orelse
    elif isinstance(node, ast.Try) and any(map(_catches_import_errors, node.handlers)):
        for child in node.body:
            yield from _imports(child, package, required=False)
        children = [*node.handlers, *node.orelse, *node.finalbody]  # type: ignore[list-item]
    elif isinstance(node, ast.With) and any(map(_suppresses_import_errors, node.items)):
        for child in node.body:
            yield from _imports(child, package, required=False)
        children = []
    else:
        children = list(ast.iter_child_nodes(node))  # type: ignore[arg-type]
    required = required and not isinstance(node, (ast.If, ast.ExceptHandler))
    for child in children:
        yield from _imports(child, package, required=required)


def _catches_import_errors(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or _named(kind) in _CATCHING for kind in kinds)


def _suppresses_import_errors(item: ast.withitem) -> bool:
    call = item.context_expr
    return (
        isinstance(call, ast.Call)
        and _named(call.func) == "suppress"
        and any(_named(kind) in _CATCHING for kind in call.args)
    )


def _named(node: ast.AST) -> str:
    """Return the last name of ``name`` or ``module.name``, or nothing."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _paths(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            found = [node.value] if isinstance(node.value, str) else []
        elif isinstance(node, ast.JoinedStr):  # what is filled in ends a part of it
            constants = [part.value for part in node.values if isinstance(part, ast.Constant)]
            found = [f"{value}*" for value in constants if isinstance(value, str)]
        else:
            continue
        for value in found:
            if len(value) <= _LONGEST_PATH:
                yield from _path(value)


def _path(text: str) -> Iterator[str]:
    """Yield the path that a string may be, or the folder of the files that a pattern stands for."""
    whole = text.removeprefix("./").removeprefix("/")
    path = _FILLED_IN.split(whole, maxsplit=1)[0]
    if path != whole or path.endswith("/"):
        path = path.rpartition("/")[0]
    if _PATH.fullmatch(path):
        yield path
