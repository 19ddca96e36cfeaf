"""The Runtime API in a server of one's own: on one event loop, next to other routes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web

from lambda_testing import Function, Invocation, RuntimeAPI

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

RUNTIME = "/2018-06-01/runtime"


@asynccontextmanager
async def served(runner: web.AppRunner) -> AsyncGenerator[ClientSession]:
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with ClientSession(f"http://{host}:{port}") as client:
            yield client
    finally:
        await runner.cleanup()


async def poll(client: ClientSession) -> tuple[str, bytes]:
    async with client.get(f"{RUNTIME}/invocation/next") as response:
        body = await response.read()
        return response.headers["Lambda-Runtime-Aws-Request-Id"], body


async def post(client: ClientSession, path: str, body: bytes | AsyncIterator[bytes]) -> int:
    async with client.post(path, data=body) as response:
        await response.read()
        return response.status


async def connect(client: ClientSession) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a bare connection to where the client goes."""
    async with client.get("/2018-06-01/ping") as response:
        assert await response.text() == "pong"
        return await asyncio.open_connection(response.url.host, response.url.port)


def plain(api: RuntimeAPI) -> web.AppRunner:
    """Serve the routes without what `RuntimeAPI.runner` adds."""
    app = web.Application()
    app.add_routes(api.routes())
    return web.AppRunner(app, access_log=None)


