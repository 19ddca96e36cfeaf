"""Handlers that change the environment variables: the next invocation does not suffer from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Function

from .test_differential import pytestmark as on_linux, start_both

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import FunctionProcess

CHANGES = {
    "clear": "os.environ.clear()",
    "pop": "os.environ.pop('_X_AMZN_TRACE_ID')",
    "del": "del os.environ['_X_AMZN_TRACE_ID']",
    "unsetenv": "os.unsetenv('_X_AMZN_TRACE_ID'); os.environ.pop('_X_AMZN_TRACE_ID')",
    "another value": "os.environ['_X_AMZN_TRACE_ID'] = 'mine'",
    "update": "os.environ.update(AWS_REGION='mars', _X_AMZN_TRACE_ID='mine')",
    "a dict": "os.environ = dict(os.environ)",
    "an empty dict": "os.environ = {}",
    "a copy": "os.environ = os.environ.copy()",
    "a mock": "from unittest.mock import MagicMock; os.environ = MagicMock(wraps=os.environ)",
    "patch.dict": "from unittest.mock import patch; patch.dict(os.environ, clear=True).start()",
    "another start": "os.environ['AWS_LAMBDA_RUNTIME_API'] = 'localhost:1'",
}
SOURCE = """
import os
before = os.environ.get("AWS_REGION")
calls = 0
{prefix}def handler(event, context):
    global calls
    calls += 1
    region = os.environ.get("AWS_REGION")
    result = [calls, os.environ.get("_X_AMZN_TRACE_ID"), region if type(region) is str else None]
    if calls == 1:
        {change}
    return result
"""
# The same trace twice, then another one, and then none.
TRACES = ("Root=1-a", "Root=1-a", "Root=1-b", None)


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "a mock"])
@on_linux
def test_the_next_invocation_has_its_trace_as_under_awslambdaric(
    change: str, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(
        SOURCE.format(prefix="", change=CHANGES[change]), encoding="utf-8"
    )
    with start_both("app.handler", tmp_path) as peers:
        aws, ours = (
            [peer.api.invoke({}, trace_id=trace).json() for trace in TRACES] for peer in peers
        )
    assert ours == aws
    assert [trace for _, trace, _ in ours] == list(TRACES)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("define", ["", "async "])
def test_the_process_lives(
    change: str, define: str, start: Callable[..., FunctionProcess], api: FakeRuntimeAPI
) -> None:
    start(SOURCE.format(prefix=define, change=CHANGES[change]))
    found = [api.invoke({}, trace_id=trace).json() for trace in TRACES[:3]]
    assert [calls for calls, _, _ in found] == [1, 2, 3]
    if change != "a mock":
        assert [trace for _, trace, _ in found] == list(TRACES[:3])


@pytest.mark.parametrize("value", ["None", "()", "object()", "frozenset()"])
@pytest.mark.parametrize("define", ["", "async "])
def test_what_is_not_a_mapping_costs_nothing(
    value: str, define: str, start: Callable[..., FunctionProcess], api: FakeRuntimeAPI
) -> None:
    start(
        f"import os\n{define}def handler(event):\n    os.environ = {value}\n"
        f"    if event == 3: raise ValueError('x')\n    return event"
    )
    for number in range(3):
        assert api.invoke(number, trace_id=f"Root=1-{number}").json() == number
    assert api.invoke(3).json()["errorType"] == "ValueError"
    assert api.invoke(4).json() == 4


@pytest.mark.parametrize("define", ["", "async "])
@pytest.mark.parametrize("change", ["clear", "an empty dict"])
def test_on_managed_instances_too(
    change: str, define: str, start: Callable[..., FunctionProcess]
) -> None:
    with FakeRuntimeAPI(function=Function(max_concurrency=1)) as api:
        start(SOURCE.format(prefix=define, change=CHANGES[change]), **api.environment())
        found = [api.invoke({}, trace_id=trace).json() for trace in TRACES[:3]]
    assert [calls for calls, _, _ in found] == [1, 2, 3]
    if not define:
        assert [trace for _, trace, _ in found] == list(TRACES[:3])
