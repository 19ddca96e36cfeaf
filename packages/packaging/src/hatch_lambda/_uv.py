"""uv, which resolves, fetches and builds; it comes with this package."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from uv import find_uv_bin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Without compilers a package with code in C or Rust fails at once, and others build as ever.
_NO_COMPILERS = dict.fromkeys(("CC", "CPP", "CXX", "FC", "CARGO", "RUSTC"), "false")
# Variables that would change a command in spite of its arguments.
_FOREIGN = {
    *("UV_FROZEN", "UV_LOCKED", "UV_NO_BUILD", "UV_PYTHON", "UV_TARGET", "VIRTUAL_ENV"),
    *("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY"),
    "COLUMNS",  # which breaks the lines of its errors
}


class UvError(Exception):
    """uv has ended with an error; the message is its output."""


def run_uv(
    *arguments: str | Path, cwd: Path, compilers: bool = True, indexes: Sequence[str] = ()
) -> str:
    """Run uv, and return what it prints.

    Args:
        arguments: The command and its options.
        cwd: The folder to run it in, whose configuration counts.
        compilers: True if builds may compile for this machine.
        indexes: Indexes that are not in that configuration, as addresses or ``name=address``. They
            are variables: other users see the arguments of a process, and these have passwords.

    Raises:
        UvError: It has failed.
    """
    environ = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
    if not compilers:
        environ |= _NO_COMPILERS
    if indexes:
        environ["UV_INDEX"] = " ".join([*environ.get("UV_INDEX", "").split(), *indexes])
    result = subprocess.run(  # noqa: S603 (no shell, and the arguments are ours)
        [find_uv_bin(), *arguments],
        cwd=cwd,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise UvError(result.stderr.strip())
    return result.stdout
