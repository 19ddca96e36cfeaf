"""Targets: the names by which developers run functions, and the programs they stand for."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

# Lambda's API takes handlers without white space; a colon is for other things.
_NOT_IN_HANDLERS = re.compile(r"[\s:\x00-\x1f\x7f]")


class TargetError(Exception):
    """A target cannot be run; the message is one sentence that says why."""


@dataclass(frozen=True)
class FunctionProgram:
    """How to start a function.

    Attributes:
        arguments: The command: an executable and its arguments.
        name: A name for the function, within Lambda's rules.
        task_root: The absolute directory of the function's code, ``LAMBDA_TASK_ROOT``.
        handler: The value of ``_HANDLER``. A program that brings its own loop ignores it, as a
            custom runtime may; ``bootstrap`` is what such functions are configured with.
    """

    arguments: tuple[str, ...]
    name: str
    task_root: Path
    handler: str = "bootstrap"


def find_program(target: str, import_paths: Sequence[str] = ()) -> FunctionProgram:
    """Find the program of a target.

    Args:
        target: A directory with a ``__main__.py``, a ``.py`` file, or the name of a handler as
            ``module.handler`` or ``package/module.handler``, seen from the working directory.
        import_paths: More directories with modules that it can import.

    Returns:
        The program. Nothing of it has been imported.

    Raises:
        TargetError: The target does not exist, or is not a function.
    """
    path = Path(target)
    if path.is_dir():
        if not (path / "__main__.py").is_file():
            raise TargetError(
                f"The directory {target!r} has no __main__.py: add one that calls"
                " lambda_runtime.run(handler), or name the handler as module.handler."
            )
        return FunctionProgram((sys.executable, target), function_name(path), path.resolve())
    if path.is_file():
        if path.suffix != ".py":
            raise TargetError(f"The file {target!r} is not a Python program: name a .py file.")
        return FunctionProgram((sys.executable, target), function_name(path), path.resolve().parent)
    return _find_handler(target, import_paths)


def function_name(path: Path) -> str:
    """Make a function's name from a path: that of the file, or of the directory that is run.

    Args:
        path: A Python file, a ``__main__.py``, or a directory.

    Returns:
        The name, of the characters that Lambda allows.
        https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    """
    path = path.resolve()
    if path.name == "__main__.py":
        path = path.parent
    stem = path.stem if path.suffix == ".py" else path.name
    return re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-")[:64] or "function"


def _find_handler(target: str, import_paths: Sequence[str]) -> FunctionProgram:
    module, _, attribute = target.rpartition(".")
    names = module.replace("/", ".").split(".")
    # As Lambda: a module that no import statement could name can be imported all the same.
    if attribute == "py" or not attribute.isidentifier() or not all(map(_is_module, names)):
        raise TargetError(
            f"There is no {target!r}: name a directory with a __main__.py, a .py file,"
            " or a handler as module.handler."
        )
    if not _is_importable(names, import_paths):
        raise TargetError(
            f"There is no module {module!r} for the handler {target!r}:"
            " run from the directory that holds it, or install it."
        )
    return FunctionProgram(
        (sys.executable, "-m", "lambda_runtime", target),
        function_name(Path(f"{names[-1]}.py")),
        Path.cwd(),
        handler=target,
    )


def _is_module(name: str) -> bool:
    return bool(name) and not _NOT_IN_HANDLERS.search(name)


def _is_importable(names: list[str], import_paths: Sequence[str]) -> bool:
    """Look for a module without importing its parents, which may take long or fail."""
    search: list[str] | None = [str(Path.cwd()), *import_paths, *sys.path]
    for name in names:
        # Without its parents in the name, none of them has to be imported.
        spec = None if search is None else PathFinder.find_spec(name, search)
        if spec is None:
            return False
        locations = spec.submodule_search_locations
        search = None if locations is None else list(locations)
    return True
