"""Two commands that take turns under the same load."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from _row import Row
from _server import Load, Run, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Neither by `-m`, for which Python imports more than that: Lambda starts its own without it, too.
AWS = (sys.executable, "-c", "import sys; from awslambdaric.__main__ import main; main(sys.argv)")
OURS = (sys.executable, "-c", "import sys; from lambda_runtime import run; run(sys.argv[1])")
_QUICK_INVOCATIONS = 1
_QUICK_CONCURRENCY = 2


@dataclass(frozen=True)
class Figure:
    """Something that is read off a run."""

    name: str
    read: Callable[[Run], float]
    unit: str
    best: Callable[[Sequence[float]], float] = min
    """The least disturbed run: the minimum, unless more is better."""
    has_ratio: bool = True
    """True if the ratio is meaningful: not where both sides are almost zero."""


@dataclass(frozen=True)
class Comparison:
    """Ours against a peer, under the same load."""

    what: str
    ours: Sequence[str]
    peer: Sequence[str]
    load: Load
    figures: Sequence[Figure]

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:
        """Run both in turns, and yield a row for each figure.

        Args:
            pairs: The number of pairs.
            quick: True to cut the load down to a check that it works.
        """
        load = _quick(self.load) if quick else self.load
        commands = (list(self.ours), list(self.peer))
        if not quick:
            for command in commands:  # compiles byte code and warms the caches
                measure(command, load)
        runs: list[tuple[Run, Run]] = []
        for pair in range(pairs):
            order = (0, 1) if pair % 2 else (1, 0)
            both = {which: measure(commands[which], load) for which in order}
            runs.append((both[0], both[1]))
        for figure in self.figures:
            yield Row(
                what=f"{figure.name}, {self.what}",
                unit=figure.unit,
                pairs=[(figure.read(ours), figure.read(peer)) for ours, peer in runs],
                best=figure.best,
                has_ratio=figure.has_ratio,
            )


def _quick(load: Load) -> Load:
    return replace(
        load,
        invocations=min(load.invocations, _QUICK_INVOCATIONS),
        warmup=0,
        concurrency=None if load.concurrency is None else _QUICK_CONCURRENCY,
    )


FIRST_POLL = Figure("cold start", lambda run: run.first_poll_seconds * 1e3, "ms")
FIRST_ANSWER = Figure(
    "cold start and first request", lambda run: run.first_answer_seconds * 1e3, "ms"
)
PEAK = Figure("peak", lambda run: run.peak_bytes / 2**20, "MB")
WALL = Figure("time", lambda run: run.wall_seconds * 1e6, "us")
PROCESSOR = Figure("processor time", lambda run: run.cpu_seconds * 1e6, "us")
WALL_MS = Figure("time", lambda run: run.wall_seconds * 1e3, "ms")
PROCESSOR_MS = Figure("processor time", lambda run: run.cpu_seconds * 1e3, "ms")
