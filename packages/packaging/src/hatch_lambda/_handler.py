"""A check that a handler exists, by the source of its module."""

from __future__ import annotations

import ast
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# A module that uses one of these may have names that its source does not show.
_DYNAMIC = {"globals", "vars", "locals", "exec", "eval", "setattr", "__dict__", "modules"}


class Name(NamedTuple):
    """The name of a handler, in its parts."""

    module: str
    """The module, with dots; empty for a program."""
    attribute: str
    """The name in the module."""
    program: str
    """The file of a program; empty for a function."""

    @property
    def first(self) -> str:
        """The file of a program, or the top-level module of a function."""
        return self.program or self.module.split(".")[0]


def parse(handler: str) -> Name:
    """Return the parts of a handler's name.

    Args:
        handler: ``module.function``, also with slashes; an application, ``module:name``; or a
            program that ends in ``.py``.
    """
    if handler.endswith(".py"):
        return Name("", "", handler)
    if ":" in handler:
        *_, module, attribute = handler.split(":")
    else:
        module, _, attribute = handler.rpartition(".")
    return Name(module.replace("/", "."), attribute, "")


def check(handler: str, files: Mapping[str, Path], *, complete: bool) -> None:
    """Check that a handler is where its name says.

    Args:
        handler: The name.
        files: The function's files and its dependencies', by their names in ``/var/task``.
        complete: True if these are all files; if not, a layer may have the handler.

    Raises:
        BuildError: It is surely missing. A name that the source cannot prove is not an error.
    """
    name = parse(handler)
    if name.program:
        if name.program not in files:
            raise BuildError(
                f"The program {name.program} is not among the function's files: it is excluded, "
                "or git ignores it. Name it with the option artifacts."
            )
        return
    path = name.module.replace(".", "/")
    found = next((own for own in (f"{path}.py", f"{path}/__init__.py") if own in files), None)
    if found:
        _check_name(handler, name, found, files)
    elif not any(own.startswith((f"{path}.", f"{path}/")) for own in files):
        _check_missing(handler, name, files, complete=complete)


def _check_missing(handler: str, name: Name, files: Mapping[str, Path], *, complete: bool) -> None:
    """Raise if the module of a handler cannot be any that its package makes by itself."""
    parents = name.module.split(".")[:-1]
    parent = "/".join(parents)
    for own in (f"{parent}.py", f"{parent}/__init__.py"):
        if own in files and _may_have(files[own], name.module.rpartition(".")[2]):
            return  # a class of it, say
    if not complete and not any(own.split("/")[0].split(".")[0] == name.first for own in files):
        return
    modules = {
        own.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for own in files
        if own.endswith(".py")
    }
    near = nearest(name.module, modules)
    hint = f": did you mean {near}.{name.attribute}?" if near else "."
    raise BuildError(f"There is no module {name.module} for the handler {handler!r}{hint}")


def _check_name(handler: str, name: Name, own: str, files: Mapping[str, Path]) -> None:
    tree = _parsed(files[own])
    if not name.attribute.isidentifier() or tree is None or _is_dynamic(tree):
        return
    names = set(_bound(tree.body)) | _declared_global(tree)
    if name.attribute in names:
        if handler.count(":") == 1 and _takes_event(tree, name.attribute):
            raise BuildError(
                f"The handler {handler!r} has a colon, as web applications do, and"
                f" {name.attribute} is a function that takes an event: did you mean"
                f" {handler.replace(':', '.')}?"
            )
        return
    module = f"{own.removesuffix('__init__.py')}{name.attribute}.py"
    if own.endswith("__init__.py") and module in files:
        inner = sorted(_functions(_parsed(files[module])))
        example = f", such as {handler}.{inner[0]}" if inner else ""
        raise BuildError(f"The handler {handler!r} is a module: name a function of it{example}.")
    functions = _functions(tree)
    prefix = handler.removesuffix(name.attribute)
    near = nearest(name.attribute, names)
    hint = f": did you mean {prefix}{near}?" if near else _listing(functions, prefix)
    raise BuildError(f"{own} has no {name.attribute!r} for the handler {handler!r}{hint}")


def nearest(wrong: str, names: Iterable[str]) -> str:
    """Return the name that is most like a wrong one, or nothing.

    Args:
        wrong: The name that does not exist.
        names: Those that do.
    """
    return next(iter(get_close_matches(wrong, sorted(names), 1)), "")


def _functions(tree: ast.Module | None) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in (tree.body if tree else ()) if isinstance(node, kinds)}


def _takes_event(tree: ast.Module, name: str) -> bool:
    """Return whether a name is that of a function, and not of one that is a web application."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            names = [each.arg.strip("_") for each in (*node.args.posonlyargs, *node.args.args)]
            decorated = bool(node.decorator_list)  # it may be an application by then
            return bool(names) and not decorated and names[0] not in {"scope", "environ"}
    return False


def _listing(functions: Iterable[str], prefix: str) -> str:
    shown = [f"{prefix}{name}" for name in sorted(functions)[:5]]
    return f": its functions are {', '.join(shown)}." if shown else ", and no function at all."


def _parsed(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):  # a newer Python's, or no Python at all: the start says so
        return None


def _may_have(path: Path, name: str) -> bool:
    tree = _parsed(path)
    return tree is None or _is_dynamic(tree) or name in _bound(tree.body)


def _is_dynamic(tree: ast.Module) -> bool:
    """Return whether a module may have names that are not bound by a statement of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return True
        if isinstance(node, ast.Name) and node.id in _DYNAMIC:
            return True
        if isinstance(node, ast.Attribute) and node.attr in _DYNAMIC:
            return True
    return "__getattr__" in _bound(tree.body)


def _bound(body: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that statements bind in their own scope, whatever block they are in."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
            yield from _bound(node.decorator_list)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        yield from _bound(ast.iter_child_nodes(node))


def _declared_global(tree: ast.Module) -> set[str]:
    return {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
