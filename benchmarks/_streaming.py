"""Streamed responses, against a bare socket that sends the same chunks: awslambdaric has none."""

from __future__ import annotations

import json
import sys

from _compare import PROCESSOR_MS, Comparison, Figure
from _group import Group
from _kinds import kinds
from _server import Load

_FIRST_BYTE = Figure("first byte", lambda run: run.first_byte_seconds * 1e6, "us")
_GROWTH = Figure("growth", lambda run: run.grown_bytes / 2**20, "MB", has_ratio=False)


def _load(chunks: int, size: int, invocations: int, warmup: int = 0) -> Load:
    event = json.dumps({"chunks": chunks, "size": size}).encode()
    return Load(event=event, invocations=invocations, warmup=warmup)


def _throughput(megabytes: float) -> Figure:
    return Figure("throughput", lambda run: megabytes / run.wall_seconds, "MB/s", max)


_LARGE = 64 * 1024
_ROWS = [
    ("behind a gate", "gated", _load(2, 1024, 100, 10), [_FIRST_BYTE]),
    ("50 MB, 64 KB a chunk", "handler", _load(800, _LARGE, 4, 1), [_throughput(50), PROCESSOR_MS]),
    ("2 MB, 1 KB a chunk", "handler", _load(2048, 1024, 5, 1), [_throughput(2), PROCESSOR_MS]),
    ("50 MB, the first invocation", "handler", _load(800, _LARGE, 1), [_GROWTH]),
]
GROUP = Group(
    title="Streamed responses",
    measurements=[
        Comparison(
            f"{what}, {kind}",
            command,
            (sys.executable, "bare_sender.py", f"stream.{name}"),
            load,
            figures,
        )
        for what, name, load, figures in _ROWS
        for kind, command in kinds("stream", name).items()
    ],
    peer="bare socket",
    distributions=("lambda-runtime",),
)
