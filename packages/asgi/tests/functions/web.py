"""An application for tests that need a process."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
from pathlib import Path
from typing import Any

from lambda_asgi import AsgiHandler
from lambda_runtime import function


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        if "FAILS" in os.environ:
            raise OSError("no database")
        scope["state"]["numbers"] = itertools.count()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("shut down")  # noqa: T201
        await send({"type": "lifespan.shutdown.complete"})
        return
    await PATHS[scope["path"]](scope, receive, send)


# A request that is cancelled so early is reported by its deadline, on a machine of any speed.
patient = function(deadline_margin=20)(AsgiHandler(app, streaming=True))


async def answer(send: Any, text: str) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})


async def count(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, str(next(scope["state"]["numbers"])))


async def garbage(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, str(gc.collect()))


async def background(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, "at once")
    gate = dict(scope["headers"])[b"gate"].decode()
    await asyncio.to_thread(wait_at, gate)
    print("done later")  # noqa: T201


def wait_at(gate: str) -> None:
    with Path(gate).open("rb", 0) as file:
        file.read(1)


async def hang(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await asyncio.sleep(60)


async def large(scope: Any, receive: Any, send: Any) -> None:
    part = b"x" * 65536
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(1000):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    status = await asyncio.to_thread(Path("/proc/self/status").read_text)
    (peak,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    await send({"type": "http.response.body", "body": peak.encode()})


# Lambda gives the invocation again whose response it has not taken.
parts = [range(2), itertools.count()]


async def endless_at_first(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    listening = asyncio.create_task(listen(receive))
    try:
        for _ in parts.pop():
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        await send({"type": "http.response.body"})
    except OSError as error:
        print("send:", error)  # noqa: T201
    print(await listening)  # noqa: T201


async def listen(receive: Any) -> str:
    await receive()
    return str((await receive())["type"])


async def held(scope: Any, receive: Any, send: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["GATE"]))
    await reader.read()
    writer.close()
    await answer(send, str(os.getpid()))


PATHS = {
    "/background": background,
    "/count": count,
    "/endless": endless_at_first,
    "/garbage": garbage,
    "/hang": hang,
    "/held": held,
    "/large": large,
}
