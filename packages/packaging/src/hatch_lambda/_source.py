"""Checks of a function that read its source, and start nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from . import _handler
from ._bytecode import syntax_error
from ._check import MANAGED
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ._function import Function
    from ._options import Options


def check_source(
    options: Options, function: Function, code: Mapping[str, Path], python: Path
) -> list[str]:
    """Check that the handler is there, that Python can read it, and that its imports are there.

    Args:
        options: The options of the function.
        function: The files, and what they import.
        code: The files of the function, its dependencies and its layers, by their names where
            Python imports them from.
        python: A Python of its version.

    Returns:
        A sentence about each import that is missing, and of the selection of files.

    Raises:
        BuildError: The handler is surely not there, or its module is not Python.
    """
    handler = options.handler or ""
    complete = options.layout != "function" and (
        "dependencies" in options.parts or bool(options.layers)
    )
    _handler.check(handler, code, complete=complete)
    name = _handler.parse(handler)
    path = name.program or f"{name.module.replace('.', '/')}.py"
    if path in function.files and (error := syntax_error(python, code[path], f"/var/task/{path}")):
        raise BuildError(f"{path} is not Python {options.minor}:\n{error}")
    for own in function.files:
        package = own.removesuffix(".py")
        if own.endswith(".py") and f"{package}/__init__.py" in code.keys() - function.files.keys():
            raise BuildError(
                f"{own} is hidden by a package of the dependencies with that name, which Python "
                f"imports in its place: rename {own}."
            )
    if not complete:
        return function.warnings
    there = {own.split("/")[0].split(".")[0] for own in code} | sys.stdlib_module_names
    # Modules that a change of sys.path may reach are not missing: the start says so, if they are.
    there |= {own.rpartition("/")[2].removesuffix(".py") for own in function.files}
    if options.runtime.startswith("python"):
        there |= MANAGED
    return [
        *function.warnings,
        *(
            f"{importer} imports {module}, which is not in the archive: it is not among the "
            f"project's modules or the function's {_sources(options)}."
            for module, importer in function.imports.items()
            if module not in there
        ),
    ]


def _sources(options: Options) -> str:
    return "dependencies or layers" if options.layers else "dependencies"
