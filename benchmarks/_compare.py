"""One row of a table: two commands that take turns, so that both see the same weather."""

from __future__ import annotations

import statistics
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from _server import Load, Run, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

AWS = (sys.executable, "-m", "awslambdaric")
OURS = (sys.executable, "-m", "lambda_runtime")
_QUICK_INVOCATIONS = 1
_QUICK_CONCURRENCY = 2


@dataclass(frozen=True)
class Figure:
    """Something that is read off a run."""

    name: str
    read: Callable[[Run], float]
    unit: str
    best: Callable[[Sequence[float]], float] = min
    """What the least disturbed run shows: the minimum, unless more is better."""
    has_ratio: bool = True
    """Whether a ratio says something: not where both sides are next to nothing."""


@dataclass(frozen=True)
class Comparison:
    """Ours beside a peer, under the same load."""

    what: str
    ours: Sequence[str]
    peer: Sequence[str]
    load: Load
    figures: Sequence[Figure]

    def rows(self, pairs: int, *, quick: bool = False) -> Iterator[str]:
        """Run both in turns, and yield a row for each figure.

        Args:
            pairs: How often.
            quick: Whether to cut the load down to what shows that it works.
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
            yield self._row(figure, [(figure.read(a), figure.read(b)) for a, b in runs])

    def _row(self, figure: Figure, pairs: list[tuple[float, float]]) -> str:
        ours, peers = [a for a, _ in pairs], [b for _, b in pairs]
        ratio = _ratio(pairs) if figure.has_ratio else "- | -"
        middles = [f"{_number(statistics.median(side))} {figure.unit}" for side in (ours, peers)]
        bests = [_number(figure.best(side)) for side in (ours, peers)]
        return f"| {figure.name}, {self.what} | {' | '.join(middles)} | {ratio} | {' | '.join(bests)} |"


def _quick(load: Load) -> Load:
    return replace(
        load,
        invocations=min(load.invocations, _QUICK_INVOCATIONS),
        warmup=0,
        concurrency=None if load.concurrency is None else _QUICK_CONCURRENCY,
    )


def _ratio(pairs: list[tuple[float, float]]) -> str:
    ratios = [a / b for a, b in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return f"**{middle:.2f}** | {low:.2f} to {high:.2f}"


def _number(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


FIRST_POLL = Figure("cold start", lambda run: run.first_poll_seconds * 1e3, "ms")
WALL = Figure("time", lambda run: run.wall_seconds * 1e6, "us")
PROCESSOR = Figure("processor time", lambda run: run.cpu_seconds * 1e6, "us")
WALL_MS = Figure("time", lambda run: run.wall_seconds * 1e3, "ms")
PROCESSOR_MS = Figure("processor time", lambda run: run.cpu_seconds * 1e3, "ms")
