"""Byte code of the function's Python, so that no cold start compiles anything."""

from __future__ import annotations

import os
import platform
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from . import _cache
from ._elf import inspect, is_elf
from ._files import files_in, units
from ._uv import UvError, run_uv
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ._options import Options

_MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}
_LENGTH = struct.Struct("<L")
# Byte code depends a little on what its process has compiled before: so each unit has a process of
# its own, which is a copy of one that has compiled nothing.
_PROGRAM = """
import os, sys
from py_compile import PycInvalidationMode, PyCompileError, compile

folder, deployed = sys.argv[1:]
for unit in sys.stdin.buffer.read().decode().split("\\0\\0"):
    child = os.fork()
    if child:
        if os.waitpid(child, 0)[1]:
            sys.exit("A process that compiles has ended.")
        continue
    for name in unit.split("\\0"):
        try:
            compile(
                os.path.join(folder, name),
                dfile=os.path.join(deployed, name),
                doraise=True,
                invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
            )
        except PyCompileError:  # a template, say
            pass
    os._exit(0)
"""
_IDENTITY = "import sys; print(sys.implementation.cache_tag, sys.version)"


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
        BuildError: There is no Python of that version.
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
            f"Byte code for Python {options.minor} needs a Python {options.minor} on this machine, "
            f"and uv finds none: run `uv python install {options.minor}`.\n{error}"
        ) from error
    return Path(path.strip())


def compile_folder(python: Path, folder: Path, deployed: str, *, columns: bool) -> None:
    """Compile all modules in a folder, except those that have been compiled before.

    Lambda's file system is read-only and dates change on the way into it: so Python is set not to
    compare byte code with its source.

    Args:
        python: The Python that compiles.
        folder: The folder. Files with syntax errors, such as templates, are left as they are.
        deployed: The same folder in Lambda, for stack traces.
        columns: True if stack traces mark the part of a line that failed, which takes a quarter of
            the byte code.

    Raises:
        BuildError: The compiler itself does not work.
    """
    tag, _, _ = _identity(python).partition(" ")
    ranges = () if columns else ("-X", "no_debug_ranges")
    missing: dict[str, list[str]] = {}
    modules = (name for name in files_in(folder) if name.endswith(".py"))
    for unit in units(modules):
        sources = (part for name in unit for part in (name.encode(), (folder / name).read_bytes()))
        options = " ".join(("byte code 1", _identity(python), deployed, *ranges)).encode()
        key = _cache.key(options, *sources)
        found = _cache.load(key)
        if found is None:
            missing[key] = unit
        else:
            _unpack(found, [folder / _byte_code(name, tag) for name in unit])
    if not missing:
        return

    def compile_units(part: Sequence[list[str]]) -> str:
        return _run(
            python,
            *("-W", "ignore", *ranges, "-c", _PROGRAM, folder, deployed),
            stdin="\0\0".join(map("\0".join, part)),
        )

    workers = min(os.cpu_count() or 1, len(missing))
    new = list(missing.values())
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(compile_units, (new[number::workers] for number in range(workers))))
    for key, unit in missing.items():
        _cache.store(key, *_packed([folder / _byte_code(name, tag) for name in unit]))


def _byte_code(name: str, tag: str) -> str:
    folder, slash, file = name.rpartition("/")
    return f"{folder}{slash}__pycache__/{file.removesuffix('.py')}.{tag}.pyc"


def _packed(files: Iterable[Path]) -> Iterator[bytes]:
    for path in files:
        data = path.read_bytes() if path.exists() else b""
        yield _LENGTH.pack(len(data))
        yield data


def _unpack(data: bytes, files: Iterable[Path]) -> None:
    start = 0
    for path in files:
        (length,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size
        if length:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data[start : start + length])
            start += length


@cache
def _identity(python: Path) -> str:
    """Return the tag of a Python's byte code, and its exact version."""
    return _run(python, "-c", _IDENTITY).strip()


def _run(python: Path, *arguments: str | Path, stdin: str = "") -> str:
    result = subprocess.run(  # noqa: S603 (no shell, and the arguments are ours)
        [python, "-P", "-s", "-S", *arguments],  # modules of the current folder hide Python's
        env={**_environment(python), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"},
        check=False,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
    )
    if result.returncode:
        raise BuildError(f"{python} cannot compile the modules.\n{result.stderr.strip()}")
    return result.stdout


def _environment(python: Path) -> dict[str, str]:
    """Return variables with which a Python finds its own shared library, and none of its settings.

    A program that is linked to libpython knows the folder that it was built for, which a copy of it
    has left.
    """
    variables = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    library = python.resolve().parents[1] / "lib"
    own = [each for each in (library, library / "shared") if any(each.glob("libpython*.so*"))]
    if own:
        others = variables.get("LD_LIBRARY_PATH")
        variables["LD_LIBRARY_PATH"] = ":".join([*map(str, own), *([others] if others else [])])
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
        [python, "-P", "-s", "-S", "-c", show, deployed],
        env=_environment(python),
        input=path.read_bytes(),
        capture_output=True,
        check=False,
    )
    _, _, error = result.stderr.decode(errors="replace").partition("in <module>\n")
    _, file, place = error.rpartition("  File ")  # newer ones show the line that compiles, too
    return (file + place).rstrip()
