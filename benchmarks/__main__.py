"""``uv run benchmarks``: these packages beside their peers, pair by pair on the same machine.

Both sides take turns under the same load; the ratio is the median over the pairs, which is what can
be compared between machines. Each group is printed, and written as a Markdown table, as a
chart, and as the numbers themselves.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from _chart import draw
from _machine import setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _group import Group
    from _row import Row

GROUPS = (
    "cold",
    "bundle",
    "warm",
    "payload",
    "streaming",
    "memory",
    "managed",
    "asgi",
    "events",
    "logging",
    "otel",
    "emulator",
)
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="uv run benchmarks", description=__doc__)
    parser.add_argument("group", nargs="*", help=f"only these: {', '.join(GROUPS)}")
    parser.add_argument("--pairs", type=int, help="pairs for each row (15, of cheap ones more)")
    parser.add_argument(
        "--quick", action="store_true", help="a few invocations: shows that it works, no more"
    )
    parser.add_argument(
        "--output", type=Path, default=RESULTS, help="the folder to write to (benchmarks/results)"
    )
    options = parser.parse_args()
    for name in options.group:
        if name not in GROUPS:
            parser.error(f"there is no group {name!r}: there are {', '.join(GROUPS)}")
    options.output.mkdir(parents=True, exist_ok=True)
    for name in options.group or GROUPS:
        group: Group = import_module(f"_{name}").GROUP  # what other groups need stays unloaded
        pairs = options.pairs or group.pairs
        rows: list[Row] = []
        about = setting(group.distributions, f"{pairs} pairs a row")
        lines = [f"### {group.title}", "", about, ""]
        print("\n".join(lines), flush=True)
        for line in group.table(kept(group.rows(pairs, quick=options.quick), rows)):
            lines.append(line)
            print(line, flush=True)
        print()
        (options.output / f"{name}.md").write_text("\n".join(lines) + "\n", "utf-8")
        data = {"setting": about, "rows": [row.data() for row in rows]}
        (options.output / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
        draw(options.output / f"{name}.svg", group.title, group.peer, rows)


def kept(rows: Iterator[Row], into: list[Row]) -> Iterator[Row]:
    """Pass rows on as they come, and keep them."""
    for row in rows:
        into.append(row)
        yield row


if __name__ == "__main__":
    main()
