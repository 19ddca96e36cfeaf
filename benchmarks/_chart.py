"""A group's chart: each ratio as a bar, with the middle half of the ratios as a whisker."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from _row import Row

_LESS, _MORE, _INK = "#2a9d8f", "#e07a5f", "#333333"
_ROW_INCHES = 0.32
_TICKS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8)
_STYLE = """<style type="text/css">
svg { --paper: #ffffff; --ink: #333333 }
@media (prefers-color-scheme: dark) { svg { --paper: #1b1f27; --ink: #e8ecf2 } }
text { fill: var(--ink) }
"""
_THEMED = {"#ffffff": "--paper", "#333333": "--ink", "#000000": "--ink"}


def draw(path: Path, title: str, peer: str, rows: Sequence[Row]) -> None:
    """Write a chart in SVG.

    All bars are costs, so the shorter one is the better one: where more is better, it is the
    peer's figure divided by ours.

    Args:
        path: The file to write.
        title: The heading of the chart.
        peer: The name of the side that is 1.
        rows: The rows, from top to bottom; those without a ratio are left out.
    """
    shown = [row for row in rows if row.has_ratio]
    costs = [_costs(row) for row in shown]
    figure = Figure(figsize=(9, 1.1 + _ROW_INCHES * len(shown)), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(shown))
    axes.barh(
        places,
        [middle - 1 for _, middle, _ in costs],
        left=1,
        height=0.6,
        color=[_LESS if middle <= 1 else _MORE for _, middle, _ in costs],
    )
    axes.hlines(places, [low for low, _, _ in costs], [high for _, _, high in costs], color=_INK)
    axes.axvline(1, color=_INK, linewidth=1)
    axes.set_xscale("log")
    edges = [edge for low, _, high in costs for edge in (low, high)]
    left, right = min(0.5, *edges) / 1.3, max(2, *edges) * 1.6
    axes.set_xlim(left, right)
    axes.set_xticks([tick for tick in _TICKS if left <= tick <= right])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(places, [_label(row) for row in shown])
    for place, (_, middle, high) in zip(places, costs, strict=True):
        axes.text(max(high, 1) * 1.05, place, f"{middle:.2f}", va="center", color=_INK)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    figure.suptitle(f"{title}: cost, {peer} = 1; less is better", x=0.01, ha="left")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as SVG; its paper and ink follow the reader's colour scheme.

    Args:
        figure: The figure.
        path: The file to write.
    """
    # Text stays text, and the same numbers give the same file.
    drawn = StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "benchmarks"}):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    path.write_text(themed(drawn.getvalue()), "utf-8")


def themed(svg: str) -> str:
    """Return an SVG of matplotlib with variables in place of black, white and grey.

    Args:
        svg: The document.
    """
    for colour, variable in _THEMED.items():
        svg = svg.replace(f": {colour}", f": var({variable})")
    return svg.replace('<style type="text/css">', _STYLE)


def _costs(row: Row) -> tuple[float, float, float]:
    low, middle, high = row.quartiles()
    return (1 / high, 1 / middle, 1 / low) if row.more_is_better else (low, middle, high)


def _label(row: Row) -> str:
    what = row.what.replace("`", "")
    return f"{what} (inverse)" if row.more_is_better else what
