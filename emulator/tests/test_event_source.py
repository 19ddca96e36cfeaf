"""A queue that is polled for a function."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from lambda_emulator import configure
from lambda_emulator._bus import Bus
from lambda_emulator._event_source import SourceStatus, poll_source
from lambda_emulator._log import Output
from lambda_emulator._service import FunctionService

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

LIMIT = 30
PROGRAM = """
from lambda_runtime import run
def handler(event):
    if any(record["body"] == "raise" for record in event["Records"]):
        raise ValueError
    failed = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
    print([(r["eventSourceARN"], r["messageAttributes"]) for r in event["Records"]])
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
run(handler)
"""


class Queue:
    """What of SQS's protocol a poller needs."""

    def __init__(self, *bodies: str) -> None:
        self.batch = [
            {
                "MessageId": f"m{number}",
                "ReceiptHandle": f"r{number}",
                "Body": body,
                "Attributes": {"ApproximateReceiveCount": "1"},
                "MessageAttributes": {"a": {"StringValue": "b", "DataType": "String"}},
            }
            for number, body in enumerate(bodies)
        ]
        self.deleted: list[str] = []
        self.polled_again = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        target = request.headers["X-Amz-Target"]
        told = await request.json()
        answer: dict[str, Any] = {}
        if target.endswith(".ReceiveMessage"):
            if not self.batch:
                self.polled_again.set()
                await asyncio.get_running_loop().create_future()
            answer, self.batch = {"Messages": self.batch}, []
        elif target.endswith(".DeleteMessageBatch"):
            self.deleted += [entry["ReceiptHandle"] for entry in told["Entries"]]
            answer = {"Successful": [], "Failed": []}
        return web.json_response(answer, content_type="application/x-amz-json-1.0")


async def poll(queue: Queue, path: Path, status: SourceStatus | None = None) -> bytes:
    """Poll until the first batch is done; return the log."""
    (path / "app.py").write_text(PROGRAM)
    log = bytearray()
    config = configure(path / "app.py")
    async with (
        served(queue.handle) as url,
        FunctionService(config, Output(log.extend), Bus()) as service,
    ):
        polling = asyncio.create_task(poll_source(url, service, print, status))
        async with asyncio.timeout(LIMIT):
            await queue.polled_again.wait()
        polling.cancel()
        await asyncio.wait({polling})
    return bytes(log)


@asynccontextmanager
async def served(
    handle: Callable[[web.Request], Awaitable[web.Response]],
) -> AsyncGenerator[str]:
    """Answer SQS's requests; give the URL of a queue."""
    app = web.Application()
    app.router.add_post("/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/123456789012/orders"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_SQS", url)
        patch.setenv("AWS_ACCESS_KEY_ID", "local")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        yield url
    await runner.cleanup()


@pytest.mark.parametrize(
    ("bodies", "deleted"),
    [
        (("a", "b"), ["r0", "r1"]),
        (("a", "bad", "c"), ["r0", "r2"]),
        (("a", "raise"), []),
    ],
)
def test_what_is_done_is_deleted(
    tmp_path: Path, bodies: tuple[str, ...], deleted: list[str]
) -> None:
    pytest.importorskip("boto3")

    async def scenario() -> None:
        queue = Queue(*bodies)
        status = SourceStatus("app", "http://sqs/1/orders")
        log = await poll(queue, tmp_path, status)
        assert queue.deleted == deleted
        assert (status.state, status.received) == ("polling", len(bodies))
        assert status.returned == len(bodies) - len(deleted)
        if "raise" not in bodies:
            assert b"arn:aws:sqs:us-east-1:123456789012:orders" in log
            assert b"{'a': {'stringValue': 'b', 'dataType': 'String'}}" in log

    asyncio.run(scenario())


def test_a_queue_that_is_out_of_reach_is_told_of(tmp_path: Path) -> None:
    pytest.importorskip("boto3")

    async def refuse(_request: web.Request) -> web.Response:
        answer = {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue"}
        return web.json_response(answer, status=400, content_type="application/x-amz-json-1.0")

    async def scenario() -> None:
        told: asyncio.Queue[object] = asyncio.Queue()
        config = configure(tmp_path / "app.py")
        async with (
            served(refuse) as url,
            FunctionService(config, Output(lambda _: None), Bus()) as service,
            asyncio.timeout(LIMIT),
        ):
            status = SourceStatus("app", url)
            polling = asyncio.create_task(poll_source(url, service, told.put_nowait, status))
            message = str(await told.get())
            assert status.state == "unreachable"
            assert "no such queue" in status.error
            polling.cancel()
            await asyncio.wait({polling})
        assert message.startswith(f"The queue {url} cannot be reached: ")
        assert "no such queue" in message

    (tmp_path / "app.py").write_text(PROGRAM)
    asyncio.run(scenario())
