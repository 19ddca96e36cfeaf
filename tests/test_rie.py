"""AWS's own emulator runs our functions."""

from __future__ import annotations

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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


STREAM = """
import os
import socket

os.environ["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:{proxy}"

from lambda_runtime import run


def handler(event):
    with socket.create_connection(("127.0.0.1", {gate})) as gate:
        yield "first"
        assert gate.recv(1), "the first part was not seen before the second was made"
        yield "second"
        if "fail" in event:
            raise ValueError(event["fail"])


run(handler)
"""


class Wire:
    """Passes bytes on between a function and the Runtime API, and records them."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.seen = b""
        self.changed = threading.Condition()

    def serve(self, api_address: str) -> None:
        host, port = api_address.split(":")
        with suppress(OSError):
            while True:
                function, _ = self.listener.accept()
                api = socket.create_connection((host, int(port)))
                for source, target in ((function, api), (api, function)):
                    threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError), target:
            while data := source.recv(65536):
                target.sendall(data)
                with self.changed:
                    self.seen += data
                    self.changed.notify()

    def wait_for(self, data: bytes) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: data in self.seen, timeout=30)


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    with wire.listener:
        yield wire


@pytest.mark.parametrize("event", [{}, {"fail": "é" * 5000}])
def test_a_part_of_a_stream_is_sent_when_it_is_yielded(
    rie: StartEmulator, wire: Wire, tmp_path: Path, event: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        (tmp_path / "app.py").write_text(
            STREAM.format(proxy=wire.port, gate=listener.getsockname()[1])
        )
        with rie("app.py", directory=tmp_path) as function, ThreadPoolExecutor() as pool:
            threading.Thread(target=wire.serve, args=(function.api_address,), daemon=True).start()
            for _ in range(2):  # the environment outlives what fails
                wire.seen = b""
                answer = pool.submit(function.invoke_raw, event)
                gate, _ = listener.accept()
                with gate:
                    wire.wait_for(b"first\r\n")
                    assert b"second" not in wire.seen
                    gate.sendall(b".")
                assert answer.result() == (200, b"firstsecond")
                trailers = (
                    b"Lambda-Runtime-Function-Error-Body: " in wire.seen.partition(b"0\r\n")[2]
                )
                assert trailers is bool(event)


LOGGING = """
import logging
from threading import Thread

from lambda_logging import carry, log


def handler(event, context):
    log.info("log", n=event["n"], id=context.aws_request_id)
    logging.getLogger("shop").warning("logging", extra={"id": context.aws_request_id})
    thread = Thread(target=carry(log.info), args=("thread",), kwargs={"id": context.aws_request_id})
    thread.start()
    thread.join()
"""


@pytest.mark.parametrize("runtime", ["lambda_runtime", "awslambdaric"])
def test_records_have_their_invocations_id(
    rie: StartEmulator,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    runtime: str,
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
    (tmp_path / "app.py").write_text(LOGGING)
    with rie("-m", runtime, "app.handler", directory=tmp_path) as function:
        for n in range(3):
            assert function.invoke({"n": n}) == (200, None)
    lines = capfd.readouterr().out.splitlines()
    records = [json.loads(line) for line in lines if line.startswith('{"timestamp')]
    assert [record["message"] for record in records] == ["log", "logging", "thread"] * 3
    assert all(record["requestId"] == record["id"] for record in records)
    assert len({record["id"] for record in records}) == 3
