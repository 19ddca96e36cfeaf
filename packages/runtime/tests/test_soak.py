"""The short form of `benchmarks/soak.py`: every invocation is answered once, whatever happens."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

SOAK = Path(__file__).parents[3] / "benchmarks" / "soak.py"

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="it reads a process's memory from /proc"),
    pytest.mark.skipif(not SOAK.exists(), reason="it is in the repository, not in the package"),
]


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(SOAK.parent)
    return importlib.import_module("soak")


@pytest.mark.parametrize("transport", ["socket", "stream", "aiohttp"])
def test_every_invocation_is_answered_once(soak: Any, transport: str) -> None:
    outcome = soak.soak(soak.COMMANDS[transport], invocations=2000, share=0.05, seed=1)
    assert outcome.problems() == []
    assert outcome.invocations == 2000
    assert set(outcome.faults) == set(soak.FAULTS), "each of them has happened"
    assert outcome.refusals > 0


# A runtime that answers some invocations twice and others not at all, leaks, and logs nothing.
CARELESS = """
import http.client, os
from itertools import count

leaked = []
connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
for number in count():
    connection.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = connection.getresponse()
    answer.read()
    request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    leaked += [bytearray(1024 * 1024), open(os.devnull)]
    for _ in range((1, 1, 1, 2, 0)[number % 5]):
        path = f"/2018-06-01/runtime/invocation/{request_id}/response"
        name = "you" if number == 50 else request_id
        connection.request("POST", path, '{"message":"Hello %s!"}' % name)
        connection.getresponse().read()
"""


def test_what_a_careless_runtime_does_is_found(soak: Any) -> None:
    outcome = soak.soak([sys.executable, "-c", CARELESS], invocations=100, share=0, seed=1)
    assert (outcome.lost, outcome.doubled, outcome.wrong) == (20, 20, 1)
    found = outcome.problems()
    assert found[:3] == ["20 invocations lost", "20 responses doubled", "1 responses wrong"]
    assert "more memory" in found[3]
    assert found[4].endswith("at the start")


def test_a_refusal_that_is_not_logged_is_found(soak: Any) -> None:
    silent = CARELESS.replace("(1, 1, 1, 2, 0)[number % 5]", "1")
    outcome = soak.soak([sys.executable, "-c", silent], invocations=1, share=0, seed=1)
    assert outcome.problems() == []
    outcome.refusals += 1
    assert outcome.problems() == ["0 log lines for 1 refusals"]


ENDS = """
import os, socket, sys
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
print("Good bye", flush=True)
socket.create_connection((host, int(port)))
sys.exit(3)
"""


def test_a_runtime_that_ends_is_an_error(soak: Any) -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3 at invocation 1: Good bye"):
        soak.soak([sys.executable, "-c", ENDS], invocations=10, share=0, seed=1)
