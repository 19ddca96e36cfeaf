"""A group of measurements: what one table and one chart show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from _row import Row


class Measurement(Protocol):
    """A named set of measurements that yields rows."""

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:
        """Measure both sides in turns.

        Args:
            pairs: The number of pairs.
            quick: True to cut the load down to a check that it works.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Group:
    """Measurements of one kind, all of the same two sides."""

    title: str
    measurements: Sequence[Measurement]
    ours: str = "lambda-runtime"
    peer: str = "awslambdaric"
    distributions: Sequence[str] = ("lambda-runtime", "awslambdaric")
    """The distributions whose versions belong with the numbers."""
    pairs: int = 15
    """The number of pairs of each row, unless the command sets another."""

    def rows(self, pairs: int, *, quick: bool) -> Iterator[Row]:
        """Run all measurements.

        Args:
            pairs: The number of pairs of each row.
            quick: True to cut the load down to a check that it works.
        """
        for measurement in self.measurements:
            yield from measurement.rows(pairs, quick=quick)

    def table(self, rows: Iterable[Row]) -> Iterator[str]:
        """Yield the lines of the Markdown table of some rows.

        Args:
            rows: The rows; each line is printed as soon as its row is measured.
        """
        yield (
            f"| what | {self.ours} | {self.peer} | ratio | middle half of the ratios "
            f"| {self.ours}, best | peer, best |"
        )
        yield "|---|---|---|---|---|---|---|"
        for row in rows:
            yield row.markdown()
