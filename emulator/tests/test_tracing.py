"""AWS's X-Ray SDK in a function."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest

from lambda_emulator import Emulator

from .conftest import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRACED = """
from aws_xray_sdk.core import xray_recorder


def handler(event, context):
    with xray_recorder.in_subsegment("work") as segment:
        return {"trace": segment.trace_id, "sampled": segment.sampled}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "traced.py").write_text(TRACED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def emulator(project: Path) -> Iterator[Emulator]:
    with Emulator(["traced.handler"], timeout=20) as emulator:
        yield emulator
    assert b"WARNING" not in emulator.log
    assert b"discarded" not in emulator.log


def invoke(emulator: Emulator, **options: Any) -> Any:
    answer = emulator.client().invoke(FunctionName="traced", Payload=b"{}", **options)
    return json.load(answer["Payload"])


def test_each_invocation_has_a_segment(emulator: Emulator) -> None:
    seen = [invoke(emulator) for _ in range(3)]
    assert len({each["trace"] for each in seen}) == 3
    assert {each["sampled"] for each in seen} == {False}


def test_the_caller_decides(emulator: Emulator) -> None:
    client = emulator.client()
    root = f"1-5759e988-{'a' * 24}"

    def trace(request: Any, **_: Any) -> None:
        request.headers["X-Amzn-Trace-Id"] = f"Root={root};Sampled=1"

    client.meta.events.register("before-send.lambda.Invoke", trace)
    answer = json.load(client.invoke(FunctionName="traced", Payload=b"{}")["Payload"])
    assert answer == {"trace": root, "sampled": True}


def test_other_ways_in_have_traces_too(emulator: Emulator) -> None:
    client = emulator.client()
    client.invoke(FunctionName="traced", Payload=b"{}", InvocationType="Event")
    with urlopen(emulator.function_url("traced")) as answer:
        assert json.load(answer)["trace"].startswith("1-")
    until(lambda: emulator.log.count(b"\nREPORT ") == 2)


@pytest.mark.usefixtures("project")
def test_a_command_has_a_trace() -> None:
    command = [sys.executable, "-m", "lambda_emulator", "invoke", "traced.handler"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["trace"].startswith("1-")
    assert b"discarded" not in done.stderr
