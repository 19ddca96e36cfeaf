"""The runtime on each Python: cold starts, warm invocations and memory, in one table."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from _compare import AWS, FIRST_POLL, OURS, PEAK, PROCESSOR, Comparison
from _group import Group
from _installed import RUNTIMES, Installed, environment
from _server import Load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _row import Row

_WARM = Load(event=b'{"name": "Ada"}', invocations=2000, warmup=200)
_MODULES = {"`def`": "hello", "`async def`": "hello_async"}


@dataclass(frozen=True)
class PythonComparison:
    """Both runtimes in an environment of one Python."""

    python: str

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:
        """Make the environment, start both in turns, and yield rows.

        Args:
            pairs: The number of pairs.
            quick: True to cut the load down to a check that it works.
        """
        program = environment(*RUNTIMES, self.python)
        show = "import platform; print(platform.python_version())"
        number = subprocess.check_output([program, "-c", show], text=True).strip()
        comparisons: list[Comparison] = []
        for kind, module in _MODULES.items():
            what = f"Python {number}, {kind}"
            sides = (*OURS, f"{module}.handler"), (*AWS, "hello.handler")
            comparisons.append(Comparison(what, *sides, Load(), [FIRST_POLL]))
            comparisons.append(Comparison(what, *sides, _WARM, [PROCESSOR, PEAK]))
        yield from Installed(*RUNTIMES, comparisons, self.python).rows(pairs, quick=quick)


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
