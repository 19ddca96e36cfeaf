"""Memory of one process that serves one invocation at a time."""

from __future__ import annotations

from dataclasses import replace

from _compare import AWS, PEAK, Comparison
from _group import Group
from _kinds import kinds
from _payload import LOADS
from _server import Load

_ROWS = {
    "hello": ("hello", Load(invocations=500)),
    **{
        f"{what} returned": ("echo", replace(load, invocations=5, warmup=0))
        for what, load in LOADS.items()
        if what.startswith("6 MB")
    },
}
GROUP = Group(
    title="Memory",
    measurements=[
        Comparison(f"{what}, {kind}", command, (*AWS, f"{module}.handler"), load, [PEAK])
        for what, (module, load) in _ROWS.items()
        for kind, command in kinds(module).items()
    ],
)
