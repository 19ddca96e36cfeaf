"""The runtime on each Python: cold starts, warm invocations and memory, in one table."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from _compare import AWS, FIRST_POLL, OURS, PEAK, PROCESSOR, Comparison
from _group import Group
from _server import Load
from uv import find_uv_bin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _row import Row

_PACKAGES = Path(__file__).parents[1] / "packages"
_WARM = Load(event=b'{"name": "Ada"}', invocations=2000, warmup=200)
_MODULES = {"`def`": "hello", "`async def`": "hello_async"}


@dataclass(frozen=True)
class PythonComparison:
    """Both runtimes in an environment of one Python."""

    python: str

    def rows(self, pairs: int, *, quick: bool = False) -> Iterator[Row]:
        """Make the environment, start both in turns, and yield rows.

        Args:
            pairs: The number of pairs.
            quick: True to cut the load down to a check that it works.
        """
        with TemporaryDirectory() as folder:
            python = _environment(Path(folder) / "environment", self.python)
            aws = (python, *AWS[1:], "hello.handler")
            show = "import platform; print(platform.python_version())"
            number = subprocess.check_output([python, "-c", show], text=True).strip()
            for kind, module in _MODULES.items():
                what = f"Python {number}, {kind}"
                ours = (python, *OURS[1:], f"{module}.handler")
                cold = Comparison(what, ours, aws, Load(), [FIRST_POLL])
                yield from cold.rows(pairs, quick=quick)
                warm = Comparison(what, ours, aws, _WARM, [PROCESSOR, PEAK])
                yield from warm.rows(pairs, quick=quick)


def _environment(folder: Path, python: str) -> str:
    """Install both runtimes for a Python, and return its program."""
    uv = find_uv_bin()
    subprocess.run([uv, "venv", "--quiet", "--python", python, folder], check=True)
    program = str(folder / "bin" / "python")
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", program]
    packages = [_PACKAGES / "logging", _PACKAGES / "runtime"]
    peer = f"awslambdaric=={version('awslambdaric')}"
    subprocess.run([*install, *packages, peer], check=True)
    return program


def group(pythons: Sequence[str]) -> Group:
    """Return the group that measures the runtime on each Python.

    Args:
        pythons: Versions or programs, as ``uv venv --python`` takes them.
    """
    return Group(
        title="Each Python",
        measurements=[PythonComparison(python) for python in pythons],
        pairs=5,
    )