@pytest.fixture(params=[RuntimeAPI.runner, plain], ids=["runner", "routes"])
def run(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Run a test on the loop that serves, both ways that there are to serve."""

    def run(test: Callable[[RuntimeAPI, ClientSession], Awaitable[None]]) -> None:
        async def main() -> None:
            api = RuntimeAPI(journal=2)
            async with asyncio.timeout(20), served(request.param(api)) as client:
                try:
                    await test(api, client)
                finally:
                    api.close()

        asyncio.run(main())

    return run


def test_an_invocation(run: Callable[..., None]) -> None:
    async def test(api: RuntimeAPI, client: ClientSession) -> None:
        polling = asyncio.create_task(poll(client))
        await api.wait_for_poll()
        invocation = api.enqueue(b"event")
        request_id, event = await polling
        assert (request_id, event, api.queued) == (invocation.request_id, b"event", 0)
        path = f"{RUNTIME}/invocation/{request_id}/response"
        assert await post(client, path, b"result") == 202
        assert (await invocation).body == b"result"

    run(test)


def test_a_streamed_response(run: Callable[..., None]) -> None:
    """With back-pressure, on the loop that serves."""

    async def test(api: RuntimeAPI, client: ClientSession) -> None:
        invocation = api.enqueue(1, request_id="a", paused=True)
        await poll(client)

        async def body() -> AsyncIterator[bytes]:
            yield b"one"
            invocation.resume()
            assert (await invocation.chunk()).data == b"one"
            yield b"two"

        headers = {"Lambda-Runtime-Function-Response-Mode": "streaming"}
        path = f"{RUNTIME}/invocation/a/response"
        async with client.post(path, data=body(), headers=headers) as response:
            assert response.status == 202
        assert [chunk.data for chunk in (await invocation).chunks] == [b"one", b"two"]

    run(test)


def test_an_invocation_can_be_created_before_it_is_queued(run: Callable[..., None]) -> None:
    async def scenario(api: RuntimeAPI, client: ClientSession) -> None:
        ended: list[str] = []
        invocation = Invocation.create(api.function, {"a": 1}, request_id="id", timeout=5)
        invocation.when_done(lambda: ended.append(invocation.state))
        assert (invocation.state, api.queued) == ("queued", 0)
        invocation.start_clock()
        deadline = invocation.headers["Lambda-Runtime-Deadline-Ms"]
        api.submit(invocation)
        assert api.queued == 1
        assert await poll(client) == ("id", b'{"a":1}')
        assert invocation.state == "running"
        assert invocation.headers["Lambda-Runtime-Deadline-Ms"] == deadline
        assert ended == []
        assert await post(client, f"{RUNTIME}/invocation/id/response", b"2") == 202
        assert (await invocation).body == b"2"
        assert ended == ["done"]

    run(scenario)


def test_an_invocation_that_no_server_has() -> None:
    invocation = Invocation.create(Function(), 1)
    with pytest.raises(TimeoutError, match=r"still queued after 0 s; no Runtime API has it"):
        invocation.wait(0)
    invocation.resume()
    closed = RuntimeAPI()
    closed.close()
    with pytest.raises(ConnectionAbortedError):
        closed.submit(invocation)


def test_a_response_can_be_awaited_from_when_it_begins(run: Callable[..., None]) -> None:
    async def scenario(api: RuntimeAPI, client: ClientSession) -> None:
        invocation = api.enqueue(1, request_id="id")
        await poll(client)
        given_up, waiting = (asyncio.create_task(invocation.head()) for _ in range(2))
        await asyncio.sleep(0)
        given_up.cancel()
        path = f"{RUNTIME}/invocation/id/response"
        go_on = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield b"1"
            await go_on.wait()

        headers = {"Lambda-Runtime-Function-Response-Mode": "streaming", "Content-Type": "a/b"}
        sending = asyncio.create_task(client.post(path, data=body(), headers=headers).__aenter__())
        assert (await waiting)["Content-Type"] == "a/b"
        assert (await invocation.chunk()).data == b"1"
        assert invocation.state == "running"
        go_on.set()
        assert (await invocation).content_type == "a/b"
        assert (await invocation.head())["Content-Type"] == "a/b"
        (await sending).close()

    run(scenario)


def test_an_invocation_that_fails_before_its_response_has_no_head(run: Callable[..., None]) -> None:
    async def scenario(api: RuntimeAPI, client: ClientSession) -> None:
        invocation = api.enqueue(1)
        await poll(client)
        waiting = asyncio.create_task(invocation.head())
        await asyncio.sleep(0)
        api.process_exited()
        assert dict(await waiting) == {}
        assert invocation.response_headers is None

    run(scenario)


def test_a_late_answer_is_refused(run: Callable[..., None]) -> None:
    async def test(api: RuntimeAPI, client: ClientSession) -> None:
        slow, queued = api.enqueue(1, request_id="a"), api.enqueue(2, request_id="b")
        await poll(client)
        api.time_out(slow, b"Task timed out")
        api.time_out(slow, b"again")
        assert ((await slow).kind, (await slow).body) == ("timeout", b"Task timed out")
        assert await post(client, f"{RUNTIME}/invocation/a/response", b"late") == 410
        api.time_out(queued, b"")
        assert (await queued).delivered is None
        assert api.queued == 0
        _ = api.enqueue(3)
        assert (await poll(client))[1] == b"3"

    run(test)


def test_an_answer_that_is_late_while_it_comes_in(run: Callable[..., None]) -> None:
    async def test(api: RuntimeAPI, client: ClientSession) -> None:
        invocation = api.enqueue(1, request_id="a")
        await poll(client)

        async def body() -> AsyncIterator[bytes]:
            yield b"begun"
            while (await client.get(f"{RUNTIME}/invocation/next")).status == 200:
                pass  # the server has yet to begin with the response
            api.time_out(invocation, b"late")
            yield b"ended"

        assert await post(client, f"{RUNTIME}/invocation/a/response", body()) == 410
        assert (await invocation).body == b"late"

    run(test)


def test_a_poll_ends_with_its_process(run: Callable[..., None]) -> None:
    async def test(api: RuntimeAPI, client: ClientSession) -> None:
        for end in (api.process_exited, api.close):
            # Not by the client, which polls again when its connection is closed.
            reader, writer = await connect(client)
            writer.write(f"GET {RUNTIME}/invocation/next HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            await api.wait_for_poll()
            end()
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()

    run(test)


def test_a_response_that_breaks_off_is_an_error(
    run: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    async def test(api: RuntimeAPI, client: ClientSession) -> None:
        invocation = api.enqueue(1, request_id="a")
        await poll(client)
        _, writer = await connect(client)
        head = f"POST {RUNTIME}/invocation/a/response HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
        writer.write(head.encode() + b"\r\ntr")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await invocation).json()["errorType"] == "Runtime.TruncatedResponse"
        _ = api.enqueue(2)
        assert (await poll(client))[1] == b"2"

    run(test)
    assert caplog.records == []


def test_a_dropped_poll_gets_nothing(run: Callable[..., None]) -> None:
    async def test(api: RuntimeAPI, client: ClientSession) -> None:
        dropped = asyncio.create_task(poll(client))
        await api.wait_for_poll()
        dropped.cancel()
        await asyncio.wait([dropped])
        _ = api.enqueue("kept")
        assert (await poll(client))[1] == b'"kept"'

    run(test)


def test_the_journal_can_be_short(run: Callable[..., None]) -> None:
    async def test(api: RuntimeAPI, client: ClientSession) -> None:
        for number in range(3):
            assert await post(client, f"{RUNTIME}/invocation/{number}/error", b"") == 400
        paths = [request.path for request in api.requests]
        assert paths == [f"{RUNTIME}/invocation/{number}/error" for number in (1, 2)]

    run(test)


def test_no_journal() -> None:
    async def test() -> None:
        api = RuntimeAPI(journal=0)
        async with served(api.runner()) as client:
            await post(client, f"{RUNTIME}/init/error", b"{}")
            assert (await api.wait_for_init_error()).json() == {}
            assert api.requests == []

    asyncio.run(test())
