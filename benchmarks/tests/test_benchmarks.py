"""Every benchmark runs, and prints its rows; what they say is for a quiet machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = ["`def`", "`async def`", "`async def` (stream)", "`async def` (aiohttp)"]
ROWS = {
    "cold": [
        *(f"cold start, {kind}" for kind in KINDS),
        "cold start, `async def`, the peer's handler importing asyncio too",
    ],
    "warm": [f"{figure}, {kind}" for kind in KINDS for figure in ("time", "processor time")],
    "payload": [
        f"{figure}, {what}, {kind}"
        for what in ("0.2 KB", "100 KB of records", "6 MB of records", "6 MB in one string")
        for kind in KINDS
        for figure in ("time", "processor time")
    ],
    "streaming": [
        f"{figure}, {what}, {kind}"
        for what, figures in {
            "behind a gate": ["first byte"],
            "50 MB, 64 KB a chunk": ["throughput", "processor time"],
            "2 MB, 1 KB a chunk": ["throughput", "processor time"],
            "50 MB, the first invocation": ["growth"],
        }.items()
        for kind in KINDS
        for figure in figures
    ],
    "memory": [
        f"peak, {what}, {kind}"
        for what in ("hello", "6 MB of records returned", "6 MB in one string returned")
        for kind in KINDS
    ],
    "managed": [
        f"{figure}, {what}, {kind}"
        for what in ("hello", "an SDK client held")
        for kind in (KINDS[0], KINDS[1], KINDS[3])
        for figure in ("throughput", "processor time", "memory", "start")
    ],
}


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric exists for Linux only")
@pytest.mark.parametrize("group", ROWS)
def test_a_group_prints_its_rows(group: str) -> None:
    command = [sys.executable, "benchmarks", group, "--pairs", "1", "--quick"]
    result = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=300
    )
    lines = result.stdout.splitlines()
    names, _, *rows = lines[lines.index(f"### {group}") + 2 :]
    cells = [row.strip("| ").split(" | ") for row in rows]
    assert [row[0] for row in cells] == ROWS[group]
    assert {row.count("|") for row in rows} == {names.count("|")}
