"""The way of an invocation through the runtime's files, as docs/architecture.md describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

# It notes each file whose code runs, from one call of the handler to the next.
SOURCE = """
import sys

files = set()

def note(frame, event, argument):
    name = frame.f_globals.get("__name__", "")
    if event == "call" and name.startswith("lambda_runtime"):
        files.add(name)

def handler(event, context):
    seen = sorted(files)
    files.clear()
    sys.setprofile(note)
    return seen
"""


def test_a_warm_def_invocation_visits_seven_files(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(SOURCE)
    for number in range(2):
        api.invoke({"number": number}, trace_id=f"Root=1-{number}")
    seen = api.invoke({"number": 2}, trace_id="Root=1-2").json()
    assert [name.removeprefix("lambda_runtime.") for name in seen] == [
        "_blocking_loop",
        "_context",
        "_http1",
        "_invocation",
        "_json",
        "_prepared_handler",
        "_socket_transport",
    ]
