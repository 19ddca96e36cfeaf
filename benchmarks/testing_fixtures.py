"""Measure lambda-testing's fixtures: `uv run python benchmarks/testing_fixtures.py`.

A process has to start whoever tests it, so of a test with `lambda_process` only the rest counts:
from the creation of the fixture to its end, less the time in which the function starts. The cost of
the plugin is the difference of runs with and without it, in turn.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambda_testing import Function, Invoker, LambdaProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HANDLER = "def handler(event): return event\n"


def handler(event: Any) -> Any:
    """Answer with the event."""
    return event


async def async_handler(event: Any) -> Any:
    """Answer with the event."""
    return event


def stream(event: Any) -> Iterator[str]:
    """Answer in pieces."""
    for number in range(10):
        yield f"{event}{number}"


def milliseconds(work: Callable[[], object], times: int) -> list[float]:
    """Return how long each of many runs takes; the first few, which warm up, are left out."""
    taken: list[float] = []
    for _ in range(times + 3):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return taken[3:]


def invoking(times: int) -> Iterator[tuple[str, list[float]]]:
    """Measure `invoke`."""
    invoke = Invoker(Function())
    handlers: list[Callable[..., Any]] = [handler, async_handler, stream]
    for target in handlers:
        work = partial(invoke, target, {"a": 1})
        yield f"invoke, `{target.__name__}`", milliseconds(work, times)
    invoke.close()


def processes(times: int, folder: Path) -> Iterator[tuple[str, list[float]]]:
    """Measure `lambda_process`, without the function's start."""
    (folder / "app.py").write_text(HANDLER)
    around: list[float] = []
    warm: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        with LambdaProcess(
            "app.handler", function=Function(), output=folder / "log", cwd=folder
        ) as process:
            first = process.invoke({})
            taken = time.perf_counter() - start
            around.append((taken - (first.init_duration or 0)) * 1000)
            warm += milliseconds(partial(process.invoke, {}), 20)
    yield "lambda_process, first round trip less the function's start", around
    yield "lambda_process, later round trips", warm


def collecting(times: int, folder: Path) -> Iterator[tuple[str, list[float]]]:
    """Measure what the plugin adds to `pytest --collect-only` of an empty project.

    It is time of the processor's: other programs that run disturb it less. The plugins that only
    this workspace has stay out of it.
    """
    (folder / "test_empty.py").write_text("")
    absent = [f"-pno:{name}" for name in ("anyio", "hypothesispytest", "xdist")]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-c", "/dev/null", *absent]
    taken: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(times):
        for loaded in (True, False):
            options = [] if loaded else ["-p", "no:lambda-testing"]
            start = processor_seconds()
            subprocess.run([*command, *options], cwd=folder, stdout=subprocess.DEVNULL, check=False)
            taken[loaded].append((processor_seconds() - start) * 1000)
    pairs = zip(taken[True], taken[False], strict=True)
    yield (
        "pytest --collect-only, what the plugin adds",
        [with_ - without for with_, without in pairs],
    )


def processor_seconds() -> float:
    """Return the processor time that all child processes so far have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how often processes are started")
    times = parser.parse_args().times
    print("| | median, ms | 10 % are quicker than | 90 % are quicker than |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rows in (invoking(times * 50), processes(times, folder), collecting(times, folder)):
            for row, taken in rows:
                tenths = statistics.quantiles(taken, n=10)
                median = statistics.median(taken)
                print(f"| {row} | {median:.2f} | {tenths[0]:.2f} | {tenths[-1]:.2f} |")


if __name__ == "__main__":
    main()
