"""The phases of a cold start: ``uv run benchmarks/phases.py``.

A process is spawned, Python starts, the runtime is imported, the function is imported, and the
first request for an invocation arrives. The phases of each program's fastest start are printed and
drawn, because other work on the machine only adds to them; all starts are written as JSON.
``--output FOLDER`` writes elsewhere than to benchmarks/results.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

from _arguments import positive
from _chart import save
from _compare import AWS, OURS
from _installed import RUNTIMES, environment
from _machine import setting
from _server import Load, measure
from matplotlib.figure import Figure

PHASES = {
    "Python starts": "#8a94a6",
    "the runtime is imported": "#4a7fc1",
    "the function is imported": "#e0a030",
    "the first request": "#2a9d8f",
}
START = "import sys, time; sys.started = time.monotonic(); "
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, print, write and draw."""
    parser = argparse.ArgumentParser(prog="uv run benchmarks/phases.py", description=__doc__)
    parser.add_argument("--starts", type=positive, default=25, help="starts of each program (25)")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the folder to write to")
    options = parser.parse_args()
    programs = {
        "lambda-runtime, def": (OURS, "timed_import.handler"),
        "lambda-runtime, async def": (OURS, "timed_import.handler_async"),
        "awslambdaric, def": (AWS, "timed_import.handler"),
    }
    python = environment(*RUNTIMES)
    taken: dict[str, list[list[float]]] = {name: [] for name in programs}
    for number in range(options.starts + 1):
        for name, ((_, option, code), handler) in programs.items():
            phases = start([python, option, START + code, handler])
            if number:  # the first one compiles byte code
                taken[name].append(phases)
    fastest = {name: min(rows, key=sum) for name, rows in taken.items()}
    about = setting(("lambda-runtime", "awslambdaric"), f"{options.starts} starts each")
    print(about)
    for name, row in fastest.items():
        steps = ", ".join(f"{phase} {ms:.1f}" for phase, ms in zip(PHASES, row, strict=True))
        print(f"{name}: {sum(row):.1f} ms: {steps}")
    data = {"setting": about, "phases": [*PHASES], "milliseconds": taken}
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "phases.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
    draw(options.output / "phases.svg", fastest)


def start(command: list[str]) -> list[float]:
    """Start a program once, and return the milliseconds of each phase.

    Args:
        command: The program; its function notes its import in the file that ``PHASES`` names.
    """
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as file:
        os.environ["PHASES"] = file.name
        run = measure(command, Load())
        python, imported, done = map(float, file.read().split())
    begin = run.started_seconds
    ends = [python, imported, done, begin + run.first_poll_seconds]
    begins = [begin, *ends[:-1]]
    return [round((end - begin) * 1e3, 3) for begin, end in zip(begins, ends, strict=True)]


def draw(path: Path, starts: dict[str, list[float]]) -> None:
    """Draw a bar for each program, with a part for each phase.

    Args:
        path: The file to write.
        starts: Milliseconds of each phase by program.
    """
    figure = Figure(figsize=(9, 1.3 + 0.5 * len(starts)), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(starts))
    left = [0.0] * len(starts)
    by_phase = zip(*starts.values(), strict=True)
    for (phase, colour), widths in zip(PHASES.items(), by_phase, strict=True):
        axes.barh(places, widths, left=left, height=0.6, color=colour, label=phase)
        left = [begin + width for begin, width in zip(left, widths, strict=True)]
    for place, total in zip(places, left, strict=True):
        axes.text(total * 1.01, place, f" {total:.0f} ms", va="center")
    axes.set_yticks(places, [*starts])
    axes.set_ylim(len(starts) - 0.4, -0.6)
    axes.set_xlim(0, max(left) * 1.12)
    axes.set_xlabel("milliseconds from the spawn of the process, of the fastest start")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.suptitle("The phases of a cold start; less is better", x=0.01, ha="left")
    figure.legend(loc="outside lower center", ncols=len(PHASES), frameon=False)
    save(figure, path)


if __name__ == "__main__":
    main()
