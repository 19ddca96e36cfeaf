"""``uv run benchmarks``: this runtime beside AWS's, pair by pair on the same machine.

Both take turns under the same load; the ratio is the median over the pairs, which is what can be
compared between machines.
"""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import version

from _cold import COLD
from _managed import MANAGED
from _memory import MEMORY
from _payload import PAYLOAD
from _streaming import STREAMING
from _warm import WARM

GROUPS = {
    "cold": ("awslambdaric", COLD),
    "warm": ("awslambdaric", WARM),
    "payload": ("awslambdaric", PAYLOAD),
    "streaming": ("bare socket", STREAMING),
    "memory": ("awslambdaric", MEMORY),
    "managed": ("awslambdaric", MANAGED),
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="uv run benchmarks", description=__doc__)
    parser.add_argument("group", nargs="*", choices=GROUPS, help="only these tables")
    parser.add_argument("--pairs", type=int, default=15, help="pairs for each row (15)")
    parser.add_argument(
        "--quick", action="store_true", help="a few invocations: shows that it works, no more"
    )
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"awslambdaric {version('awslambdaric')}, lambda-runtime {version('lambda-runtime')}, "
        f"{options.pairs} pairs a row"
    )
    for name in options.group or GROUPS:
        peer, comparisons = GROUPS[name]
        print(
            f"\n### {name}\n\n"
            f"| what | lambda-runtime | {peer} | ratio | middle half of the ratios "
            "| lambda-runtime, best | peer, best |\n|---|---|---|---|---|---|---|"
        )
        for comparison in comparisons:
            for row in comparison.rows(options.pairs, quick=options.quick):
                print(row, flush=True)


if __name__ == "__main__":
    main()
