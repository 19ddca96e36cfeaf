"""AWS's own emulator runs our functions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Emulator, StartEmulator

SAMPLES = Path(__file__).parents[1] / "samples"

FUNCTION = """
served = 0


def handler(event, context):
    global served
    served += 1
    if "fail" in event:
        raise ValueError(event["fail"])
    return {"served": served, "event": event, "text": "x" * event.get("size", 0)}
"""


@pytest.fixture
def function(rie: StartEmulator, tmp_path: Path) -> Iterator[Emulator]:
    (tmp_path / "app.py").write_text(FUNCTION)
    with rie("-m", "lambda_runtime", "app.handler", directory=tmp_path) as function:
        yield function


@pytest.mark.parametrize("sample", ["hello", "hello_async"])
def test_it_runs_a_sample(rie: StartEmulator, sample: str) -> None:
    event = json.loads((SAMPLES / sample / "event.json").read_text("utf-8"))
    with rie(f"samples/{sample}") as function:
        assert function.invoke(event) == (200, {"message": "Hello Ada!"})
        assert function.invoke({"name": "Żaneta ☃"}) == (200, {"message": "Hello Żaneta ☃!"})


def test_one_process_serves_all_invocations(function: Emulator) -> None:
    for served, event in enumerate([{"a": "é☃😀"}, {"b": [1, 2.5, None]}], 1):
        status, answer = function.invoke(event)
        assert status == 200
        assert answer == {"served": served, "event": event, "text": ""}


def test_a_failure_is_answered_and_survived(function: Emulator, tmp_path: Path) -> None:
    status, error = function.invoke({"fail": "naïve ☃"})
    assert status == 200  # the emulator has no other for a function's error
    assert error.pop("requestId")
    (frame,) = error.pop("stackTrace")
    assert frame.startswith(f'  File "{tmp_path}/app.py", line ')
    assert frame.endswith(', in handler\n    raise ValueError(event["fail"])\n')
    assert error == {"errorMessage": "naïve ☃", "errorType": "ValueError"}
    assert function.invoke({})[1]["served"] == 2


def test_a_response_that_is_too_large_is_survived(function: Emulator) -> None:
    _, error = function.invoke({"size": 6 * 1024 * 1024 + 100})
    assert error["errorType"] == "Function.ResponseSizeTooLarge"
    assert function.invoke({})[1]["served"] == 2


def test_a_function_that_cannot_start_is_a_bad_gateway(rie: StartEmulator, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise ValueError('broken')\n")
    with rie("-m", "lambda_runtime", "app.handler", directory=tmp_path) as function:
        status, error = function.invoke({})
    assert status == 502
    assert error == {
        "errorMessage": "broken",
        "errorType": "ValueError",
        "requestId": "",
        "stackTrace": [
            f"  File \"{tmp_path}/app.py\", line 1, in <module>\n    raise ValueError('broken')\n"
        ],
    }
