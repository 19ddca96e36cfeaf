"""The imports of the packages, read from their source: which module imports what, and when.

Imports in functions and those for type checkers count too, and so do modules that are named in a
string: ``__import__("package.module")``, ``sys.modules.get("package._module")`` and tables of
modules that a package loads on demand.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from scripts.workspace import members

if TYPE_CHECKING:
    from pathlib import Path

When = Literal["start", "call", "types", "table"]

_LOADERS = {"__import__", "import_module", "find_spec"}
_DOTTED = re.compile(r"\.?[A-Za-z_]\w*(\.\w+)*")


@dataclass(frozen=True)
class Import:
    """One import, or one use of something private in what is imported.

    Attributes:
        source: The module that imports.
        target: The module that is imported, by its full name.
        name: The name that is imported from it; empty for the module itself.
        line: The line in the source.
        when: At the start of the module, when a function is called, only for type checkers, or when
            a function looks the module up in a table.
    """

    source: str
    target: str
    name: str
    line: int
    when: When

    @property
    def package(self) -> str:
        """The package that is imported."""
        return self.target.partition(".")[0]

    @property
    def is_private(self) -> bool:
        """True if the module, or the name in it, begins with an underscore."""
        return any(
            part.startswith("_") and not part.endswith("__")
            for part in f"{self.target}.{self.name}".split(".")
        )

    def __str__(self) -> str:
        name = f".{self.name}" if self.name else ""
        return f"{self.source}:{self.line} -> {self.target}{name} ({self.when})"


@cache
def packages() -> dict[str, dict[str, Path]]:
    """Return the modules of each package of the workspace: paths by full name."""
    found: dict[str, dict[str, Path]] = {}
    for member in members().values():
        if member.is_released:
            folder = member.version_file.parent
            found[member.module] = {
                _module_name(member.module, path.relative_to(folder)): path
                for path in sorted(folder.rglob("*.py"))
                if "templates" not in path.relative_to(folder).parts  # the code of new projects
            }
    return found


def _module_name(package: str, path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join((package, *(part for part in parts if part != "__init__")))


@cache
def imports_of(package: str) -> tuple[Import, ...]:
    """Return the imports of all modules of a package, of its own modules and of others.

    Args:
        package: The name to import.
    """
    modules = packages()[package]
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in modules.items()}
    tables = {
        (name, target.id): _strings(node)
        for name, tree in trees.items()
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    return tuple(
        found
        for name, tree in trees.items()
        for found in imports_in(tree, name, modules[name].name == "__init__.py", tables)
    )


def imports_in(
    tree: ast.Module,
    module: str,
    is_package: bool = False,
    tables: dict[tuple[str, str], list[str]] | None = None,
) -> list[Import]:
    """Return the imports of one module.

    Args:
        tree: The source.
        module: The full name.
        is_package: True for the ``__init__`` of a package.
        tables: The strings in what modules of the package assign, by module and name.
    """
    reader = _Reader(module, module if is_package else module.rpartition(".")[0])
    reader.visit(tree)
    if reader.loads_by_table:
        named = _strings(tree)
        for found in list(reader.found):
            named += (tables or {}).get((found.target, found.name), [])
        reader.add_table(named)
    return list(dict.fromkeys(reader.found))


def _strings(tree: ast.AST) -> list[str]:
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@dataclass
class _Reader(ast.NodeVisitor):
    """Collects the imports of one module."""

    module: str
    package: str
    when: When = "start"
    found: list[Import] = field(default_factory=list[Import])
    loads_by_table: bool = False
    loaded: set[ast.AST] = field(default_factory=set[ast.AST])
    """The strings of the calls that import."""
    bound: dict[str, str] = field(default_factory=dict[str, str])
    """The full names of what other packages' imports bind, by name here."""

    def _add(self, node: ast.AST, target: str, name: str = "") -> None:
        self.found.append(Import(self.module, target, name, getattr(node, "lineno", 0), self.when))

    def _add_named(self, node: ast.AST, dotted: str) -> None:
        """Add an import of a module, or of a name in a module, whichever the dots lead to."""
        target, _, name = dotted.rpartition(".")
        if not target or is_module(dotted) or not is_module(target):
            target, name = dotted, ""
        self._add(node, target, name)

    def add_table(self, names: list[str]) -> None:
        """Add the package's modules that a function imports by the names in a table."""
        self.when = "table"
        for name in names:
            dotted = f"{self.package}.{name.removeprefix('.')}"
            if dotted != self.module and is_module(dotted):
                self._add(ast.Pass(), dotted)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(node, alias.name)
            bound = alias.name if alias.asname else alias.name.partition(".")[0]
            self.bound[alias.asname or bound] = bound

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        origin = self._resolved("." * node.level + (node.module or ""))
        for alias in node.names:
            self._add_named(node, f"{origin}.{alias.name}")
            self.bound[alias.asname or alias.name] = f"{origin}.{alias.name}"

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING":
            self._visit_at("types", node.body)
            self._visit_at(self.when, node.orelse)
        else:
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for child in (*node.decorator_list, node.args):
            self.visit(child)
        self._visit_at("call", node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 (ast's name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_at("call", [node.body])

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # else it is a docstring
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func)
        if called.rpartition(".")[2] in _LOADERS and node.args:
            self._load(node.args[0])
        elif called == "sys.modules.get":
            self.loaded.add(node.args[0])
            self._add_string(node.args[0])
        elif called == "getattr" and isinstance(node.args[1], ast.Constant):
            self._use(node.args[0], str(node.args[1].value))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if ast.unparse(node.value) == "sys.modules":
            self.loaded.add(node.slice)
            self._add_string(node.slice)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._use(node.value, node.attr)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        names_module = "." in str(node.value)[1:] and not str(node.value).startswith(".")
        if names_module and node not in self.loaded:
            before = self.when
            self.when = "table" if before == "start" else before  # by itself it imports nothing
            self._add_string(node)
            self.when = before

    def _load(self, node: ast.expr) -> None:
        """Add what is imported by a call."""
        self.loaded.add(node)
        if not isinstance(node, ast.Constant):
            self.loads_by_table = True
        elif str(node.value).partition(".")[0] in {"", *packages()}:
            self._add_string(node)
        else:
            self._add(node, str(node.value))

    def _add_string(self, node: ast.expr) -> None:
        """Add the module of ours that a string names."""
        value = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(value, str) or not _DOTTED.fullmatch(value.rstrip(".")):
            return
        dotted = self._resolved(value.rstrip("."))
        first, _, rest = dotted.partition(".")
        if first in packages() and (not rest or rest.startswith("_") or is_module(dotted)):
            self._add_named(node, dotted)

    def _use(self, value: ast.expr, attribute: str) -> None:
        """Add what is private in another package and used through one of its names."""
        chain = ast.unparse(value)
        root, dot, rest = chain.partition(".")
        full = self.bound.get(root, "") + dot + rest
        other = full.partition(".")[0]
        is_ours = other in packages() and other != self.module.partition(".")[0]
        if is_ours and attribute.startswith("_") and not attribute.endswith("__"):
            self._add(value, full, attribute)

    def _resolved(self, name: str) -> str:
        dots = len(name) - len(name.lstrip("."))
        if not dots:
            return name
        parts = self.package.split(".")
        return ".".join((*parts[: len(parts) - dots + 1], *filter(None, [name[dots:]])))

    def _visit_at(self, when: When, nodes: list[Any]) -> None:
        before = self.when
        self.when = before if before == "types" else when
        for node in nodes:
            self.visit(node)
        self.when = before


def is_module(name: str) -> bool:
    """Return True if a module of the workspace has this full name."""
    return name in packages().get(name.partition(".")[0], {})
