"""Byte code of the function's Python, so that no cold start compiles anything."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ._elf import inspect, is_elf
from ._uv import UvError, run_uv
from .errors import BuildError

if TYPE_CHECKING:
    from ._options import Options

_MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}
_PROGRAM = """
import sys
from compileall import compile_file
from py_compile import PycInvalidationMode

folder, deployed = sys.argv[1:]
for path in sys.stdin.read().splitlines():
    compile_file(
        path,
        force=True,
        quiet=2,
        stripdir=folder,
        prependdir=deployed,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
"""


def is_for_this_python(options: Options) -> bool:
    """Return whether the function's Python has the minor version of the one that builds it.

    Args:
        options: The options with the version.
    """
    return options.minor == f"{sys.version_info.major}.{sys.version_info.minor}"


def compiler(options: Options, interpreter: Path | None, project: Path) -> Path:
    """Return a Python of this machine whose byte code the function's Python runs.

    Args:
        options: The options with the version.
        interpreter: The folder of a Python, which is taken if it is of that version and runs here.
        project: The folder with uv's configuration.

    Raises:
        BuildError: There is none of that version.
    """
    here = _MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    if interpreter:
        program = interpreter / "bin" / f"python{options.minor}"
        if program.is_file() and is_elf(program) and inspect(program).architecture == here:
            return program
    if is_for_this_python(options):
        return Path(sys.executable)
    show = "import sys; print(sys.executable)"
    try:
        path = run_uv(
            *("run", "--quiet", "--no-project", "--python", options.minor),
            *("python", "-I", "-c", show),
            cwd=project,
        )
    except UvError as error:
        raise BuildError(
            f"Byte code for Python {options.minor} takes a Python {options.minor} on this machine, "
            f"and uv finds none: run `uv python install {options.minor}`.\n{error}"
        ) from error
    return Path(path.strip())


def compile_folder(python: Path, folder: Path, deployed: str, *, columns: bool) -> None:
    """Compile all modules in a folder.

    Lambda's file system is read-only and dates change on the way into it: so Python is set not to
    compare byte code with its source. The bytes depend on the modules that a process has compiled
    before: so the number of processes, and their shares, depend on nothing but the modules.

    Args:
        python: The Python that compiles.
        folder: The folder. Files with syntax errors, such as templates, are left as they are.
        deployed: The same folder in Lambda, for stack traces.
        columns: Whether stack traces mark the part of a line that failed, which takes a quarter of
            the byte code.

    Raises:
        BuildError: The compiler itself does not work.
    """
    modules = sorted(str(path) for path in folder.rglob("*.py"))
    shares = min(4, 1 + len(modules) // 100)
    ranges = () if columns else ("-X", "no_debug_ranges")
    environ = {**_environment(python), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}

    def compile_share(number: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 (no shell, and the arguments are ours)
            [python, "-s", "-S", "-W", "ignore", *ranges, "-c", _PROGRAM, folder, deployed],
            env=environ,
            check=False,
            cwd=folder,
            input="\n".join(modules[number::shares]),
            capture_output=True,
            encoding="utf-8",
        )

    with ThreadPoolExecutor(shares) as pool:
        for result in pool.map(compile_share, range(shares)):
            if result.returncode:
                raise BuildError(f"{python} cannot compile the modules.\n{result.stderr.strip()}")


def _environment(python: Path) -> dict[str, str]:
    """Return variables with which a Python finds its own shared library, and none of its settings.

    A program that is linked to libpython knows the folder that it was built for, which a copy of it
    has left.
    """
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    library = python.resolve().parents[1] / "lib"
    if any(library.glob("libpython*.so*")):
        others = variables.get("LD_LIBRARY_PATH")
        variables["LD_LIBRARY_PATH"] = f"{library}:{others}" if others else str(library)
    return variables


def syntax_error(python: Path, path: Path, deployed: str) -> str:
    """Return the error of a module that has no byte code because of its syntax, or nothing.

    Args:
        python: The Python that compiles.
        path: The module's file.
        deployed: The same file in Lambda.
    """
    if any((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")):
        return ""
    show = "import sys; compile(sys.stdin.buffer.read(), sys.argv[1], 'exec')"
    result = subprocess.run(  # noqa: S603 (no shell, and the arguments are ours)
        [python, "-s", "-S", "-c", show, deployed],
        env=_environment(python),
        input=path.read_bytes(),
        capture_output=True,
        check=False,
    )
    _, _, error = result.stderr.decode(errors="replace").partition("in <module>\n")
    return error.rstrip()
