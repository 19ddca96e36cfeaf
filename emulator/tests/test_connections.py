"""Connections whose client keeps them and does not use them."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import ClientSession, web

from lambda_emulator._connections import ConnectionWatch, read_body

from .conftest import LIMIT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    import pytest

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
_SHORT, _LONG = 0.05, 1000.0


@asynccontextmanager
async def serve(
    watch: ConnectionWatch, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> AsyncGenerator[int]:
    """Serve on a free port."""
    app = web.Application(middlewares=[watch.middleware])
    app.router.add_route("*", "/", handler)
    # aiohttp waits for the rest of a body, and reads on, after it has answered.
    runner = web.AppRunner(app, lingering_time=_SHORT)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    assert runner.server is not None
    task = asyncio.create_task(watch.run(runner.server))
    yield runner.addresses[0][1]
    task.cancel()
    await runner.cleanup()


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of what a server sends."""
    try:
        async with asyncio.timeout(LIMIT):
            while await reader.read(65536):
                pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


def test_a_head_that_never_ends() -> None:
    async def check() -> None:
        async with serve(ConnectionWatch(head=_SHORT, idle=_LONG, stall=_LONG), hello) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HEAD)
            assert await is_closed(reader)
            writer.close()

    asyncio.run(check())


def test_a_connection_that_idles_after_a_request() -> None:
    async def check() -> None:
        async with serve(ConnectionWatch(head=_LONG, idle=_SHORT, stall=_LONG), hello) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HEAD + b"\r\n")
            assert await is_closed(reader)
            writer.close()

    asyncio.run(check())


def test_a_request_may_take_long() -> None:
    async def check() -> None:
        done = asyncio.Event()

        async def wait(_: web.Request) -> web.Response:
            await done.wait()
            return web.Response(text="late")

        watch = ConnectionWatch(head=_SHORT, idle=_SHORT, stall=_SHORT)
        async with serve(watch, wait) as port, ClientSession() as session:
            request = asyncio.create_task(session.get(f"http://127.0.0.1:{port}/"))
            # The watch ends one that idles, but not the one that waits for its response.
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await is_closed(reader)
            writer.close()
            done.set()
            async with await request as response:
                assert await response.text() == "late"

    asyncio.run(check())


def test_a_stream_that_nobody_reads(caplog: pytest.LogCaptureFixture) -> None:
    async def check() -> None:
        left = asyncio.Event()

        async def pour(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            try:
                while True:
                    await response.write(b"x" * 65536)
            finally:
                left.set()

        async with serve(ConnectionWatch(head=_LONG, idle=_LONG, stall=_SHORT), pour) as port:
            with socket.create_connection(("127.0.0.1", port)) as peer:
                peer.sendall(HEAD + b"\r\n")
                async with asyncio.timeout(LIMIT):
                    await left.wait()

    with caplog.at_level(logging.DEBUG, "lambda_emulator"):
        asyncio.run(check())
    records = [each for each in caplog.records if each.name.startswith("lambda_emulator")]
    assert [record.levelname for record in records] == ["DEBUG", "DEBUG"]
    assert "has read nothing" in records[0].message


def test_a_body_that_never_ends() -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await read_body(request, _SHORT))

    async def check() -> None:
        watch = ConnectionWatch(head=_LONG, idle=_LONG, stall=_LONG)
        async with serve(watch, echo) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HEAD.replace(b"GET", b"POST") + b"Content-Length: 9\r\n\r\nabc")
            assert await reader.readline() == b"HTTP/1.1 408 Request Timeout\r\n"
            assert await is_closed(reader)
            writer.close()

    asyncio.run(check())
