"""Cold starts with the share of a processor that Lambda gives to a function of some memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from _compare import AWS, FIRST_POLL, OURS, Comparison
from _group import Group
from _installed import WEB, Installed
from _server import Load

if TYPE_CHECKING:
    from collections.abc import Sequence

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
_MEGABYTES_A_PROCESSOR = 1769
_FUNCTIONS = {
    "`def`": ("hello.handler", "hello.handler"),
    "`async def`": ("hello_async.handler", "hello.handler"),
    "FastAPI, against Mangum": ("web_fastapi:app", "mangum_fastapi.handler"),
}


def group(shares: Sequence[float]) -> Group:
    """Return the group that measures cold starts with shares of a processor.

    Args:
        shares: The shares; 1 is a whole processor.
    """
    comparisons = [
        Comparison(
            f"{what}, {share:g} of a processor ({share * _MEGABYTES_A_PROCESSOR:.0f} MB)",
            (*OURS, ours),
            (*AWS, peer),
            Load(processors=share),
            [FIRST_POLL],
        )
        for what, (ours, peer) in _FUNCTIONS.items()
        for share in shares
    ]
    return Group(
        title="Cold start of small functions",
        measurements=[Installed(*WEB, comparisons)],
        distributions=("lambda-runtime", "awslambdaric", "fastapi", "mangum"),
        pairs=5,
    )
