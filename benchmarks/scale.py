"""``uv run benchmarks/scale.py``: the processes for 10,000 requests a second, and their cost.

It reads what ``uv run benchmarks cold warm managed`` has measured, simulates twenty seconds
of requests from a standing start, and prints tables: see docs/scale.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from _simulation import Assumptions, Runtime, managed, standard

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).parent / "results"
MONTH = 730 * 3600  # seconds
_WORKERS = 16  # of the group "managed"
_PLACES = (16, 32, 64)


def measured(results: Path) -> list[Runtime]:
    """Return what was measured: of the peer, and of `def` and `async def` handlers of ours.

    Args:
        results: The folder that ``uv run benchmarks`` has written to.
    """
    cold, warm, shared = (medians(results / f"{name}.json") for name in ("cold", "warm", "managed"))
    runtimes = []
    for name, side, kind in (
        ("awslambdaric, `def`", 1, "`def`"),
        ("lambda-runtime, `def`", 0, "`def`"),
        ("lambda-runtime, `async def`", 0, "`async def`"),
    ):
        memory = shared[f"memory, an SDK client held, {kind}"][side]
        grows = kind == "`def`"  # a process for each invocation that is under way
        runtimes.append(
            Runtime(
                name=name,
                start_seconds=cold[f"cold start, {kind}"][side] / 1e3,
                cpu_seconds=warm[f"processor time, {kind}"][side] / 1e6,
                shared_cpu_seconds=shared[f"processor time, an SDK client held, {kind}"][side]
                / 1e6,
                worker_mb=memory / _WORKERS if grows else 0,
                base_mb=0 if grows else memory,
            )
        )
    return runtimes


def medians(path: Path) -> dict[str, tuple[float, float]]:
    """Return the medians of ours and of the peer, by what was measured."""
    return {
        row["what"]: (
            statistics.median(ours for ours, _ in row["pairs"]),
            statistics.median(peer for _, peer in row["pairs"]),
        )
        for row in json.loads(path.read_text("utf-8"))["rows"]
    }


def on_standard(runtimes: list[Runtime], given: Assumptions, seconds: float) -> Iterator[str]:
    """Yield the lines of the table of standard Lambda."""
    yield (
        "| runtime | environments started | refused meanwhile | busy at a time, later | memory "
        "| latency, median | 99 % | GB-seconds a second | a month |\n"
        "|---|---|---|---|---|---|---|---|---|"
    )
    gb = given.memory_mb / 1024
    for runtime in runtimes:
        did = standard(runtime, given, seconds)
        gb_seconds = did.billed_seconds * gb
        cost = MONTH * (gb_seconds * given.gb_second + given.rate * given.request)
        median, slow = did.latency_ms
        yield (
            f"| {runtime.name} | {did.started:,} | {did.refused:,} | {did.busy:,} "
            f"| {did.busy * gb:,.0f} GB | {median:.1f} ms | {slow:.1f} ms | {gb_seconds:,.1f} "
            f"| ${cost:,.0f} |"
        )


def on_managed(runtimes: list[Runtime], given: Assumptions, seconds: float) -> Iterator[str]:
    """Yield the lines of the table of Managed Instances."""
    yield (
        "| runtime | at a time in an environment | environments | memory | instances "
        "| latency, median | 99 % | refused | a month |\n|---|---|---|---|---|---|---|---|---|"
    )
    for places in _PLACES:
        for runtime in runtimes:
            need = managed(runtime, places, given, seconds)
            an_hour = need.instances * need.instance.hour * (1 + given.fee)
            cost = MONTH * (an_hour / 3600 + given.rate * given.request)
            median, slow = need.latency_ms
            yield (
                f"| {runtime.name} | {places} | {need.environments} | {need.memory_gb:.1f} GB "
                f"| {need.instances} {need.instance.name} | {median:.1f} ms | {slow:.1f} ms "
                f"| {need.refused:.2%} | ${cost:,.0f} |"
            )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="uv run benchmarks/scale.py", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="what was measured")
    parser.add_argument("--rate", type=float, default=Assumptions.rate, help="requests a second")
    parser.add_argument(
        "--wait",
        type=float,
        default=Assumptions.wait_seconds,
        help="seconds that the function waits in each invocation",
    )
    parser.add_argument("--seconds", type=float, default=20, help="how long to simulate")
    options = parser.parse_args()
    given = replace(Assumptions(), rate=options.rate, wait_seconds=options.wait)
    runtimes = measured(options.results)
    for title, table in (("Standard Lambda", on_standard), ("Managed Instances", on_managed)):
        print(f"### {title}\n")
        for line in table(runtimes, given, options.seconds):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
