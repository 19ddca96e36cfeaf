"""The time after a response: nobody waits for it, and it belongs to its invocation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest

from lambda_asgi import AsgiHandler
from lambda_runtime import function

from .conftest import make_event

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from lambda_runtime import Context, Outcome
    from lambda_testing import Invoker

START = {"type": "http.response.start", "status": 200, "headers": []}
END = {"type": "http.response.body", "body": b"end"}


def then(work: Callable[[], Any]) -> Any:
    """Return an application that works after its response."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(END)
        result = work()
        if result is not None:
            await result

    return app


def test_the_response_comes_before_the_work_that_follows_it(invoke: Invoker) -> None:
    steps: list[str] = []

    def see_end(event: Any, context: Context) -> Generator[None, Outcome]:
        yield
        steps.append("delivered")

    for streaming in (False, True):
        steps.clear()
        # It blocks the event loop: it would hold up a response that is not yet sent.
        app = then(lambda: steps.append("work"))
        handler = AsgiHandler(app, lifespan="off", streaming=streaming)
        result = invoke(function(observers=[see_end])(handler), make_event())
        assert steps == ["delivered", "work"]
        assert b"end" in result.outcome.body


def test_a_failure_is_logged_and_the_response_stands(invoke: Invoker) -> None:
    def fail() -> None:
        raise OSError("no mail today")

    result = invoke(AsgiHandler(then(fail), lifespan="off"), make_event(path="/order"))
    assert result.value["body"] == "end"
    assert "GET /order failed after its response" in result.output
    assert "no mail today" in result.output


def test_it_ends_with_the_deadline(invoke: Invoker) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("cleaned up")

    result = invoke(AsgiHandler(then(work), lifespan="off"), make_event(), timeout=0.6)
    assert result.value["body"] == "end"
    assert "Task timed out after" in result.output
    assert "in work" in result.output
    assert ended == ["cleaned up"]


def test_a_request_ends_with_the_deadline(invoke: Invoker) -> None:
    ended: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            if scope["path"] == "/late":
                await send(START)
                await send({**END, "more_body": True})
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            ended.append(scope["path"])

    for path, streaming in (("/", False), ("/late", False), ("/", True), ("/late", True)):
        handler = AsgiHandler(app, lifespan="off", streaming=streaming)
        result = invoke(handler, make_event(path=path), timeout=0.6)
        assert ended.pop() == path
        assert "Sandbox.Timedout" in result.output
        assert "in app" in result.output
        if path == "/" or not streaming:
            assert result.error.type == "Sandbox.Timedout"
        else:
            assert result.kind == "stream_error"


def test_leftover_tasks_are_those_of_any_handler(invoke: Invoker) -> None:
    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    async def leaves(scope: Any, receive: Any, send: Any) -> None:
        task = asyncio.create_task(wait(), name="forgotten")
        await then(lambda: None)(scope, receive, send)
        assert not task.done()

    result = invoke(AsgiHandler(leaves, lifespan="off"), make_event())
    assert result.value["body"] == "end"
    assert "The handler left 1 running, which are cancelled: forgotten" in result.output


def test_a_handler_that_nobody_serves_waits_for_the_work() -> None:
    steps: list[str] = []
    handler = AsgiHandler(then(lambda: steps.append("work")), lifespan="off")
    response = asyncio.run(handler(make_event(), None))
    assert (response["body"], steps) == ("end", ["work"])


@pytest.mark.parametrize("streaming", [False, True])
def test_many_requests_run_beside_each_other(streaming: bool, invoke: Invoker) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        arrived.append(scope["path"])
        if len(arrived) == 5:
            all_are_there.set()
        await all_are_there.wait()
        await send(START)
        await send({**END, "body": scope["path"].encode()})

    arrived: list[str] = []
    all_are_there = asyncio.Event()

    async def main() -> list[bytes]:
        handler = AsgiHandler(app, lifespan="off", streaming=streaming)
        events = [make_event(path=f"/{n}") for n in range(5)]
        results = await asyncio.gather(*(invoke.on_loop(handler, event) for event in events))
        return [result.outcome.body for result in results]

    bodies = asyncio.run(main())
    assert [f"/{n}".encode() in body for n, body in enumerate(bodies)] == [True] * 5


async def within_a_time_limit(send: Callable[[Any], Any], work: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        await send(START)
        await send(END)
        await asyncio.sleep(0)
        work()


async def within_a_task_group(send: Callable[[Any], Any], work: Callable[[], Any]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0))
        await send(START)
        await send(END)
        await asyncio.sleep(0)
        work()


async def within_a_cancel_scope(send: Callable[[Any], Any], work: Callable[[], Any]) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep_forever)
        await send(START)
        await send(END)
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    work()


async def from_another_task(send: Callable[[Any], Any], work: Callable[[], Any]) -> None:
    async def respond() -> None:
        await send(START)
        await send({**END, "body": b"", "more_body": True})
        await send(END)
        await asyncio.sleep(0)
        work()

    await asyncio.gather(respond(), asyncio.sleep(0))


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(
    "respond",
    [within_a_time_limit, within_a_task_group, within_a_cancel_scope, from_another_task],
)
def test_an_application_goes_on_where_it_was(
    invoke: Invoker, respond: Callable[..., Any], streaming: bool
) -> None:
    steps: list[str] = []

    def see_end(event: Any, context: Context) -> Generator[None, Outcome]:
        yield
        steps.append("delivered")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, lambda: steps.append("work"))
        await receive()
        assert await receive() == {"type": "http.disconnect"}
        steps.append("returned")

    handler = AsgiHandler(app, lifespan="off", streaming=streaming)
    result = invoke(function(observers=[see_end])(handler), make_event())
    assert steps == ["delivered", "work", "returned"]
    assert b"end" in result.outcome.body
    assert "failed" not in result.logs


async def catches_its_own_timeout() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await asyncio.Event().wait()


async def cancels_what_it_waits_for() -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def waits_for_what_fails() -> None:
    async def fail() -> None:
        raise OSError("closed")

    with pytest.raises(OSError, match="closed"):
        await asyncio.create_task(fail())


async def waits_twice_for_one_future() -> None:
    future = asyncio.get_running_loop().create_future()
    future.get_loop().call_soon(future.set_result, None)
    await asyncio.wait({future})
    await future


@pytest.mark.parametrize(
    "wait",
    [
        catches_its_own_timeout,
        cancels_what_it_waits_for,
        waits_for_what_fails,
        waits_twice_for_one_future,
    ],
)
def test_an_application_waits_as_in_any_task(invoke: Invoker, wait: Callable[[], Any]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await wait()
        await send(START)
        await send(END)
        await wait()

    result = invoke(AsgiHandler(app, lifespan="off"), make_event())
    assert result.value["body"] == "end"
    assert "failed" not in result.logs
