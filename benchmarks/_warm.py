"""Warm invocations of a handler that does next to nothing: what remains is the runtime."""

from __future__ import annotations

from _compare import AWS, PROCESSOR, WALL, Comparison
from _group import Group
from _kinds import kinds
from _server import Load

GROUP = Group(
    title="Warm invocations",
    measurements=[
        Comparison(
            kind,
            command,
            (*AWS, "hello.handler"),
            Load(event=b'{"name": "Ada"}', invocations=2000, warmup=200),
            [WALL, PROCESSOR],
        )
        for kind, command in kinds("hello").items()
    ],
)
