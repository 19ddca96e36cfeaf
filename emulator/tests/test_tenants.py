"""Tenants have environments of their own."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lambda_emulator import Emulator

from .conftest import until

ACTIONS = {"actions": Path(__file__).parent / "functions" / "own_loop.py"}


def identify(client: Any, tenant: str | None = None) -> int:
    options = {"TenantId": tenant} if tenant else {}
    answer = client.invoke(FunctionName="actions", Payload=b'{"identify": null}', **options)
    process: int = json.load(answer["Payload"])
    return process


def test_each_tenant_has_an_environment() -> None:
    with Emulator(ACTIONS, timeout=20) as emulator:
        client = emulator.client()
        asked = ["blue", "red", None, "blue", None, "red", "blue"]
        seen = [(tenant, identify(client, tenant)) for tenant in asked]
    assert len(set(seen)) == len({process for _, process in seen}) == 3


def test_an_idle_environment_makes_room_for_another_tenant() -> None:
    with Emulator(ACTIONS, concurrency=1, timeout=20) as emulator:
        client = emulator.client()
        processes = [identify(client, tenant) for tenant in ("blue", "red", "blue", "red")]
        assert len(set(processes)) == 4
        assert identify(client, "red") == processes[-1]


def test_a_busy_environment_does_not(tmp_path: Path) -> None:
    with Emulator(ACTIONS, concurrency=1, timeout=20) as emulator, ThreadPoolExecutor(1) as pool:
        client = emulator.client()
        started, gate = tmp_path / "started", tmp_path / "gate"
        event = json.dumps({"wait": [str(started), str(gate)]})
        waiting = pool.submit(client.invoke, FunctionName="actions", Payload=event, TenantId="blue")
        until(started.exists)
        with pytest.raises(client.exceptions.TooManyRequestsException):
            identify(client, "red")
        # A queued invocation waits for its turn.
        client.invoke(
            FunctionName="actions",
            Payload=b'{"log": "here"}',
            TenantId="red",
            InvocationType="Event",
        )
        gate.touch()
        waiting.result()
        until(lambda: b"here" in emulator.log)


def test_an_environment_that_ends_is_waited_for(tmp_path: Path) -> None:
    gate, leaving = tmp_path / "gate", tmp_path / "leaving"
    (tmp_path / "app.py").write_text(
        "import contextlib, os, pathlib, threading\n"
        "from lambda_runtime import run\n"
        "def wait():\n"
        f"    while not pathlib.Path({str(gate)!r}).exists():\n"
        "        threading.Event().wait(0.01)\n"
        "@contextlib.contextmanager\n"
        "def life():\n"
        "    yield\n"
        f"    pathlib.Path({str(leaving)!r}).touch()\n"
        "    threading.Event().wait()\n"
        "def handler(event, context):\n"
        "    context.after_response(wait)\n"
        "    return os.getpid()\n"
        "run(handler, lifespan=life)\n"
    )
    with Emulator({"actions": tmp_path / "app.py"}, concurrency=1, timeout=20) as emulator:
        client = emulator.client()
        process, _ = identify(client, "blue"), identify(client, "red")
        gate.touch()
        until(leaving.exists)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_many_tenants_at_once_are_never_mixed() -> None:
    tenants = ["a", "b", "c", "d"]
    with Emulator(ACTIONS, concurrency=4, timeout=60) as emulator, ThreadPoolExecutor(4) as pool:
        client = emulator.client()

        def ask(number: int) -> tuple[str, int]:
            tenant = tenants[number % 4]
            while True:
                try:
                    return tenant, identify(client, tenant)
                except client.exceptions.TooManyRequestsException:
                    continue

        seen = set(pool.map(ask, range(80)))
    assert len({process for _, process in seen}) == len(seen)
