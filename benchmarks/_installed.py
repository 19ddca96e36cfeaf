"""Environments like those of functions: packages come from wheels, and nothing else is there.

The development environment would slow starts down: it adds nine folders to the import path, and has
two hundred more distributions, which some libraries look through when they are imported.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING

from uv import find_uv_bin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _compare import Comparison
    from _row import Row

RUNTIMES = (("lambda-logging", "lambda-runtime"), ("awslambdaric",))
"""The distributions that a function needs: ours, and the peer's."""

WEB = (
    (*RUNTIMES[0], "lambda-asgi"),
    (*RUNTIMES[1], "mangum", "fastapi"),
)
"""The distributions that a web application needs: ours, and the peer's."""

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Installed:
    """Comparisons of Python programs, in an environment of their own."""

    packages: tuple[str, ...]
    """The distributions of this repository."""
    peers: tuple[str, ...]
    """Other distributions, in the versions of the lock file."""
    comparisons: Sequence[Comparison]
    """Each side's command begins with a Python, which the environment's replaces."""
    python: str = sys.executable

    def rows(self, pairs: int, *, quick: bool = False) -> Iterator[Row]:
        """Make the environment, and yield the rows of all comparisons.

        Args:
            pairs: The number of pairs.
            quick: True to cut the load down to a check that it works.
        """
        program = environment(self.packages, self.peers, self.python)
        for comparison in self.comparisons:
            ours, peer = ((program, *side[1:]) for side in (comparison.ours, comparison.peer))
            yield from replace(comparison, ours=ours, peer=peer).rows(pairs, quick=quick)


@cache
def environment(
    packages: tuple[str, ...], peers: tuple[str, ...], python: str = sys.executable
) -> str:
    """Make an environment, which is there until this process ends, and return its Python.

    Args:
        packages: The distributions of this repository.
        peers: Other distributions, in the versions of the lock file.
        python: The Python's version or program, as ``uv venv --python`` takes it.
    """
    folder = Path(mkdtemp(dir=_folder().name))
    _uv("venv", "--python", python, folder / "environment")
    program = folder / "environment" / "bin" / "python"
    what = ("--all-packages", "--all-groups", "--all-extras", "--no-emit-workspace", "--no-hashes")
    _uv("export", "--frozen", *what, "--output-file", folder / "constraints.txt", cwd=_ROOT)
    install = ("pip", "install", "--compile-bytecode", "--python", program)
    _uv(*install, "--constraints", folder / "constraints.txt", *wheels(packages), *peers)
    return str(program)


@cache
def wheels(packages: tuple[str, ...]) -> list[Path]:
    """Build wheels, which are there until this process ends.

    Args:
        packages: Distributions of this repository.
    """
    folder = Path(mkdtemp(dir=_folder().name))
    for name in packages:
        source = _ROOT / "packages" / name.removeprefix("lambda-")
        _uv("build", "--wheel", "--out-dir", folder, source)
    return [*folder.glob("*.whl")]


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


def _uv(command: str, *arguments: str | Path, cwd: Path | None = None) -> None:
    subprocess.run([find_uv_bin(), command, "--quiet", *arguments], cwd=cwd, check=True)
