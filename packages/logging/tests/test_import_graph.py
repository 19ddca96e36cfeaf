"""Modules are on floors: no module leads back to itself, by any kind of import."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import lambda_logging

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(lambda_logging.__file__).parent


def test_no_module_leads_back_to_itself() -> None:
    graph = import_graph(PACKAGE)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" <- ".join(error.args[1])) from None


def test_the_graph_holds_imports_of_every_kind() -> None:
    graph = import_graph(PACKAGE)
    assert set(graph) == {path.stem for path in PACKAGE.glob("*.py")}
    assert "_settings" in graph["_writer"]  # at the top of a module
    assert "_console" in graph["_writer"]  # in a function
    assert "_protocols" in graph["_sink"]  # for type checkers
    assert "_stdlib" in graph["_config"]  # by a name in a string
    assert "_log" in graph["__init__"]


def import_graph(package: Path) -> dict[str, set[str]]:
    """Return the modules of a package, and which of the others each of them names.

    Imports in functions and those for type checkers count, and so do strings that name a module:
    modules are loaded by them, too.

    Args:
        package: The folder of a package without folders in it.
    """
    paths = {path.stem: path for path in package.glob("*.py")}
    return {
        module: {name for name in named(path, package.name) if name in paths and name != module}
        for module, path in paths.items()
    }


def named(path: Path, package: str) -> Iterator[str]:
    """Yield every name in a module that may be another module's."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            inside = node.module or ""
            if not node.level:
                if inside.partition(".")[0] != package:
                    continue
                inside = inside.removeprefix(package).removeprefix(".")
            if inside:
                yield inside
            else:
                yield from (alias.name for alias in node.names)
                if any(not (path.parent / f"{alias.name}.py").exists() for alias in node.names):
                    yield "__init__"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == package:
                    yield alias.name.partition(".")[2] or "__init__"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.removeprefix(package).removeprefix(".")
