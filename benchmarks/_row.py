"""One row of a table: two sides that took turns, and so ran under the same conditions."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, kw_only=True)
class Row:
    """The measurements of both sides, pair by pair."""

    what: str
    unit: str
    pairs: Sequence[tuple[float, float]]
    """Ours and the peer's, in the order in which they were measured."""
    best: Callable[[Sequence[float]], float] = min
    """The least disturbed run: the minimum, unless more is better."""
    has_ratio: bool = True
    """True if the ratio is meaningful: not where both sides are almost zero."""

    @property
    def more_is_better(self) -> bool:
        """True if larger is better."""
        return self.best is max

    def quartiles(self) -> tuple[float, float, float]:
        """Return the ratio's lower quartile, median and upper quartile over the pairs."""
        ratios = [ours / peer for ours, peer in self.pairs]
        if len(ratios) == 1:
            return ratios[0], ratios[0], ratios[0]
        low, middle, high = statistics.quantiles(ratios, n=4)
        return low, middle, high

    def data(self) -> dict[str, object]:
        """Return what was measured, for JSON."""
        pairs = [[float(f"{figure:.5g}") for figure in pair] for pair in self.pairs]
        return {"what": self.what, "unit": self.unit, "pairs": pairs}

    def markdown(self) -> str:
        """Return the row of a Markdown table as `Group.table` makes it."""
        sides = [*zip(*self.pairs, strict=True)]
        middles = [f"{_number(statistics.median(side))} {self.unit}" for side in sides]
        bests = [_number(self.best(side)) for side in sides]
        low, middle, high = self.quartiles() if self.has_ratio else (None, None, None)
        ratio = "- | -" if middle is None else f"**{middle:.2f}** | {low:.2f} to {high:.2f}"
        return f"| {self.what} | {' | '.join(middles)} | {ratio} | {' | '.join(bests)} |"


def _number(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
