"""Costs that can be counted: the same on each run, however busy the machine is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

SIZE = 6_000_000


class Limit(NamedTuple):
    """The most that something may cost."""

    plain: float
    """With a `def` handler."""
    asynchronous: float
    """With an `async def` handler."""
    advice: str
    """The place to look at when it costs more."""


LIMITS = {
    "instructions of Python for a warm invocation": Limit(
        1450, 2000, "profile what runs from one call of the handler to the next"
    ),
    "calls of the kernel for a warm invocation": Limit(
        4, 4, "a request is sent by one call, and its response read by one"
    ),
    "modules of the runtime at the first invocation": Limit(
        25, 40, "import what few functions need where it is needed"
    ),
    "modules of the standard library at the first invocation": Limit(
        40, 86, "look for the import that came in; many modules import much themselves"
    ),
    "memory for a 6 MB echo, in sizes of the event": Limit(
        3.2, 3.2, "let go of the event's bytes, the event and the result as soon as each is used"
    ),
}
KINDS = {"def": "plain", "async def": "asynchronous"}


def check(cost: str, kind: str, seen: float) -> None:
    """Compare a cost with its limit."""
    limit = LIMITS[cost]
    most = getattr(limit, KINDS[kind])
    assert seen <= most, (
        f"{cost}, {kind}: {seen:g}, and the limit is {most:g}. Make it cheaper: {limit.advice}. "
        "Or raise the limit in LIMITS, and say in the commit why that is worth it."
    )


MEMORY = """
import pathlib

process = pathlib.Path("/proc/self")
peaks = []

def peak():
    status = (process / "status").read_text()
    (process / "clear_refs").write_text("5")  # begin again
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024

{kind} handler(event, context):
    peaks.append(peak())
    return event or peaks
"""
COUNTS = """
import sys

modules = list(sys.modules)
opcodes = 0
calls = []
KERNEL = ("socket", "epoll", "kqueue")

def trace(frame, event, argument):
    global opcodes
    frame.f_trace_opcodes = True
    opcodes += event == "opcode"
    return trace

def note(frame, event, argument):
    owner = type(getattr(argument, "__self__", None)).__name__
    if event == "c_call" and owner in KERNEL and argument.__name__ != "fileno":
        calls.append(argument.__name__)

{kind} handler(event, context):
    global opcodes
    sys.settrace(None)
    sys.setprofile(None)
    seen = opcodes, list(calls)
    opcodes = 0
    calls.clear()
    if event["count"] == "modules":
        return list(sys.modules)
    if event["count"] == "instructions":
        sys.settrace(trace)
        frame = sys._getframe()
        while frame := frame.f_back:
            frame.f_trace = trace
            frame.f_trace_opcodes = True
    else:
        sys.setprofile(note)
    return seen
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("kind", KINDS)
def test_a_large_event_is_in_memory_a_few_times(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], kind: str
) -> None:
    start(MEMORY.format(kind=kind))
    api.invoke({})
    for _ in range(3):
        api.invoke("x" * SIZE)
    before, *peaks = api.invoke({}).json()
    # The least: the allocator may keep what was freed.
    seen = (min(peaks) - before) / SIZE
    check("memory for a 6 MB echo, in sizes of the event", kind, seen)


@pytest.mark.parametrize("kind", KINDS)
def test_a_start_and_a_warm_invocation_cost_no_more_than_they_did(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], kind: str
) -> None:
    start(COUNTS.format(kind=kind), "-c", "from lambda_runtime import run; run('app.handler')")
    loaded = api.invoke({"count": "modules"}).json()
    own = [name for name in loaded if name.startswith(("lambda_runtime", "lambda_logging"))]
    check("modules of the runtime at the first invocation", kind, len(own))
    others = sys.stdlib_module_names & {name.partition(".")[0] for name in loaded}
    check("modules of the standard library at the first invocation", kind, len(others))
    seen = [api.invoke({"count": "instructions"}).json()[0] for _ in range(4)]
    check("instructions of Python for a warm invocation", kind, min(seen[1:]))
    calls = [api.invoke({"count": "calls"}).json()[1] for _ in range(4)]
    check("calls of the kernel for a warm invocation", kind, min(map(len, calls[1:])))
