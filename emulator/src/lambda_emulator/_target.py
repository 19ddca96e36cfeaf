"""Targets: the names by which developers run functions, and the programs they stand for."""

import re
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import NamedTuple

from ._interpreter import Interpreter, own_interpreter
from ._names import is_handler_name, split_application_name

_OLDEST = (3, 11)  # on which lambda-runtime runs


class TargetError(Exception):
    """A target cannot be run; the message is one sentence that says why."""


class FunctionProgram(NamedTuple):
    """The command, directory and environment that start a function.

    Attributes:
        arguments: The command: an executable and its arguments.
        name: A name for the function, within Lambda's rules.
        task_root: The absolute directory of the function's code, ``LAMBDA_TASK_ROOT``.
        handler: The value of ``_HANDLER``. A program that brings its own loop ignores it, as a
            custom runtime may; ``bootstrap`` is what such functions are configured with.
        source: The file that defines the handler, or runs it; None if that is not known.
        interpreter: The Python that runs it.
        directory: The working directory of its process; None for that of the emulator.
    """

    arguments: tuple[str, ...]
    name: str
    task_root: Path
    handler: str = "bootstrap"
    source: Path | None = None
    interpreter: Interpreter = own_interpreter()
    directory: Path | None = None


def find_program(
    target: str, interpreter: Interpreter | None = None, import_paths: Sequence[str] = ()
) -> FunctionProgram:
    """Find the program of a target.

    Args:
        target: A directory with a ``__main__.py``, a ``.py`` file, or the name of a handler as
            ``module.handler`` or ``package/module.handler``, seen from the working directory; of a
            web application, ``module:app``.
        interpreter: The Python that runs it; by default the one that runs this.
        import_paths: More directories with modules that it can import.

    Returns:
        The program. No code of it has been imported.

    Raises:
        TargetError: The target does not exist, or is not a function.
    """
    interpreter = interpreter or own_interpreter()
    path = Path(target)
    main = path / "__main__.py" if path.is_dir() else path
    if not (main.is_file() and main.suffix == ".py"):
        return _find_handler(target, interpreter, import_paths)
    return FunctionProgram(
        (interpreter.executable, target),
        function_name(path),
        main.resolve().parent,
        source=main.resolve(),
        interpreter=interpreter,
    )


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


def _find_handler(
    target: str, interpreter: Interpreter, import_paths: Sequence[str]
) -> FunctionProgram:
    application = split_application_name(target)
    if Path(target).exists() or not (application or is_handler_name(target)):
        raise _no_function(target)
    module = application[0] if application else target.rpartition(".")[0]
    names = module.replace("/", ".").split(".")
    spec = _find_module(names, [str(Path.cwd()), *import_paths, *interpreter.search_path])
    if spec is None:
        raise _no_function(target)
    source = Path(spec.origin) if spec.has_location and spec.origin else None
    if application and target.count(":") == 1:
        from ._target_advice import takes_event

        if takes_event(source, application[1]):  # a handler, with a colon in place of the dot
            raise _no_function(target)
    if not (interpreter.is_own or interpreter.has("lambda_runtime")):
        raise TargetError(
            f"The Python {interpreter.executable} has no lambda-runtime, which runs handlers: "
            + (
                "install it there."
                if interpreter.release >= _OLDEST
                else f"it is {interpreter.version}, and lambda-runtime needs 3.11 or newer."
            )
        )
    return FunctionProgram(
        (interpreter.executable, "-m", "lambda_runtime", target),
        function_name(Path(f"{names[-1]}.py")),
        Path.cwd(),
        handler=target,
        source=source,
        interpreter=interpreter,
    )


def _no_function(target: str) -> TargetError:
    from ._target_advice import advise

    return TargetError(advise(target))


def _find_module(names: list[str], search_path: list[str]) -> ModuleSpec | None:
    """Look for a module without importing its parents, which may take long or fail."""
    spec = None
    search: list[str] | None = search_path
    for name in names:
        # Without its parents in the name, none of them has to be imported.
        spec = None if search is None else PathFinder.find_spec(name, search)
        if spec is None:
            return None
        locations = spec.submodule_search_locations
        search = None if locations is None else list(locations)
    return spec
