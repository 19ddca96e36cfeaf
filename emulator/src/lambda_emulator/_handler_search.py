"""The handlers that the files of a folder have, found in their syntax, without importing them."""

import ast
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_MAX_FILES = 200  # that are read
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "tests", "venv"})


def all_candidates() -> Iterator[str]:
    """Yield the targets in and below the working directory: handlers and programs."""
    yield from handlers_in(Path(), depth=2)


def handlers_in(directory: Path, *, depth: int) -> Iterator[str]:
    """Yield the targets in a folder, and in those below it.

    Args:
        directory: The folder.
        depth: The number of levels below it.
    """
    for path in islice(_python_files(directory, depth), _MAX_FILES):
        if path.name == "__main__.py":
            yield str(path.parent)
            continue
        module = path.parent if path.name == "__init__.py" else path.with_suffix("")
        for name in functions_of(path):
            yield f"{module}.{name}"
        if calls_run(path):
            yield str(path)


def _python_files(directory: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(directory.iterdir())
    except OSError:
        return
    yield from (path for path in entries if path.suffix == ".py" and path.is_file())
    if depth:
        for path in entries:
            if path.is_dir() and path.name not in _SKIPPED and not path.name.startswith("."):
                yield from _python_files(path, depth - 1)


def functions_of(path: Path) -> list[str]:
    """Return the names in a module that may be handlers: of functions, and of what it makes."""
    names: list[str] = []
    for node in parse(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call | ast.Name):
            names += [each.id for each in node.targets if isinstance(each, ast.Name)]
        elif isinstance(node, ast.ImportFrom):
            imported = [alias.asname or alias.name for alias in node.names]
            names += [name for name in imported if "handler" in name]
    return [name for name in names if not name.startswith("_")]


def calls_run(path: Path) -> bool:
    """Return whether a file is a program: one that calls ``run``."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name == "run":
                return True
    return False


def parse(path: Path) -> ast.Module:
    """Return the syntax of a file; of no statement if it cannot be read."""
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def module_of(candidate: str) -> str:
    """Return the module of a handler, with dots."""
    module, _, attribute = candidate.rpartition(".")
    return candidate.removesuffix(".py") if attribute == "py" else module.replace("/", ".")


def is_likely(candidate: str) -> bool:
    """Return whether a handler has such a name as most handlers have."""
    return "handler" in candidate.rpartition(".")[2].lower() or candidate.endswith(".main")
