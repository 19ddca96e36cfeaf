"""Cold start: from the spawn of a process to its first request for an invocation."""

from __future__ import annotations

from _compare import AWS, FIRST_POLL, OURS, Comparison
from _group import Group
from _installed import RUNTIMES, Installed
from _kinds import kinds
from _server import Load

_COMPARISONS = [
    *(
        Comparison(kind, command, (*AWS, "hello.handler"), Load(), [FIRST_POLL])
        for kind, command in kinds("hello").items()
    ),
    Comparison(
        "`async def`, the peer's handler importing asyncio too",
        (*OURS, "hello_async.handler"),
        (*AWS, "hello_imports_asyncio.handler"),
        Load(),
        [FIRST_POLL],
    ),
]
GROUP = Group(
    title="Cold start",
    measurements=[Installed(*RUNTIMES, _COMPARISONS)],
)
