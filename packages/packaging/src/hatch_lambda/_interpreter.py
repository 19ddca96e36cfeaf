"""The Python in an archive: one that uv manages, or a folder, without its unused files."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ._elf import inspect, is_elf
from ._prune import STANDARD_LIBRARY, LeftOut, wanted
from ._uv import UvError, run_uv
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._options import Options

_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
# The libraries of C and C++ that wheels may expect (PEP 600) and Amazon Linux has.
_SYSTEM = (
    *("ld-linux", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libutil.so"),
    *("libgcc_s.so", "libstdc++.so"),
)


def find(options: Options, project: Path) -> Path:
    """Return the folder of the interpreter, with ``bin`` and ``lib``.

    Args:
        options: The options, with the version and the architecture.
        project: The folder with uv's configuration.

    Raises:
        BuildError: There is none, or it is for another architecture.
    """
    root = options.interpreter or _managed(options, project)
    program = root / "bin" / f"python{options.minor}"
    library = root / "lib" / f"python{options.minor}"
    if not program.is_file() or not (library / "os.py").is_file():
        raise _missing(options, root)
    found = inspect(program).architecture if is_elf(program) else "no program for Linux"
    if found != options.architecture:
        raise BuildError(
            f"{program} is {found}, and the function's architecture is {options.architecture}. "
            'Name the folder of such a Python, or let uv fetch one with interpreter = "uv".'
        )
    return root


def require_any(options: Options) -> None:
    """Check that the folder of an interpreter that is not packed holds a Python of some version.

    Args:
        options: The options, with the folder.

    Raises:
        BuildError: It holds none, so its name is wrong.
    """
    root = options.interpreter
    if root and not any((root / "bin").glob("python3*")):
        raise _missing(options, root)


def _missing(options: Options, root: Path) -> BuildError:
    """Return the error of a folder without the function's Python.

    Args:
        options: The options, with the version.
        root: The folder.
    """
    return BuildError(
        f"{root} holds no Python {options.minor}: it has no bin/python{options.minor} with "
        f"lib/python{options.minor}. Name another folder with the option interpreter, or the "
        "version that is there with python."
    )


def copy(options: Options, root: Path, folder: Path, deployed: str) -> list[str]:
    """Copy an interpreter, its standard library, and the shared libraries that they need.

    Args:
        options: The options, with the version and the files to leave out.
        root: The folder of the interpreter.
        folder: The folder to copy it to.
        deployed: The same folder in Lambda.

    Returns:
        Warnings of libraries that are missing.
    """
    name = f"python{options.minor}"
    (folder / "bin").mkdir(parents=True)
    shutil.copyfile(root / "bin" / name, folder / "bin" / name)
    (folder / "bin" / name).chmod(0o755)
    library = root / "lib" / name
    drop = [*STANDARD_LIBRARY, *options.drop]
    for path in wanted(library, drop, options.keep):
        target = folder / "lib" / name / path.relative_to(library)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for path in (folder / "lib" / name).glob("_sysconfig*_*"):  # uv writes the folder into it
        path.write_text(path.read_text("utf-8").replace(str(root), deployed), "utf-8")
    return list(_copy_libraries(root, folder))


def not_copied(options: Options, root: Path) -> list[LeftOut]:
    """Return the files of an interpreter's standard library that `copy` leaves out.

    Args:
        options: The options, with the files to leave out.
        root: The folder of the interpreter.
    """
    library = root / "lib" / f"python{options.minor}"
    copied = set(wanted(library, [*STANDARD_LIBRARY, *options.drop], options.keep))
    return [
        LeftOut(
            path.relative_to(library).as_posix(),
            f"Python {options.minor}",
            "tests, or what needs a screen or a compiler",
            path.stat().st_size,
        )
        for path in wanted(library, ["__pycache__/", "site-packages/", "dist-packages/"])
        if path not in copied
    ]


def _managed(options: Options, project: Path) -> Path:
    """Have uv install an interpreter that runs from any folder and brings its own libraries."""
    key = f"cpython-{options.python}-linux-{_MACHINES[options.architecture]}-gnu"
    try:
        run_uv("python", "install", "--no-progress", "--no-bin", key, cwd=project)
        home = Path(run_uv("python", "dir", cwd=project).strip())
    except UvError as error:
        raise BuildError(
            f"uv cannot install {key}.\n{error}\nWithout a way to download it, name the folder of "
            "a Python in the option interpreter, or in HATCH_LAMBDA_INTERPRETER; "
            "UV_PYTHON_INSTALL_MIRROR names a mirror."
        ) from error
    exact, _, platform_ = key.removeprefix("cpython-").partition("-")
    installed = {
        tuple(map(int, version.split("."))): path
        for path in home.glob(f"cpython-{exact}*-{platform_}")
        if (version := path.name.split("-")[1]).replace(".", "").isdigit()
        and version.count(".") == 2
    }
    if not installed:
        raise BuildError(f"uv has installed {key}, but not below {home}, where it should be.")
    return installed[max(installed)]


def _copy_libraries(root: Path, folder: Path) -> Iterator[str]:
    """Copy the shared libraries that the interpreter and its modules are linked to."""
    pending = [path for path in sorted(folder.rglob("*")) if path.is_file() and is_elf(path)]
    architecture = inspect(pending[0]).architecture
    seen: set[str] = set()
    shared = folder / "lib" / "shared"
    while pending:
        user = pending.pop(0)
        for name in inspect(user).needs:
            if name in seen or name.startswith(_SYSTEM):
                continue
            seen.add(name)
            own = (root / "lib" / name, root / "lib" / "shared" / name)  # the latter of a bundle
            source = next(filter(Path.exists, own), None) or _of_this_machine(name, architecture)
            if source is None:
                yield (
                    f"{user.relative_to(folder)} needs {name}, which is neither in {root / 'lib'} "
                    "nor on this machine: it works only if the runtime has that library."
                )
                continue
            shared.mkdir(exist_ok=True)
            shutil.copyfile(source, shared / name)
            pending.append(shared / name)


def _of_this_machine(name: str, architecture: str) -> Path | None:
    """Find a library where the loader of this machine would."""
    if sys.platform != "linux" or platform.machine() != _MACHINES.get(architecture):
        return None
    cache = subprocess.run(  # noqa: S603 (no shell, and the arguments are ours)
        [shutil.which("ldconfig", path="/sbin:/usr/sbin:/bin:/usr/bin") or "ldconfig", "-p"],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in cache.stdout.splitlines():
        if line.split() and line.split()[0] == name:
            path = Path(line.rpartition(" => ")[2])
            if is_elf(path) and inspect(path).architecture == architecture:
                return path
    return None
