"""The life of execution environments."""

from __future__ import annotations

import json
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lambda_emulator import Emulator, configure

from .conftest import until

FUNCTIONS = Path(__file__).parent / "functions"
ACTIONS = {"actions": FUNCTIONS / "own_loop.py"}
LIMIT = 30
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def invoke(emulator: Emulator, event: object, client: Any = None) -> Any:
    client = client or emulator.client()
    name = "actions"
    return json.load(client.invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])


def state(pid: int) -> str:
    """Return the state of a process, as T for stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@on_linux
def test_too_much_memory_ends_the_process() -> None:
    with Emulator(ACTIONS, memory_mb=128, timeout=30) as emulator:
        first = invoke(emulator, {"identify": None})
        assert invoke(emulator, {"hold": 64}) == 64
        answer = invoke(emulator, {"hold": 512, "sleep": 30})
        assert answer["errorType"] == "Runtime.OutOfMemory"
        told = re.search(
            r"^RequestId: \S+ Error: Runtime exited with error: signal: killed \(it held (\d+) MB"
            r" of memory, and may hold 128 MB: raise --memory, or memory_mb\)$",
            answer["errorMessage"],
        )
        assert told is not None
        assert int(told[1]) > 128
        assert invoke(emulator, {"identify": None}) != first
    used = re.search(
        rb"Max Memory Used: (\d+) MB\tStatus: error\tError Type: Runtime.Out", emulator.log
    )
    assert used is not None
    assert int(used[1]) > 128


def test_memory_need_not_be_limited() -> None:
    with Emulator(ACTIONS, memory_mb=128, timeout=30, limit_memory=False) as emulator:
        assert invoke(emulator, {"hold": 192}) == 192


@on_linux
def test_a_process_stands_still_between_invocations() -> None:
    with Emulator(ACTIONS, freeze=True) as emulator:
        client = emulator.client()
        pid = invoke(emulator, {"identify": None}, client)
        assert until(lambda: state(pid) == "T")
        assert invoke(emulator, {"echo": 1}, client) == 1
        assert invoke(emulator, {"identify": None}, client) == pid
        assert until(lambda: state(pid) == "T")


def test_a_failed_start_is_tried_again_by_the_first_invocation(tmp_path: Path) -> None:
    marker = tmp_path / "started"
    (tmp_path / "app.py").write_text(
        "import pathlib, sys\n"
        "from lambda_runtime import run\n"
        f"marker = pathlib.Path({str(marker)!r})\n"
        "if not marker.exists():\n    marker.touch()\n    sys.exit(3)\n"
        "run(lambda event: 'second')\n"
    )
    with Emulator({"actions": tmp_path / "app.py"}) as emulator:
        assert invoke(emulator, {}) == "second"
    assert emulator.log.count(b"INIT_START ") == 2
    assert b"\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\n" in emulator.log


def test_records_in_json() -> None:
    with Emulator(ACTIONS, log_format="json", timeout=1) as emulator:
        assert invoke(emulator, {"environment": ["AWS_LAMBDA_LOG_FORMAT"]}) == ["JSON"]
        invoke(emulator, {"sleep": 30})
    records = [
        json.loads(line) for line in emulator.log.splitlines() if line.startswith(b'{"time"')
    ]
    assert [record["type"] for record in records] == [
        "platform.initStart",
        *("platform.start", "platform.report"),
        *("platform.start", "platform.runtimeDone", "platform.report"),
    ]
    start, report = records[1]["record"], records[2]["record"]
    assert start["requestId"] == report["requestId"]
    assert report["status"] == "success"
    assert report["metrics"].keys() == {
        *("durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs"),
    }
    assert records[-1]["record"]["status"] == "timeout"


def test_extensions(tmp_path: Path) -> None:
    folder = tmp_path / "extensions"
    folder.mkdir()
    shutil.copy(FUNCTIONS / "extension.py", folder / "watcher")
    (folder / "watcher").chmod(0o755)
    (folder / "notes.txt").write_text("no program")
    told = tmp_path / "told.jsonl"

    def records(key: str) -> list[Any]:
        lines = told.read_text().splitlines() if told.exists() else []
        return [record for line in lines if key in (record := json.loads(line))]

    def telemetry() -> list[Any]:
        return [event for record in records("telemetry") for event in record["telemetry"]]

    environment = {"EXTENSION_LOG": str(told)}
    with Emulator(ACTIONS, extensions=folder, environment=environment, timeout=20) as emulator:
        assert invoke(emulator, {"log": "hello\n", "echo": 1}) == 1
        assert until(lambda: any(event["type"] == "platform.report" for event in telemetry()))
    [registered] = records("registered")
    assert registered["registered"]["functionName"] == "actions"
    invoked, shut_down = records("eventType")
    assert invoked["eventType"] == "INVOKE"
    assert invoked["invokedFunctionArn"].endswith(":function:actions")
    assert (shut_down["eventType"], shut_down["shutdownReason"]) == ("SHUTDOWN", "spindown")
    types = [event["type"] for event in telemetry()]
    assert types[0] == "platform.initStart"
    assert {"platform.start", "platform.runtimeDone", "function"} <= set(types)
    assert any(event["record"] == "hello\n" for event in telemetry())
    assert b"EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n" in emulator.log


def test_extensions_end_with_the_process_and_know_why(tmp_path: Path) -> None:
    folder = tmp_path / "extensions"
    folder.mkdir()
    shutil.copy(FUNCTIONS / "extension.py", folder / "watcher")
    (folder / "watcher").chmod(0o755)
    told = tmp_path / "told.jsonl"
    environment = {"EXTENSION_LOG": str(told)}
    with Emulator(ACTIONS, extensions=folder, environment=environment, timeout=5) as emulator:
        client = emulator.client()
        for event in ({"sleep": 60}, {"leave": 1}, {"echo": 3}):
            client.invoke(FunctionName="actions", Payload=json.dumps(event))
    lives = told.read_text().split('{"registered"')[1:]
    reasons = [re.findall(r'"shutdownReason": "(\w+)"', life) for life in lives]
    assert reasons == [["timeout"], ["failure"], ["spindown"]]
    reported = [re.findall(r'"platform.report"', life) for life in lives]
    assert reported == [[], [], ['"platform.report"']]
    # No life sees a request of an earlier one.
    ids = [set(re.findall(r'"requestId": "([^"]+)"', life)) for life in lives]
    assert [len(each) for each in ids] == [1, 1, 1]


def test_telemetry_for_an_extension_within_the_function(tmp_path: Path) -> None:
    told = tmp_path / "told.jsonl"
    (tmp_path / "app.py").write_text(
        f"import os\nos.environ['EXTENSION_LOG'] = {str(told)!r}\n"
        f"source = open({str(FUNCTIONS / 'extension.py')!r}).read()\n"
        "import threading\nfrom lambda_runtime import run\n"
        # It has registered before the runtime asks for the first invocation, as it must.
        "before, _, loop = source.replace('\"SHUTDOWN\"]', ']').partition('while True:')\n"
        "names = {'__file__': 'internal', '__name__': 'internal'}\nexec(before, names)\n"
        "threading.Thread(target=exec, args=('while True:' + loop, names), daemon=True).start()\n"
        "def handler(event):\n    print('hello')\n    return 1\n"
        "run(handler)\n"
    )
    with Emulator({"actions": tmp_path / "app.py"}, timeout=20) as emulator:
        assert invoke(emulator, {}) == 1
    assert b"EXTENSION\tName: internal\tState: Ready\tEvents: [INVOKE]\n" in emulator.log
    text = told.read_text()
    for kind in ("platform.initStart", "platform.start", "platform.report", "function"):
        assert f'"type": "{kind}"' in text


def test_an_extension_that_ends_ends_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "extensions"
    folder.mkdir()
    (folder / "quitter").write_text("#!/bin/sh\nexit 1\n")
    (folder / "quitter").chmod(0o755)
    with Emulator(ACTIONS, extensions=folder) as emulator:
        answer = invoke(emulator, {"echo": 1})
    assert answer["errorType"] == "Extension.Crash"
    assert "quitter" in answer["errorMessage"]


ROGUE = """#!/usr/bin/env python3
import http.client, json, os, pathlib

