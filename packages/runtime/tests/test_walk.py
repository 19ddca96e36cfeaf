"""The way of an invocation through the runtime's files, as docs/architecture.md describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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


# Imports that wait until they are needed: the handler's code, an event, and the module.
LATER = {
    "a failure": ("raise ValueError", {}, "lambda_runtime._failure"),
    "a number that ujson writes": (
        "from decimal import Decimal; return Decimal(1)",
        {"text": "x" * 70_000},  # which ujson does not read
        "ujson",
    ),
    "a Decimal": ("from decimal import Decimal; return Decimal(1)", {}, "decimal"),
    "an iterator": ("return iter(['a'])", {}, "lambda_runtime._response_stream"),
}


@pytest.mark.parametrize("case", LATER)
def test_some_imports_wait_until_they_are_needed(
    case: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    body, event, module = LATER[case]
    start(
        f"""
import sys
def handler(event, context):
    if event == "loaded": return {module!r} in sys.modules
    if event == "all": return sorted(sys.modules)
    {body}
"""
    )
    assert api.invoke("loaded").json() is False
    before = api.invoke("all").json()
    assert api.invoke("all").json() == before
    api.invoke(event)
    assert api.invoke("loaded").json() is True
