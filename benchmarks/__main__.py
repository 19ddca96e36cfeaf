"""``uv run benchmarks``: these packages against their peers, pair by pair on the same machine.

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

from _arguments import positive, pythons, shares, unfit_python

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
    parser.add_argument(
        "--pairs", type=positive, help="pairs for each row (15, of cheap ones more)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few invocations: shows that it works, no more"
    )
    parser.add_argument(
        "--output", type=Path, default=RESULTS, help="the folder to write to (benchmarks/results)"
    )
    parser.add_argument(
        "--cpu",
        type=shares,
        metavar="SHARES",
        help="with the group cold: its starts with these shares of a processor, such as 0.07,0.58",
    )
    parser.add_argument(
        "--python",
        type=pythons,
        metavar="VERSIONS",
        help="only a table of these Pythons, such as 3.11,3.13: cold, warm and memory",
    )
    options = parser.parse_args()
    for name in options.group:
        if name not in GROUPS:
            parser.error(f"there is no group {name!r}: there are {', '.join(GROUPS)}")
    if options.cpu and options.group != ["cold"]:
        parser.error("--cpu goes with the group cold alone")
    if options.python and options.group:
        parser.error("--python goes with no group")
    if options.python:
        unfit = {name: reason for name in options.python if (reason := unfit_python(name))}
        options.python = [name for name in options.python if name not in unfit]
        if not options.python:
            parser.error(f"--python: {'; '.join(unfit.values())}")
        for reason in unfit.values():
            print(f"Skipped: {reason}")
    if options.cpu and (reason := no_shares(options.cpu)):
        print(f"Skipped, as no process can be given a share of a processor here: {reason}")
        return
    from _chart import draw
    from _machine import setting

    try:
        options.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--output: {options.output}: {error.strerror}")
    for name, group in groups(options):
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


def no_shares(wanted: list[float]) -> str:
    """Return why no process can be given a share of a processor here, or nothing if it can."""
    from _processor_share import joining

    try:
        for share in wanted:
            joining(share)
    except OSError as error:
        return str(error)
    return ""


def groups(options: argparse.Namespace) -> Iterator[tuple[str, Group]]:
    """Yield the groups that a command names, and the names of their files.

    Args:
        options: The command's options.
    """
    # The modules of other groups stay unloaded.
    if options.cpu:
        yield "cold_by_processor", import_module("_small").group(options.cpu)
    elif options.python:
        yield "pythons", import_module("_pythons").group(options.python)
    else:
        for name in options.group or GROUPS:
            yield name, import_module(f"_{name}").GROUP


def kept(rows: Iterator[Row], into: list[Row]) -> Iterator[Row]:
    """Pass rows on as they come, and keep them."""
    for row in rows:
        into.append(row)
        yield row


if __name__ == "__main__":
    main()
