"""Lambda Managed Instances: sixteen invocations at the same time, each of which waits."""

from __future__ import annotations

from _compare import AWS, PROCESSOR, Comparison, Figure
from _group import Group
from _kinds import kinds
from _server import Load

_LOAD = Load(event=b'{"seconds": 0.05}', invocations=15, warmup=2, concurrency=16)
_FIGURES = [
    Figure("throughput", lambda run: 1 / run.wall_seconds, "/s", max),
    PROCESSOR,
    Figure("memory", lambda run: run.shared_out_bytes / 2**20, "MB"),
    Figure("start", lambda run: run.all_polls_seconds * 1e3, "ms"),
]
GROUP = Group(
    title="Lambda Managed Instances",
    measurements=[
        Comparison(f"{what}, {kind}", command, (*AWS, f"{module}.handler"), _LOAD, _FIGURES)
        for what, module in (("hello", "sleep"), ("an SDK client held", "sdk"))
        for kind, command in kinds(module).items()
        if kind in {"`def`", "`async def`", "`async def` (aiohttp)"}  # plain is the stream here
    ],
)