def request(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, names)
    response = connection.getresponse()
    answer = json.loads(response.read())
    told.append([response.status, answer.get("errorType") or answer.get("status")])
    return response.headers["Lambda-Extension-Identifier"]

told = []
register = "/2020-01-01/extension/register"
me = {"Lambda_Extension_Name": "rogue"}
request("POST", register, "no JSON", **me)
request("POST", register, '{"events": ["OTHER"]}', **me)
own = {"Lambda_Extension_Identifier": request("POST", register, '{"events": ["INVOKE"]}', **me)}
request("POST", register, '{"events": ["INVOKE"]}', **me)
request("PUT", "/2022-07-01/telemetry", '{"types": ["platform"]}', **own)
error = "/2020-01-01/extension/init/error"
request("POST", error, **own)
pathlib.Path(os.environ["EXTENSION_LOG"]).write_text(json.dumps(told))
request("POST", error, Lambda_Extension_Function_Error_Type="Extension.Own", **own)
"""


def test_an_extension_is_told_what_it_does_wrong_and_may_give_up(tmp_path: Path) -> None:
    folder = tmp_path / "extensions"
    folder.mkdir()
    (folder / "rogue").write_text(ROGUE)
    (folder / "rogue").chmod(0o755)
    told = tmp_path / "told.json"
    environment = {"EXTENSION_LOG": str(told)}
    with Emulator(ACTIONS, extensions=folder, environment=environment) as emulator:
        answer = invoke(emulator, {"echo": 1})
    assert answer["errorType"] == "Extension.InitError"
    assert "rogue reported Extension.Own" in answer["errorMessage"]
    assert json.loads(told.read_text()) == [
        [403, "InvalidRequestFormat"],
        [403, "Extension.InvalidEventType"],
        [200, None],
        [403, "Extension.InvalidExtensionState"],
        [400, "ValidationError"],
        [403, "Extension.MissingHeader"],
    ]


def test_sigterm_comes_to_who_registers_an_extension(tmp_path: Path) -> None:
    left = tmp_path / "left"
    (tmp_path / "app.py").write_text(
        "import contextlib, pathlib\n"
        "from lambda_runtime import run\n"
        "@contextlib.contextmanager\n"
        f"def life():\n    yield\n    pathlib.Path({str(left)!r}).touch()\n"
        "run(lambda event: 1, lifespan=life)\n"
    )
    with Emulator({"actions": tmp_path / "app.py"}) as emulator:
        assert invoke(emulator, {}) == 1
        assert not left.exists()
    assert left.exists()


def test_managed_instances(tmp_path: Path) -> None:
    started, gate = tmp_path / "started", tmp_path / "gate"
    config = configure(
        FUNCTIONS / "own_loop.py", "actions", max_concurrency=2, concurrency=1, timeout=20
    )
    with Emulator([config]) as emulator, ThreadPoolExecutor(1) as pool:
        client = emulator.client()
        waiting = pool.submit(invoke, emulator, {"wait": [str(started), str(gate)]}, client)
        until(started.exists)
        kind = invoke(emulator, {"environment": ["AWS_LAMBDA_INITIALIZATION_TYPE"]}, client)
        assert kind == ["lambda-managed-instances"]
        gate.touch()
        assert waiting.result() is True
    reports = [
        json.loads(line)["record"]
        for line in emulator.log.splitlines()
        if b"platform.report" in line
    ]
    assert [report["metrics"].keys() for report in reports] == [{"durationMs"}] * 2


def test_a_timeout_on_managed_instances_leaves_the_process(tmp_path: Path) -> None:
    started, gate = tmp_path / "started", tmp_path / "gate"
    config = configure(FUNCTIONS / "own_loop.py", "actions", max_concurrency=2, timeout=1.5)
    with Emulator([config]) as emulator:
        client = emulator.client()
        late = invoke(emulator, {"wait": [str(started), str(gate)]}, client)
        assert late["errorType"] == "Sandbox.Timedout"
        gate.touch()
        assert invoke(emulator, {"echo": 1}, client) == 1
    assert emulator.log.count(b"platform.initStart") == 1


def test_a_process_of_managed_instances_that_ends_is_replaced() -> None:
    config = configure(FUNCTIONS / "own_loop.py", "actions", max_concurrency=2, timeout=20)
    with Emulator([config]) as emulator:
        client = emulator.client()
        assert invoke(emulator, {"leave": 3}, client)["errorType"] == "Runtime.ExitError"
        assert invoke(emulator, {"echo": 1}, client) == 1


def test_a_start_of_managed_instances_that_fails_is_tried_again() -> None:
    config = configure(FUNCTIONS / "broken.py", "broken", max_concurrency=2, timeout=20)
    with Emulator([config]) as emulator:
        client = emulator.client()
        for _ in range(2):
            answer = client.invoke(FunctionName="broken", Payload=b"{}")
            assert answer["FunctionError"] == "Unhandled"
            assert json.load(answer["Payload"])["errorType"] == "Runtime.ExitError"
    assert emulator.log.count(b'"phase":"invoke"') >= 2
