"""Byte code of the function's Python, so that no cold start compiles anything."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ._uv import UvError, run_uv
from .errors import BuildError

if TYPE_CHECKING:
    from ._options import Options

_MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}


def compiler(options: Options, interpreter: Path | None, project: Path) -> Path:
    """Return a Python of this machine whose byte code the function's Python runs.

    Args:
        options: Of which version.
        interpreter: The folder of the function's Python, if it comes along.
        project: Where uv's configuration is looked for.

    Raises:
        BuildError: There is none of that version.
    """
    here = _MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    if interpreter and here == options.architecture:
        return interpreter / "bin" / f"python{options.minor}"
    if options.minor == f"{sys.version_info.major}.{sys.version_info.minor}":
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
            f"Byte code for Python {options.minor} takes a Python {options.minor} on this machine, and "
            f"uv finds none: run `uv python install {options.minor}`.\n{error}"
        ) from error
    return Path(path.strip())


def compile_folder(python: Path, folder: Path, deployed: str) -> None:
    """Compile all modules in a folder.

    Lambda's file system is read-only and dates change on the way into it: so Python is told not to
    compare byte code with its source. One process compiles all, in order: what it has compiled
    before shows in the bytes.

    Args:
        python: The compiler.
        folder: What to compile. Files with syntax errors, such as templates, are left as they are.
        deployed: Where the folder is in Lambda, for stack traces.
    """
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    subprocess.run(  # noqa: S603 (no shell, and the arguments are ours)
        [
            *(python, "-s", "-S", "-m", "compileall", "-qq", "-f"),
            *("--invalidation-mode", "unchecked-hash", "-s", folder, "-p", deployed, folder),
        ],
        env={**environ, "PYTHONHASHSEED": "0"},
        check=False,
        cwd=folder,
    )
