"""``uv run benchmarks``: this runtime beside AWS's, pair by pair on the same machine.

Each row compares two commands that take turns, so that both see the same weather; the ratio is the
median over the pairs, which is what can be compared between machines.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from _server import Run, measure

if TYPE_CHECKING:
    from collections.abc import Callable

AWS = [sys.executable, "-m", "awslambdaric"]
OURS = [sys.executable, "-m", "lambda_runtime"]
EVENT = b'{"name": "Ada"}'


@dataclass(frozen=True)
class Comparison:
    """One row: how ours is started, beside awslambdaric with a handler."""

    name: str
    ours: list[str]
    peer: str
    invocations: int
    figure: Callable[[Run], float]
    unit: str


def cold(run: Run) -> float:
    """Return milliseconds from spawn to the first request for an invocation."""
    return run.cold_seconds * 1e3


def warm(run: Run) -> float:
    """Return microseconds of an invocation, the neutral server's share included."""
    return run.warm_seconds * 1e6


def cpu(run: Run) -> float:
    """Return microseconds of processor time of an invocation."""
    return run.cpu_seconds * 1e6


COLD = [
    Comparison("cold start, `def`", [*OURS, "hello.handler"], "hello.handler", 0, cold, "ms"),
    Comparison(
        "cold start, `async def`", [*OURS, "hello_async.handler"], "hello.handler", 0, cold, "ms"
    ),
    Comparison(
        "cold start, `async def`, the peer's handler importing asyncio too",
        [*OURS, "hello_async.handler"],
        "hello_imports_asyncio.handler",
        0,
        cold,
        "ms",
    ),
]
WARM = [
    Comparison(f"{what}, {kind}", ours, "hello.handler", 2000, figure, "us")
    for kind, ours in (
        ("`def` (socket)", [*OURS, "hello.handler"]),
        ("`async def` (stream)", [*OURS, "hello_async.handler"]),
        ("`async def` (aiohttp)", [sys.executable, "hello_aiohttp.py"]),
    )
    for what, figure in (("warm invocation", warm), ("its processor time", cpu))
]


def compare(comparison: Comparison, pairs: int) -> str:
    """Run a comparison and return its row."""
    ours, theirs = [], []
    for pair in range(pairs + 1):
        both = [
            comparison.figure(measure(command, invocations=comparison.invocations, event=EVENT))
            for command in (comparison.ours, [*AWS, comparison.peer])
        ]
        if pair:  # the first pair compiles byte code and warms the caches
            ours.append(both[0])
            theirs.append(both[1])
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, _, high = statistics.quantiles(ratios, n=4)
    return (
        f"| {comparison.name} | {statistics.median(ours):.1f} {comparison.unit} "
        f"| {statistics.median(theirs):.1f} {comparison.unit} "
        f"| **{statistics.median(ratios):.2f}** | {low:.2f} to {high:.2f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="uv run benchmarks", description=__doc__)
    parser.add_argument("part", nargs="?", choices=["cold", "warm"], help="only these rows")
    parser.add_argument("--pairs", type=int, default=15, help="pairs for each row (15; at least 2)")
    options = parser.parse_args()
    parts = {"cold": COLD, "warm": WARM}
    rows = parts[options.part] if options.part else COLD + WARM
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"awslambdaric {version('awslambdaric')}, lambda-runtime {version('lambda-runtime')}, "
        f"{options.pairs} pairs a row\n\n"
        "| what | lambda-runtime | awslambdaric | ratio | middle half of the ratios |\n"
        "|---|---|---|---|---|"
    )
    for row in rows:
        print(compare(row, options.pairs), flush=True)


if __name__ == "__main__":
    main()
