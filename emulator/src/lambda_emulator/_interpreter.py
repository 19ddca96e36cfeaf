"""The Python that functions run with: the emulator's own, the project's, or one that is named."""

import os
import sys
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

# Asks another Python for its version, and where it looks for modules.
_QUESTION = (
    "import json, sys;"
    ' print(json.dumps([sys.version.partition(" ")[0], [each for each in sys.path if each]]))'
)
_LIMIT = 30  # seconds for the answer


class InterpreterError(ValueError):
    """A Python cannot be used; the message says why."""


class Interpreter(NamedTuple):
    """A Python.

    Attributes:
        executable: The path.
        version: The version, such as ``3.13.1``.
        search_path: The folders in which it looks for modules.
    """

    executable: str
    version: str
    search_path: tuple[str, ...]

    @property
    def is_own(self) -> bool:
        """True if it is the interpreter that runs the emulator."""
        return self.executable == sys.executable

    @property
    def release(self) -> tuple[int, ...]:
        """The first two numbers of the version."""
        return tuple(map(int, self.version.split(".")[:2]))

    def has(self, module: str) -> bool:
        """Return whether it finds a module.

        Args:
            module: A name without dots.
        """
        return PathFinder.find_spec(module, self.search_path) is not None


def own_interpreter() -> Interpreter:
    """Return the Python that runs the emulator."""
    return Interpreter(sys.executable, sys.version.partition(" ")[0], tuple(sys.path))


def find_interpreter(path: str | Path | None) -> Interpreter:
    """Return the Python for a function.

    Args:
        path: A Python, a version such as ``3.13``, or a virtual environment. None for the one of
            the project, if that has lambda-runtime and the emulator is installed elsewhere, as by
            ``uv tool install``; else for the emulator's own.

    Raises:
        InterpreterError: There is no such Python, or it does not work.
    """
    if path is None:
        project = _project_environment()
        if project is None:
            return own_interpreter()
        found = _ask(str(project / "bin" / "python"))
        return found if found.has("lambda_runtime") else own_interpreter()
    given = Path(path).expanduser()
    if given.is_dir():
        executable = given / "bin" / "python"
        if not executable.is_file():
            raise InterpreterError(
                f"There is no Python in {str(path)!r}: name a virtual environment,"
                " or a Python itself."
            )
        given = executable
    if given.parent == Path() and not given.is_file():
        from shutil import which

        given = Path(which(given) or which(f"python{path}") or given)
    if not given.is_file():
        raise InterpreterError(f"There is no Python {str(path)!r}: name one with --python PATH.")
    # Not resolved: the link is what makes it the virtual environment's.
    executable_path = os.path.abspath(given)  # noqa: PTH100
    return own_interpreter() if executable_path == sys.executable else _ask(executable_path)


def _project_environment() -> Path | None:
    """Return the virtual environment of the project, unless the emulator runs in another."""
    active = [os.environ.get(name) for name in ("VIRTUAL_ENV", "CONDA_PREFIX")]
    own = Path(sys.prefix).resolve()
    homes = [Path(each).resolve() for each in active if each]
    if own in homes:
        return None
    if active[0] and (Path(active[0]) / "bin" / "python").is_file():
        return Path(active[0])
    here = Path.cwd()
    for directory in (here, *here.parents):
        environment = directory / ".venv"
        if (environment / "bin" / "python").is_file():
            return None if environment.resolve() == own else environment
    return None


@cache
def _ask(executable: str) -> Interpreter:
    import json
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 (the user has named it)
            [executable, "-c", _QUESTION],
            capture_output=True,
            text=True,
            check=True,
            timeout=_LIMIT,
            stdin=subprocess.DEVNULL,
        )
        version, search_path = json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().rpartition("\n")[2] or f"exit status {error.returncode}"
        raise InterpreterError(f"{executable!r} does not work as a Python: {reason}") from error
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise InterpreterError(f"{executable!r} does not work as a Python: {error}") from error
    return Interpreter(executable, version, tuple(search_path))
